import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { LOCKED_OUT, WRONG_PASSWORD } from "../indicators/sign-in-facts.ts";
import type { SignIn } from "../sign-in.ts";
import { groupBy, isForeign, placeOf, times } from "./sign-in-traits.ts";

/** A person who forgot their password gives up, or asks, before this. */
const GUESSES = 10;

/**
 * Flags guessing of this account's password: high if an address that guessed got in later, otherwise low, since
 * Microsoft's lockout did its work and guessing reaches every account. A few wrong passwords are nothing.
 * @see https://attack.mitre.org/techniques/T1110/
 */
export function passwordGuessing({ signIns, home }: Evidence, window: Window): Finding[] {
  const guesses = signIns.filter(({ errorCode }) => errorCode === WRONG_PASSWORD || errorCode === LOCKED_OUT);
  const guessed = [...groupBy(guesses, ({ ip }) => ip)].flatMap(([ip, group]) => {
    const last = group.at(-1);
    if (ip === undefined || last === undefined || group.length < GUESSES) return [];
    const success = signIns.find(
      (next) => next.succeeded && next.ip === ip && (next.at ?? 0) > (last.at ?? 0),
    );
    // At home it is the office, where some phone holds an old password and its owner signs in next to it.
    return success !== undefined && isForeign(success, home) ? [guessedRight(group, success, window)] : [];
  });
  if (guessed.length > 0) return guessed;

  const lockouts = guesses.filter(({ errorCode }) => errorCode === LOCKED_OUT).length;
  if (lockouts === 0 && guesses.length < GUESSES) return [];
  return [
    createSignInFinding(
      {
        rule: "password-guessing",
        key: "all",
        severity: "low",
        title: "The password was guessed at",
        why: `A wrong password was tried ${times(guesses.length - lockouts)}, and the account was locked or the address blocked ${times(lockouts)}.`,
        attack: ["T1110"],
        recommendation: {
          action: "none",
          text: "Nothing urgent: no address that guessed got in. See that MFA is on and legacy protocols are blocked.",
          reversible: true,
        },
      },
      guesses,
      window,
    ),
  ];
}

function guessedRight(group: readonly SignIn[], success: SignIn, window: Window): Finding {
  return createSignInFinding(
    {
      rule: "password-guessing",
      key: success.ip ?? "",
      severity: "high",
      title: "The password was guessed",
      why: `After ${group.length} wrong passwords from ${placeOf(success)}, a sign-in from the same address succeeded.`,
      attack: ["T1110.001", "T1078.004"],
      recommendation: {
        action: "block_sign_in",
        text: "Block sign-in, reset the password and revoke sessions.",
        reversible: true,
      },
    },
    [success, ...group],
    window,
  );
}
