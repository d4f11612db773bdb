import type { AuditEvent } from "../../audit-event.ts";
import { quote, type Window } from "../../finding.ts";
import { groupBy, listed } from "../../rules/sign-in-traits.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/**
 * Mentions guests that were invited. Staff invite partners every day, so it is low; an attacker keeps a way in by it, so
 * it is medium where the inviter is under suspicion.
 * @see https://learn.microsoft.com/en-us/entra/external-id/auditing-and-reporting
 */
export function guestsInvited(
  { audits }: TenantEvidence,
  window: Window,
  suspects: ReadonlySet<string>,
): TenantFinding[] {
  const invitations = audits.filter(
    ({ activity, succeeded }) => /^Invite external user\b/i.test(activity) && succeeded,
  );
  const inviter = ({ actor }: AuditEvent) => actor.upn?.toLowerCase() ?? actor.app ?? "an unnamed inviter";
  const bySuspect = invitations.filter((change) => suspects.has(inviter(change)));
  const byStaff = invitations.filter((change) => !suspects.has(inviter(change)));
  const finding = (key: string, group: readonly AuditEvent[], severity: "medium" | "low") =>
    createTenantFinding(
      {
        check: "directory_audits",
        rule: "guest-invited",
        key,
        severity,
        title:
          severity === "low"
            ? `${group.length} ${group.length === 1 ? "guest was" : "guests were"} invited`
            : `${key}, which is under suspicion, invited ${group.length} ${group.length === 1 ? "guest" : "guests"}`,
        why: `${listed(group.map(invited))} by ${listed([...new Set(group.map(inviter))].map((name) => quote(name)))}.`,
        evidence: group.map((change) => ({
          ...change.source,
          fields: {
            time: toTime(change.at),
            guest: invited(change),
            by: inviter(change),
            ip: change.actor.ip,
          },
        })),
        span: { first: toTime(group[0]?.at), last: toTime(group.at(-1)?.at) },
        attack: ["T1136.003"],
        recommendation: {
          action: severity === "low" ? "none" : "remove_guest",
          text: `Ask ${quote(key)} by phone about the guests, and delete those that nobody knows.`,
          reversible: true,
        },
      },
      window,
    );
  return [
    ...[...groupBy(bySuspect, inviter)].map(([name, group]) => finding(name, group, "medium")),
    ...(byStaff.length > 0 ? [finding("staff", byStaff, "low")] : []),
  ];
}

function invited({ details, targets }: AuditEvent): string {
  const address =
    details.get("invitedUserEmailAddress") ?? targets.map(({ upn, name }) => upn ?? name).find(Boolean);
  return quote(address ?? "a guest without an address");
}
