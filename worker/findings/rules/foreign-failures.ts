import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { STOPPED_AFTER_PASSWORD } from "../indicators/sign-in-facts.ts";
import { countryNames, isForeign, times } from "./sign-in-traits.ts";

/**
 * Mentions sign-ins from abroad that failed before the password was right. Every account on the internet is tried
 * like this, so it is no sign of anything, and still the reader would ask.
 */
export function foreignFailures({ signIns, home }: Evidence, window: Window): Finding[] {
  const failed = signIns.filter(
    ({ succeeded, errorCode, ...signIn }) =>
      !succeeded &&
      errorCode !== undefined &&
      !STOPPED_AFTER_PASSWORD.has(errorCode) &&
      isForeign({ succeeded, errorCode, ...signIn }, home),
  );
  if (failed.length === 0) return [];
  return [
    createSignInFinding(
      {
        rule: "foreign-failures",
        key: "all",
        severity: "info",
        title: "Failed sign-ins from abroad",
        why: `Somebody tried and failed ${times(failed.length)} from ${countryNames(failed)}; such noise reaches every account.`,
        attack: ["T1110.003"],
        recommendation: { action: "none", text: "Nothing to do as long as MFA is on.", reversible: true },
      },
      failed,
      window,
    ),
  ];
}
