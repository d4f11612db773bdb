import type { Window } from "../../finding.ts";
import { countryName, listed } from "../../rules/sign-in-traits.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/** Below this, it is people who mistype. */
const ATTEMPTS = 20;

/**
 * Mentions passwords that were tried and were wrong. That reaches every tenant every day and is no sign of anything, and
 * still the reader would ask.
 */
export function failedAttempts({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  const { counts, networks, targets, tried_from: from, home } = signIns;
  if (counts.tried < ATTEMPTS) return [];
  const abroad = from.filter(({ country }) => country !== null && !home.countries.includes(country));
  const places = abroad.length === 0 ? "" : `, most of them from ${listed(abroad.map(named))}`;
  const locked =
    counts.lockouts === 0 ? "" : ` ${counts.lockouts} met a locked account or a blocked address.`;
  return [
    createTenantFinding(
      {
        check: "signins",
        rule: "failed-attempts",
        key: "all",
        severity: "info",
        title: "Passwords were tried (spray noise)",
        why: `${counts.tried} sign-ins failed for a wrong password or an unknown account${places}; such noise reaches every tenant.${locked}`,
        evidence: [
          {
            ...signInSource,
            fields: {
              attempts: counts.tried,
              lockouts: counts.lockouts,
              networks: networks.slice(0, 5).map(({ network, failures }) => `${network}: ${failures}`),
              accounts: targets.slice(0, 5).map(({ user, failures }) => `${user}: ${failures}`),
            },
          },
        ],
        span: signIns,
        attack: ["T1110.003"],
        recommendation: {
          action: "none",
          text: "Nothing to do as long as MFA is on and legacy protocols are blocked.",
          reversible: true,
        },
      },
      window,
    ),
  ];
}

function named({ country }: { country: string | null }): string {
  return countryName(country ?? undefined);
}
