import { createFinding, inboxRuleEvidence, quote, severityOf } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { externalForward } from "./external-forward.ts";
import { hiddenMail } from "./hidden-mail.ts";
import { hasBlankName, hidingOf } from "./inbox-rule-traits.ts";
import { unreadFolder } from "./unread-folder.ts";

/**
 * Flags an inbox rule whose name is empty or nothing but punctuation. Attackers type "." because a name is asked
 * for; so do hurried people, so alone it is a curiosity.
 * @see https://github.com/elastic/detection-rules (inbox rule name of punctuation only, medium)
 */
export function blankName(inboxRule: InboxRule): Finding | undefined {
  if (!hasBlankName(inboxRule)) return undefined;
  // Where the rule is reported for what it does, its name is quoted there.
  if (hiddenMail(inboxRule) ?? externalForward(inboxRule) ?? unreadFolder(inboxRule)) return undefined;

  const hiding = hidingOf(inboxRule);
  return createFinding({
    check: "inbox_rules",
    rule: "blank-name",
    key: inboxRule.id,
    severity: severityOf(inboxRule, hiding === undefined ? "low" : "medium"),
    confidence: "medium",
    title: "Inbox rule without a real name",
    why: `An inbox rule is named "${quote(inboxRule.name ?? "")}"${hiding === undefined ? "." : `, and the mail that it finds is ${hiding.fate}.`}`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1564.008"],
    recommendation: {
      action: "inspect_inbox_rule",
      text: "Ask the user whether they made this rule.",
      reversible: true,
    },
  });
}
