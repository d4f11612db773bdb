import type { Window } from "../../finding.ts";
import { countryName, times } from "../../rules/sign-in-traits.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/** A person who forgot their password gives up, or asks, before this. */
const GUESSES = 10;

/**
 * Flags an account into which a foreign place signed in that had tried its password again and again. At home it is
 * mostly a phone with an old password, whose owner signs in next to it.
 * @see https://attack.mitre.org/techniques/T1110/001/
 */
export function guessedPassword({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  return signIns.targets.flatMap((target, index) => {
    const guessing = target.networks.filter(({ failures }) => failures >= GUESSES);
    const visit = signIns.foreign.find(
      ({ user, networks, ways }) =>
        user === target.user &&
        ways.managed === 0 &&
        guessing.some(({ network }) => networks.includes(network)),
    );
    const from = guessing.find(({ network }) => visit?.networks.includes(network));
    if (visit === undefined || from === undefined) return [];
    return createTenantFinding(
      {
        check: "signins",
        rule: "guessed-password",
        key: target.user,
        severity: "high",
        title: `The password of ${target.user} was guessed`,
        why: `From ${from.network} in ${countryName(visit.country)} it was tried ${times(from.failures)}, and a sign-in from there succeeded.`,
        evidence: [
          {
            ...signInSource,
            path: `${signInSource.path}.targets[${index}]`,
            fields: { ...target, networks: [from.network] },
          },
          { ...signInSource, fields: { ...visit } },
        ],
        span: { first: target.first, last: visit.last },
        attack: ["T1110.001", "T1078.004"],
        recommendation: {
          action: "block_sign_in",
          text: `Block sign-in of ${target.user}, reset the password and revoke sessions.`,
          reversible: true,
        },
        suspects: [target.user],
      },
      window,
    );
  });
}
