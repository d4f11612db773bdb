import type { Evidence } from "../evidence.ts";
import { createSignInFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { groupBy, isForeign, placeOf, times } from "./sign-in-traits.ts";

/** Values of `authenticationProtocol`, which only the beta endpoint returns. */
const PROTOCOLS: ReadonlyMap<string, { name: string; attack: string[] }> = new Map([
  ["deviceCode", { name: "the device code flow", attack: ["T1528", "T1566"] }],
  ["ropc", { name: "a password handed to a program (ROPC)", attack: ["T1078.004"] }],
]);

/**
 * Flags successful sign-ins by device code or by ROPC. Phishers send victims a device code to type in, and the token
 * goes to them; ROPC skips MFA. Both have honest uses on command lines and meeting-room screens, so at home they are low.
 * @see https://www.microsoft.com/en-us/security/blog/2025/02/13/storm-2372-conducts-device-code-phishing-campaign/
 */
export function deviceCode({ signIns, home }: Evidence, window: Window): Finding[] {
  const successes = signIns.filter((signIn) => signIn.succeeded);
  const special = successes.filter(({ protocol }) => PROTOCOLS.has(protocol ?? ""));

  return [...groupBy(special, ({ protocol }) => protocol ?? "")].flatMap(([protocol, group]) => {
    const known = PROTOCOLS.get(protocol);
    const foreign = group.filter((signIn) => isForeign(signIn, home) && !signIn.managedDevice);
    const [shown] = [...foreign, ...group];
    if (known === undefined || shown === undefined) return [];
    return createSignInFinding(
      {
        rule: "device-code",
        key: protocol,
        severity: foreign.length > 0 ? "high" : "low",
        confidence: "medium",
        title: protocol === "ropc" ? "Sign-in that skips MFA by ROPC" : "Sign-in by device code",
        why: `Signed in ${times(group.length)} by ${known.name}, from ${placeOf(shown)} to ${quote(shown.appName ?? "an unnamed app")}.`,
        attack: known.attack,
        recommendation: {
          action: "review_sign_in",
          text: "Ask the user whether they entered a code or ran a program then; if not, block sign-in and revoke sessions.",
          reversible: true,
        },
      },
      group,
      window,
    );
  });
}
