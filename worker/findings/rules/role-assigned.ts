import type { AuditEvent } from "../audit-event.ts";
import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { ALMIGHTY_ROLES, isRoleIn, PRIVILEGED_ROLES } from "../indicators/directory-roles.ts";
import { actorOf, eventsOf, happening, isAccount } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { MINUTE } from "./sign-in-traits.ts";

/**
 * Flags directory roles that the account gave or got in the window. A role over the whole tenant is critical, since
 * nobody gives one in passing; a lesser privileged one counts around a doubtful sign-in.
 * @see https://attack.mitre.org/techniques/T1098/003/
 */
export function roleAssigned(evidence: Evidence, window: Window): Finding[] {
  return eventsOf(evidence, ["role-assigned"], window)
    .filter((event) => !isActivation(event, evidence))
    .map((event) => {
      const role = roleOf(event);
      const byAccount = isAccount(event.actor, evidence);
      const toAccount = event.targets.some((target) => isAccount(target, evidence));
      const other = event.targets.find(({ upn }) => upn !== undefined)?.upn;
      const whom = toAccount ? "this account" : quote(other ?? "another account");
      return createDatedFinding(
        {
          check: "directory_audits",
          rule: "role-assigned",
          key: `${role} ${event.id}`,
          severity: rate(role, event, evidence),
          title: toAccount
            ? "The account was given a directory role"
            : "The account gave somebody a directory role",
          why: `${byAccount ? "The account" : quote(actorOf(event))} gave ${whom} the role "${quote(role)}".`,
          evidence: [auditEvidence(event)],
          attack: ["T1098.003"],
          recommendation: {
            action: "remove_role",
            text: "Ask the customer's administrator by phone who wanted this role; if nobody did, remove it and look at the whole tenant.",
            reversible: true,
          },
        },
        [event.at],
        window,
      );
    });
}

/**
 * Whether Privileged Identity Management carried out the activation of a role. The log's own event beside it tells:
 * the name "MS-PIM" alone could be any app's.
 */
export function isActivation({ actor, at }: AuditEvent, { audits }: Pick<Evidence, "audits">): boolean {
  if (actor.upn !== undefined || at === undefined) return false;
  return audits.some(
    (other) =>
      /\(PIM activation\)$/i.test(other.activity) &&
      other.at !== undefined &&
      Math.abs(other.at - at) <= ACTIVATION_TAKES,
  );
}
const ACTIVATION_TAKES = 10 * MINUTE;

export function roleOf({ details, targets }: AuditEvent): string {
  const named = details.get("Role.DisplayName") ?? details.get("Role.WellKnownObjectName");
  return named ?? targets.find(({ upn, name }) => upn === undefined && name !== undefined)?.name ?? "unknown";
}

function rate(role: string, event: AuditEvent, evidence: Evidence): Severity {
  if (isRoleIn(ALMIGHTY_ROLES, role)) return "critical";
  if (!isRoleIn(PRIVILEGED_ROLES, role)) return "low";
  return doubtfulNear(evidence, [happening(event)]) === undefined ? "low" : "high";
}
