import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { MFA_REFUSED } from "../indicators/sign-in-facts.ts";
import type { SignIn } from "../sign-in.ts";
import { isForeign, MINUTE, placeOf, successAfter } from "./sign-in-traits.ts";

const REFUSALS = 3;
const SPAN = 60 * MINUTE;

/**
 * Flags MFA requests that were refused again and again within an hour, as when an attacker who has the password hopes
 * that the victim gives in. A success from elsewhere right after them means that they did. At home it is mostly a
 * phone without reception.
 * @see https://attack.mitre.org/techniques/T1621/
 */
export function mfaFatigue({ signIns, home }: Evidence, window: Window): Finding[] {
  const refused = signIns.filter(({ errorCode }) => errorCode === MFA_REFUSED);
  const burst = densest(refused);
  const last = burst.at(-1);
  if (last === undefined || burst.length < REFUSALS) return [];

  const away = burst.filter((signIn) => isForeign(signIn, home));
  const success = successAfter(signIns, last, SPAN, (next) => isForeign(next, home));
  const severity: Severity = success !== undefined ? "high" : away.length >= REFUSALS ? "medium" : "low";
  const outcome = success === undefined ? "" : `, and then a sign-in from ${placeOf(success)} succeeded`;
  return [
    createSignInFinding(
      {
        rule: "mfa-fatigue",
        key: "all",
        severity,
        confidence: "medium",
        title:
          success === undefined
            ? "MFA requests refused again and again"
            : "MFA requests refused until one was accepted",
        why: `The second factor was refused ${burst.length} times within an hour, from ${placeOf(away.at(-1) ?? last)}${outcome}.`,
        attack: ["T1621", "T1078.004"],
        recommendation: {
          action: success === undefined ? "reset_password" : "block_sign_in",
          text:
            success === undefined
              ? "Ask the user about the requests; if they were not theirs, reset the password: it is known to somebody else."
              : "Block sign-in, reset the password, revoke sessions, and check the registered MFA methods.",
          reversible: success !== undefined,
        },
      },
      success === undefined ? burst : [...burst, success],
      window,
    ),
  ];
}

/** The most refusals that fall into one hour; `refused` stands in the order of time. */
function densest(refused: readonly SignIn[]): SignIn[] {
  let best: SignIn[] = [];
  let first = 0;
  refused.forEach((signIn, index) => {
    if (signIn.at === undefined) return;
    while (signIn.at - (refused[first]?.at ?? 0) > SPAN) first++;
    if (index + 1 - first > best.length) best = refused.slice(first, index + 1);
  });
  return best;
}
