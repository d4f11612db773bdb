import { quote, type Window } from "../../finding.ts";
import { ALMIGHTY_ROLES, isRoleIn } from "../../indicators/directory-roles.ts";
import { listed } from "../../rules/sign-in-traits.ts";
import type { RoleHolder } from "../person.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/**
 * Flags holders of admin roles who should give pause: accounts under suspicion, accounts that were only just created,
 * and guests who can do everything. The rest is mentioned in one line, since the reader would ask.
 * @see https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/best-practices
 */
export function adminRoles(
  { roleHolders, people }: TenantEvidence,
  window: Window,
  suspects: ReadonlySet<string>,
): TenantFinding[] {
  const persons = new Map(people.map((person) => [person.id, person]));
  const findings = roleHolders.flatMap((holder): TenantFinding[] => {
    const person = persons.get(holder.principalId);
    const created = person?.created;
    const about = { holder, created, window };
    if (suspects.has(holder.name)) {
      const why = "its sign-ins or its risk are under suspicion";
      return [holderFinding({ ...about, rule: "suspect-admin", severity: "critical", why })];
    }
    if (created !== undefined && created >= window.start) {
      const why = "the account was created within the time that was looked at";
      return [holderFinding({ ...about, rule: "new-admin", severity: "high", why })];
    }
    if (
      isRoleIn(ALMIGHTY_ROLES, holder.role) &&
      (person?.isGuest === true || holder.name.includes("#ext#"))
    ) {
      const why = "it is a guest, whose own organisation decides how it signs in";
      return [holderFinding({ ...about, rule: "guest-admin", severity: "medium", why })];
    }
    return [];
  });
  return [...findings, ...mention(roleHolders, window)];
}

function holderFinding({
  holder,
  created,
  rule,
  severity,
  why,
  window,
}: {
  holder: RoleHolder;
  created: number | undefined;
  rule: string;
  severity: "critical" | "high" | "medium";
  why: string;
  window: Window;
}): TenantFinding {
  return createTenantFinding(
    {
      check: "admin_roles",
      rule,
      key: `${holder.principalId} ${holder.role}`,
      severity,
      title: `${quote(holder.name)} is ${holder.role}`,
      why: `The account holds the role, and ${why}.`,
      evidence: [
        { ...holder.source, fields: { holder: holder.name, role: holder.role, created: toTime(created) } },
      ],
      span: { first: toTime(created), last: null },
      attack: ["T1098.003", "T1078.004"],
      recommendation: {
        action: severity === "critical" ? "block_sign_in" : "review_role",
        text:
          severity === "critical"
            ? `Block sign-in of ${quote(holder.name)} first of all, and look at what it did as ${holder.role}.`
            : `Ask whether ${quote(holder.name)} should be ${holder.role}; if not, take the role away.`,
        reversible: true,
      },
    },
    window,
  );
}

function mention(holders: readonly RoleHolder[], window: Window): TenantFinding[] {
  if (holders.length === 0) return [];
  const count = new Set(holders.map(({ principalId }) => principalId)).size;
  const global = holders.filter(({ role }) => role === "Global Administrator").map(({ name }) => quote(name));
  return [
    createTenantFinding(
      {
        check: "admin_roles",
        rule: "admins",
        key: "all",
        severity: "info",
        title: count === 1 ? "1 account holds admin roles" : `${count} accounts hold admin roles`,
        why:
          global.length > 0
            ? `Global ${global.length === 1 ? "Administrator is" : "Administrators are"} ${listed(global)}.`
            : "None of them is Global Administrator, as far as could be seen.",
        evidence: holders.map(({ source, name, role }) => ({ ...source, fields: { holder: name, role } })),
        span: { first: null, last: null },
        attack: [],
        recommendation: { action: "none", text: "Nothing to do.", reversible: true },
      },
      window,
    ),
  ];
}
