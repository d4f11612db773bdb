import type { Window } from "../../finding.ts";
import { MINUTE } from "../../rules/sign-in-traits.ts";
import type { RefusalGroup } from "../sign-in-groups.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

const REFUSALS = 3;
const SPAN = 60 * MINUTE;

/**
 * Flags MFA requests that an account refused again and again within an hour, from abroad: an attacker has the password
 * and hopes that the victim gives in. At home it is mostly a phone without reception.
 * @see https://attack.mitre.org/techniques/T1621/
 */
export function refusedMfa({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  return signIns.refusals.flatMap((group, index) => {
    const abroad = group.refusals.filter(
      ({ country }) => country !== null && !signIns.home.countries.includes(country),
    );
    const burst = densest(abroad);
    const last = burst.at(-1);
    if (last === undefined || burst.length < REFUSALS || signIns.home.countries.length === 0) return [];
    const accepted = signIns.foreign.some(
      (visit) => visit.user === group.user && visit.last !== null && visit.last >= last.at,
    );
    return createTenantFinding(
      {
        check: "signins",
        rule: "refused-mfa",
        key: group.user,
        severity: accepted ? "high" : "medium",
        confidence: "medium",
        title: accepted
          ? `MFA requests refused until one was accepted: ${group.user}`
          : `MFA requests refused again and again: ${group.user}`,
        why: `The second factor was refused ${burst.length} times within an hour, last from ${last.network}${accepted ? ", and then a sign-in from abroad succeeded" : ""}.`,
        evidence: [
          {
            ...signInSource,
            path: `${signInSource.path}.refusals[${index}]`,
            fields: { user: group.user, refusals: burst.map(({ at, network }) => `${at} ${network}`) },
          },
        ],
        span: { first: burst[0]?.at ?? null, last: last.at },
        attack: ["T1621"],
        recommendation: {
          action: accepted ? "block_sign_in" : "reset_password",
          text: accepted
            ? `Block sign-in of ${group.user}, reset the password and revoke sessions.`
            : `Unless ${group.user} was there, reset the password: it is known to somebody else.`,
          reversible: accepted,
        },
        suspects: accepted ? [group.user] : [],
      },
      window,
    );
  });
}

/** The most refusals that lie within an hour; they stand in the order of their times. */
function densest(refusals: RefusalGroup["refusals"]): RefusalGroup["refusals"] {
  let best: RefusalGroup["refusals"] = [];
  refusals.forEach((refusal, index) => {
    const end = Date.parse(refusal.at) + SPAN;
    const burst = refusals.slice(index).filter(({ at }) => Date.parse(at) <= end);
    if (burst.length > best.length) best = burst;
  });
  return best;
}
