import { quote, type Window } from "../../finding.ts";
import { listed } from "../../rules/sign-in-traits.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/** Mentions accounts that were created, guests apart: people are hired, and attackers create accounts to stay. */
export function newUsers({ people }: TenantEvidence, window: Window): TenantFinding[] {
  const created = people
    .filter(({ created: at, isGuest }) => at !== undefined && at >= window.start && !isGuest)
    .sort((a, b) => (a.created ?? 0) - (b.created ?? 0));
  if (created.length === 0) return [];
  return [
    createTenantFinding(
      {
        check: "new_users",
        rule: "new-users",
        key: "all",
        severity: "info",
        title: `${created.length} ${created.length === 1 ? "account was" : "accounts were"} created`,
        why: `${listed(created.map(({ upn }) => quote(upn)))}.`,
        evidence: created.map(({ source, upn, created: at }) => ({
          ...source,
          fields: { user: upn, created: toTime(at) },
        })),
        span: { first: toTime(created[0]?.created), last: toTime(created.at(-1)?.created) },
        attack: ["T1136.003"],
        recommendation: { action: "none", text: "See that the customer knows them.", reversible: true },
      },
      window,
    ),
  ];
}
