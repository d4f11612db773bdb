import type { AuditEvent } from "./audit-event.ts";
import { type InboxRule, type MailboxContext, toInboxRule } from "./inbox-rule.ts";

/** A change of an inbox rule as a log has it. The rule itself may be gone: attackers tidy up. */
export interface InboxRuleChange {
  event: AuditEvent;
  name: string | undefined;
  /** What was set; `undefined` where the log has no parameters, as for changes made in Outlook. */
  inboxRule: InboxRule | undefined;
}

/** Parameters of New-InboxRule that are lists, which the log joins by semicolons. */
const LISTS = /(Words|Address(es)?|To|From)$/i;

export function toInboxRuleChange(event: AuditEvent, context: MailboxContext): InboxRuleChange {
  const entries = [...event.details].map(([key, value]): [string, unknown] => [
    key.charAt(0).toLowerCase() + key.slice(1),
    LISTS.test(key) ? value.split(";").map((part) => part.trim()) : value,
  ]);
  const value = Object.fromEntries(entries);
  const name = event.details.get("Name") ?? event.details.get("RuleName");
  const hasParameters = event.details.has("Name") || event.details.has("Identity");
  return {
    event,
    name,
    inboxRule: hasParameters
      ? toInboxRule({ kind: "exchangeRule", value: { ...value, name }, source: event.source }, context)
      : undefined,
  };
}
