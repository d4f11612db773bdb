import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { SignIn } from "../sign-in.ts";
import { placeOf, times } from "./sign-in-traits.ts";

/** States in which somebody, or Microsoft, has already dealt with the risk. */
export const SETTLED: ReadonlySet<string> = new Set(["confirmedSafe", "remediated", "dismissed"]);

/**
 * Repeats Microsoft's own judgement of sign-ins: confirmed as compromised, or a success at high risk. "hidden" is what
 * tenants without Entra ID P2 get, and means unknown.
 * @see https://learn.microsoft.com/en-us/graph/api/resources/signin (riskLevelDuringSignIn, riskState)
 */
export function riskySignIn({ signIns }: Evidence, window: Window): Finding[] {
  const confirmed = signIns.filter(({ riskState }) => riskState === "confirmedCompromised");
  const high = signIns.filter(
    ({ succeeded, riskLevel, riskState }) =>
      succeeded &&
      riskLevel === "high" &&
      riskState !== "confirmedCompromised" &&
      !SETTLED.has(riskState ?? ""),
  );
  return [...confirmedFinding(confirmed, window), ...highFinding(high, window)];
}

function confirmedFinding(signIns: readonly SignIn[], window: Window): Finding[] {
  const [first] = signIns;
  if (first === undefined) return [];
  return [
    createSignInFinding(
      {
        rule: "confirmed-compromised",
        key: "all",
        severity: "critical",
        title: "Microsoft has a sign-in as confirmed compromised",
        why: `A sign-in from ${placeOf(first)} is marked as confirmed compromised, by Microsoft or by an administrator.`,
        attack: ["T1078.004"],
        recommendation: {
          action: "block_sign_in",
          text: "Block sign-in, reset the password and revoke sessions.",
          reversible: true,
        },
      },
      signIns,
      window,
    ),
  ];
}

function highFinding(signIns: readonly SignIn[], window: Window): Finding[] {
  const [first] = signIns;
  if (first === undefined) return [];
  return [
    createSignInFinding(
      {
        rule: "risky-sign-in",
        key: "high",
        severity: "high",
        title: "Successful sign-in that Microsoft rates as high risk",
        why: `Signed in ${times(signIns.length)} at high risk, first from ${placeOf(first)}.`,
        attack: ["T1078.004"],
        recommendation: {
          action: "block_sign_in",
          text: "Unless the user can explain it by phone, block sign-in, reset the password and revoke sessions.",
          reversible: true,
        },
      },
      signIns,
      window,
    ),
  ];
}
