import type { Evidence } from "../evidence.ts";
import { createSignInFinding, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { KIT_APPS, KIT_USER_AGENTS, STOPPED_AFTER_PASSWORD } from "../indicators/sign-in-facts.ts";
import type { SignIn } from "../sign-in.ts";
import { groupBy, placeOf } from "./sign-in-traits.ts";

/**
 * Flags sign-ins by the programs of phishing kits that relay the victim's password and second factor: a Node.js user
 * agent at the applications that only browsers open. Elsewhere such a user agent is mostly somebody's own script.
 * @see https://attack.mitre.org/techniques/T1557/
 * @see https://github.com/elastic/detection-rules (Entra ID Potential AiTM Sign-In via OfficeHome, Tycoon2FA)
 */
export function phishingKit({ signIns }: Evidence, window: Window): Finding[] {
  const suspects = signIns.flatMap((signIn) => {
    const severity = kitSeverity(signIn);
    return severity === undefined ? [] : [{ signIn, severity }];
  });
  return [...groupBy(suspects, ({ severity }) => severity)].flatMap(([severity, group]) => {
    const first = group[0]?.signIn;
    if (first === undefined) return [];
    const app = KIT_APPS.get(first.appId ?? "") ?? quote(first.appName ?? "an unnamed app");
    return createSignInFinding(
      {
        rule: "phishing-kit",
        key: severity,
        severity,
        confidence: severity === "critical" ? "high" : "medium",
        title:
          severity === "critical"
            ? "Signed in through a phishing kit"
            : "Sign-in by a program that phishing kits use",
        why: `The user agent "${quote(first.userAgent ?? "")}" ${first.succeeded ? "signed in" : "tried to sign in"} to ${app} from ${placeOf(first)}.`,
        attack: ["T1557", "T1539"],
        recommendation: {
          action: severity === "low" ? "review_sign_in" : "block_sign_in",
          text:
            severity === "low"
              ? "Ask the user whether they run a script of their own."
              : "Block sign-in, revoke sessions and reset the password: the kit has the session, and MFA does not stop it.",
          reversible: true,
        },
      },
      group.map(({ signIn }) => signIn),
      window,
    );
  });
}

/** How much a sign-in's user agent says; `undefined` if it is not that of a kit. */
export function kitSeverity({ userAgent, appId, succeeded, errorCode }: SignIn): Severity | undefined {
  if (userAgent === undefined || !KIT_USER_AGENTS.some((pattern) => pattern.test(userAgent)))
    return undefined;
  if (!KIT_APPS.has(appId ?? "")) return "low";
  if (succeeded) return "critical";
  return errorCode !== undefined && STOPPED_AFTER_PASSWORD.has(errorCode) ? "medium" : "low";
}
