import { createFinding, inboxRuleEvidence } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { nameOf } from "./inbox-rule-traits.ts";

/**
 * Reports an inbox rule of which the evidence doesn't say what it does. Graph leaves out conditions and actions that
 * it can't model, such as "received after", so an empty record is not a harmless one. The verdict can then be no
 * better than "inconclusive"; by itself it accuses nobody.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3336
 */
export function uninspectableInboxRule(inboxRule: InboxRule): Finding | undefined {
  if (inboxRule.inspectable) return undefined;
  return createFinding({
    check: "inbox_rules",
    rule: "uninspectable-inbox-rule",
    key: inboxRule.id,
    severity: "low",
    confidence: "low",
    title: "Inbox rule that could not be inspected",
    why: `${nameOf(inboxRule)} was listed without what it does, so nothing can be said about it.`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: [],
    recommendation: {
      action: "inspect_inbox_rule",
      text: "Look at it in Outlook on the web, or with Get-InboxRule -IncludeHidden in Exchange Online PowerShell.",
      reversible: true,
    },
    links: ["https://learn.microsoft.com/en-us/powershell/module/exchange/get-inboxrule"],
  });
}
