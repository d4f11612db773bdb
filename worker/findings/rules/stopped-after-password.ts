import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { STOPPED_AFTER_PASSWORD } from "../indicators/sign-in-facts.ts";
import {
  countryName,
  groupBy,
  isForeign,
  knownDevices,
  MINUTE,
  placeOf,
  successAfter,
  times,
} from "./sign-in-traits.ts";

/**
 * Flags sign-ins from abroad that had the right password and were stopped by MFA or Conditional Access: somebody else
 * knows the password. Quiet at home, where each sign-in begins so, on the user's own devices, and where the second factor came a moment later:
 * that one succeeded, and foreign-sign-in speaks of it.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export function stoppedAfterPassword(evidence: Evidence, window: Window): Finding[] {
  const { signIns, home } = evidence;
  const known = knownDevices(evidence);
  const stopped = signIns.filter(
    (signIn) =>
      signIn.errorCode !== undefined &&
      STOPPED_AFTER_PASSWORD.has(signIn.errorCode) &&
      isForeign(signIn, home) &&
      !signIn.managedDevice &&
      !(signIn.deviceId !== undefined && known.has(signIn.deviceId)) &&
      successAfter(signIns, signIn, 30 * MINUTE, (next) => isSameAttempt(signIn, next)) === undefined,
  );
  return [...groupBy(stopped, ({ country }) => country)].flatMap(([country, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const by = first.errorCode === 53003 ? "Conditional Access" : "the second factor";
    return createSignInFinding(
      {
        rule: "stopped-after-password",
        key: country ?? "",
        severity: "medium",
        title: `Right password from ${countryName(country)}, stopped afterwards`,
        why: `Somebody in ${placeOf(first)} gave the right password ${times(group.length)} and was stopped by ${by} (error ${first.errorCode}).`,
        attack: ["T1078.004", "T1110"],
        recommendation: {
          action: "reset_password",
          text: "Unless the user was there, reset the password: it is known to somebody else.",
          reversible: false,
        },
      },
      group,
      window,
    );
  });
}

function isSameAttempt(
  stopped: { correlationId: string | undefined; ip: string | undefined },
  success: { correlationId: string | undefined; ip: string | undefined },
): boolean {
  const sameCorrelation =
    stopped.correlationId !== undefined && stopped.correlationId === success.correlationId;
  return sameCorrelation || (stopped.ip !== undefined && stopped.ip === success.ip);
}
