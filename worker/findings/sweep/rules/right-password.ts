import type { Window } from "../../finding.ts";
import { countryName, listed, times } from "../../rules/sign-in-traits.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { atMost, createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

const MAX_FINDINGS = 15;

/**
 * Flags accounts whose right password came from abroad and was stopped by MFA or Conditional Access: somebody else knows
 * it. Quiet where the same account got in from the same place: that is how a traveller's sign-in begins.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export function rightPassword({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  const findings = signIns.stopped.flatMap((group, index) => {
    const { user, country, count, codes, example } = group;
    const gotIn = signIns.foreign.some((visit) => visit.user === user && visit.country === country);
    if (gotIn) return [];
    const by = codes.every((code) => code === 53003) ? "Conditional Access" : "the second factor";
    return createTenantFinding(
      {
        check: "signins",
        rule: "right-password",
        key: `${user} ${country}`,
        severity: "medium",
        title: `Right password of ${user} from ${countryName(country)}, stopped afterwards`,
        why: `Somebody at ${example.ip ?? "an unknown address"} in ${countryName(country)} gave the right password ${times(count)} and was stopped by ${by} (error ${codes.join(", ")}).`,
        evidence: [
          {
            ...signInSource,
            path: `${signInSource.path}.stopped[${index}]`,
            fields: { ...group, ...example },
          },
        ],
        span: group,
        attack: ["T1078.004", "T1110"],
        recommendation: {
          action: "reset_password",
          text: `Unless ${user} was there, reset the password: it is known to somebody else.`,
          reversible: false,
        },
      },
      window,
    );
  });
  return atMost(findings, MAX_FINDINGS, (rest) =>
    createTenantFinding(
      {
        check: "signins",
        rule: "right-password",
        key: "rest",
        severity: "medium",
        title: `Right passwords of ${rest.length} more accounts from abroad, stopped afterwards`,
        why: `As above; first of them ${listed(rest.map(({ finding }) => finding.title))}.`,
        evidence: rest.flatMap(({ finding }) => finding.evidence),
        span: signIns,
        attack: ["T1078.004", "T1110"],
        recommendation: {
          action: "reset_password",
          text: "Reset the passwords of all of them; the evidence lists them.",
          reversible: false,
        },
      },
      window,
    ),
  );
}
