import type { AuditEvent } from "../../audit-event.ts";
import { isAtLeast, quote, type Window } from "../../finding.ts";
import type { Severity } from "../../findings.ts";
import { ALMIGHTY_ROLES, isRoleIn } from "../../indicators/directory-roles.ts";
import { isActivation, roleOf } from "../../rules/role-assigned.ts";
import { groupBy, listed, times } from "../../rules/sign-in-traits.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

interface ChangeKind {
  rule: string;
  activity: RegExp;
  /** Done by somebody whom nothing else speaks against. */
  alone: (change: AuditEvent, evidence: Pick<TenantEvidence, "audits">) => Severity;
  /** Goes on after "alice@contoso.com ". */
  title: string;
  attack: string[];
  cure: string;
}

/**
 * Changes that give power or take protection away, by the names that Entra gives them. Administrators do most of these
 * in the course of a day, so they are low alone, and weigh when a suspect account is behind them.
 * @see https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-audit-activities
 */
export const CHANGE_KINDS: readonly ChangeKind[] = [
  {
    rule: "federation-changed",
    activity: /^Set (domain authentication|federation settings on domain)\b/i,
    alone: () => "critical",
    title: "changed how a domain signs in",
    attack: ["T1484.002"],
    cure: "Find out whether a federation was planned; if not, set the domain back to managed and revoke all sessions.",
  },
  {
    rule: "mfa-disabled",
    activity: /^Disable Strong Authentication\b/i,
    alone: () => "high",
    title: "switched MFA off for an account",
    attack: ["T1556.006"],
    cure: "Switch MFA on again unless Conditional Access asks for it, and ask why it was switched off.",
  },
  {
    // An activation in PIM is a role that was given before.
    rule: "role-activated",
    activity: /^Add member to role completed \(PIM activation\)/i,
    alone: () => "info",
    title: "activated an admin role",
    attack: ["T1098.003"],
    cure: "Nothing to do if the account's owner did it.",
  },
  {
    rule: "role-added",
    activity: /^Add (eligible )?member (outside of PIM )?to role\b/i,
    // An activation's other half, in the directory's own log.
    alone: (change, evidence) =>
      isActivation(change, evidence) ? "info" : isRoleIn(ALMIGHTY_ROLES, roleOf(change)) ? "high" : "low",
    title: "gave an admin role to somebody",
    attack: ["T1098.003"],
    cure: "Ask whether it was meant; if not, take the role away and look at what the account did with it.",
  },
  {
    rule: "policy-weakened",
    activity: /^(Delete|Update) conditional access policy\b/i,
    alone: (change) =>
      /^Delete/i.test(change.activity) ||
      [...change.details.values()].some((value) => /\\?"state\\?"\s*:\s*\\?"disabled/i.test(value))
        ? "medium"
        : "low",
    title: "changed a Conditional Access policy",
    attack: ["T1556.009"],
    cure: "See in the policy's history what changed, and set it back unless it was meant.",
  },
  {
    rule: "credentials-added",
    activity:
      /^(Add service principal credentials|Update application\s*.\s*Certificates and secrets management)/i,
    alone: () => "low",
    title: "gave an application new credentials",
    attack: ["T1098.001"],
    cure: "Ask whether a certificate or secret was due; if not, remove it and look at the application's sign-ins.",
  },
  {
    rule: "domain-added",
    activity: /^(Add (un)?verified domain|Verify domain)\b/i,
    alone: () => "low",
    title: "added a domain",
    attack: ["T1484.002"],
    cure: "Ask whether the customer knows the domain.",
  },
  {
    rule: "access-pass-created",
    activity: /temporary access pass/i,
    alone: () => "low",
    title: "created a Temporary Access Pass",
    attack: ["T1098.005"],
    cure: "Ask whether somebody was set up anew; if not, delete the pass and revoke the account's sessions.",
  },
];

/** Flags those changes, one finding for each kind and whoever made them. */
export function directoryChanges(
  { audits }: TenantEvidence,
  window: Window,
  suspects: ReadonlySet<string>,
): TenantFinding[] {
  const succeeded = audits.filter((change) => change.succeeded);
  return CHANGE_KINDS.flatMap((kind) => {
    const ours = succeeded.filter(
      (change) => CHANGE_KINDS.find(({ activity }) => activity.test(change.activity)) === kind,
    );
    return [...groupBy(ours, actorOf)].flatMap(([actor, group]) => {
      const suspect = involved(group, suspects);
      const alone = group
        .map((change) => kind.alone(change, { audits }))
        .reduce((worst, each) => (isAtLeast(each, worst) ? each : worst));
      const targets = [...new Set(group.flatMap(targetsOf))].map((name) => quote(name));
      return createTenantFinding(
        {
          check: "directory_audits",
          rule: suspect === undefined ? kind.rule : `${kind.rule}-by-suspect`,
          key: actor,
          severity: suspect === undefined ? alone : worseOf(alone),
          confidence: "medium",
          title: `${quote(actor)} ${kind.title}`,
          why: `It happened ${times(group.length)}${targets.length > 0 ? `, concerning ${listed(targets)}` : ""}${suspect === undefined ? "" : `; ${suspect} is under suspicion for its sign-ins`}.`,
          evidence: group.map((change) => ({
            ...change.source,
            fields: {
              time: toTime(change.at),
              activity: change.activity,
              by: actor,
              ip: change.actor.ip,
              targets: targetsOf(change),
            },
          })),
          span: { first: toTime(group[0]?.at), last: toTime(group.at(-1)?.at) },
          suspects: suspect === undefined ? [] : [suspect],
          attack: kind.attack,
          recommendation: {
            action: isAtLeast(alone, "low") ? "review_change" : "none",
            text: `${quote(actor)}: ${kind.cure}`,
            reversible: true,
          },
        },
        window,
      );
    });
  });
}

function actorOf({ actor }: AuditEvent): string {
  return actor.upn?.toLowerCase() ?? actor.app ?? "an unnamed actor";
}

function targetsOf({ details, targets }: AuditEvent): string[] {
  return [details.get("Role.DisplayName") ?? "", ...targets.map(({ upn, name }) => upn ?? name ?? "")].filter(
    Boolean,
  );
}

/** The suspect who made the change, or to whom it gave something. */
function involved(group: readonly AuditEvent[], suspects: ReadonlySet<string>): string | undefined {
  const names = group.flatMap(({ actor, targets }) =>
    [actor.upn, ...targets.map(({ upn }) => upn)].flatMap((upn) => upn?.toLowerCase() ?? []),
  );
  return names.find((name) => suspects.has(name));
}

function worseOf(alone: Severity): Severity {
  return isAtLeast(alone, "high") ? "critical" : "high";
}
