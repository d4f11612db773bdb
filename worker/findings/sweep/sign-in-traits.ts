import { KIT_APPS, KIT_USER_AGENTS } from "../indicators/sign-in-facts.ts";
import { SETTLED } from "../rules/risky-sign-in.ts";
import { isLegacy } from "../rules/sign-in-traits.ts";
import type { SignIn } from "../sign-in.ts";
import type { Trait } from "./sign-in-groups.ts";

/** What stands out in one sign-in, whoever's it is. Each is a reason to keep it apart; what it means, rules say. */
export function traitsOf(signIn: SignIn): Trait[] {
  const { succeeded, protocol, userAgent = "", appId = "", riskLevel, riskState = "" } = signIn;
  if (riskState === "confirmedCompromised") return ["confirmed-compromised"];
  if (!succeeded) return [];
  const traits: Trait[] = [];
  if (isLegacy(signIn)) traits.push("legacy");
  if (protocol === "deviceCode") traits.push("device-code");
  if (protocol === "ropc") traits.push("ropc");
  if (KIT_APPS.has(appId) && KIT_USER_AGENTS.some((pattern) => pattern.test(userAgent)))
    traits.push("phishing-kit");
  if (riskLevel === "high" && !SETTLED.has(riskState)) traits.push("high-risk");
  return traits;
}
