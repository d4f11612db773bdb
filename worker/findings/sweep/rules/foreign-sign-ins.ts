import type { Window } from "../../finding.ts";
import type { Severity } from "../../findings.ts";
import { countryName, listed, times } from "../../rules/sign-in-traits.ts";
import type { ForeignGroup } from "../sign-in-groups.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { atMost, createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

const MAX_FINDINGS = 15;

/**
 * Flags accounts that signed in from abroad with a password alone, on a computer that nobody manages. Whoever travels
 * with a second factor, or with the company's computer, is mentioned together in one line: a whole tenant travels every
 * day, and only one account's own history tells more (`/breach-check`).
 * @see https://attack.mitre.org/techniques/T1078/004/
 */
export function foreignSignIns({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  const rated = signIns.foreign.map((visit, index) => ({ visit, index, severity: severityOf(visit) }));
  const alone = rated.filter(({ severity }) => severity === "high" || severity === "medium");
  const travellers = rated.filter(({ severity }) => severity === "low");
  const findings = alone.map(({ visit, index, severity }) =>
    createTenantFinding(
      {
        check: "signins",
        rule: "foreign-sign-in",
        key: `${visit.user} ${visit.country}`,
        severity,
        confidence: signIns.home.basis === "organisation" ? "high" : "medium",
        title: `${visit.user} signed in from ${countryName(visit.country)}`,
        why: `Signed in ${times(visit.count)} from ${visit.example.ip ?? "an unknown address"} in ${countryName(visit.country)} ${severity === "high" ? "with a password alone, from an unmanaged device" : "from an unmanaged device, and the record does not tell whether with a second factor"}.`,
        evidence: [
          {
            ...signInSource,
            path: `${signInSource.path}.foreign[${index}]`,
            fields: { ...visit, ...visit.example, ...visit.ways },
          },
        ],
        span: visit,
        attack: ["T1078.004"],
        recommendation: {
          action: "confirm_travel",
          text: `Run /breach-check for ${visit.user} and ask by phone whether they were in ${countryName(visit.country)}.`,
          reversible: true,
        },
        suspects: severity === "high" ? [visit.user] : [],
      },
      window,
    ),
  );
  const shown = atMost(findings, MAX_FINDINGS, (rest) =>
    createTenantFinding(
      {
        check: "signins",
        rule: "foreign-sign-in",
        key: "rest",
        severity: "medium",
        title: `${rest.length} more accounts signed in from abroad without a second factor that shows`,
        why: `As above: ${listed(rest.map(({ finding }) => finding.title))}.`,
        evidence: rest.flatMap(({ finding }) => finding.evidence),
        span: signIns,
        attack: ["T1078.004"],
        recommendation: {
          action: "confirm_travel",
          text: "See whether these people travel; the evidence lists them.",
          reversible: true,
        },
        suspects: rest.flatMap(({ suspects }) => suspects),
      },
      window,
    ),
  );
  return [
    ...shown,
    ...travel(
      travellers.map(({ visit }) => visit),
      { signIns, signInSource },
      window,
    ),
  ];
}

function severityOf({ ways }: ForeignGroup): Severity {
  if (ways.single > 0) return "high";
  return ways.unknown > 0 ? "medium" : "low";
}

function travel(
  visits: readonly ForeignGroup[],
  { signIns, signInSource }: Pick<TenantEvidence, "signIns" | "signInSource">,
  window: Window,
): TenantFinding[] {
  if (visits.length === 0) return [];
  const users = [...new Set(visits.map(({ user }) => user))];
  const countries = [...new Set(visits.map(({ country }) => countryName(country)))];
  return [
    createTenantFinding(
      {
        check: "signins",
        rule: "travel",
        key: "all",
        severity: "low",
        title: `Sign-ins from abroad with a second factor: ${users.length} ${users.length === 1 ? "account" : "accounts"}`,
        why: `${listed(users)} signed in from ${listed(countries)}, with a second factor, on a managed device or in a session that was open already.`,
        evidence: visits.map((visit) => ({ ...signInSource, fields: { ...visit, ...visit.example } })),
        span: signIns,
        attack: ["T1078.004"],
        recommendation: {
          action: "none",
          text: "Nothing urgent; run /breach-check for whoever should not be there.",
          reversible: true,
        },
      },
      window,
    ),
  ];
}
