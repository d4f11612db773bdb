import type { Window } from "../../finding.ts";
import { countryName, listed, times } from "../../rules/sign-in-traits.ts";
import type { NetworkGroup } from "../sign-in-groups.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/** Accounts that one place tries; fewer is a family, or a small office after the holidays. */
const TRIED_USERS = 10;
/** Where people sit, more of them get in than not. */
const MAX_SHARE_OF_SUCCESSES = 1 / 3;

/**
 * Flags a place that tried the passwords of many accounts and got into one. Trying alone is noise that reaches every
 * tenant; see failed-attempts. Accounts on computers that the customer manages do not count: that is an office.
 * @see https://attack.mitre.org/techniques/T1110/003/
 */
export function passwordSpray({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  return signIns.networks.flatMap((group, index) => {
    const victims = victimsOf(group);
    if (victims.length === 0) return [];
    const users = victims.map(({ user }) => user);
    const tried = group.tried_users >= 100 ? "100 or more" : String(group.tried_users);
    const lasts = victims.flatMap(({ last }) => last ?? []).sort();
    return createTenantFinding(
      {
        check: "signins",
        rule: "password-spray",
        key: group.network,
        severity: "critical",
        title: `Password spray that got in: ${listed(users)}`,
        why: `From ${group.network} in ${countryName(group.country ?? undefined)}, passwords of ${tried} accounts were tried ${times(group.failures)}, and ${listed(users)} signed in from there.`,
        evidence: [
          { ...signInSource, path: `${signInSource.path}.networks[${index}]`, fields: { ...group, users } },
        ],
        span: { first: group.first, last: lasts.at(-1) ?? group.last },
        attack: ["T1110.003", "T1078.004"],
        recommendation: {
          action: "block_sign_in",
          text: `Block sign-in of ${listed(users)}, reset the password and revoke sessions; then run /breach-check for each.`,
          reversible: true,
        },
        suspects: users,
      },
      window,
    );
  });
}

function victimsOf({ tried_users: tried, success_users: succeeded, successes, first }: NetworkGroup) {
  if (tried < TRIED_USERS || succeeded > tried * MAX_SHARE_OF_SUCCESSES) return [];
  return successes.filter(
    ({ managed, last }) => !managed && (first === null || last === null || last >= first),
  );
}
