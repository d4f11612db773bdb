import { createFinding, inboxRuleEvidence, severityOf } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { hasBlankName, hasShortName, hidingOf, nameOf, topicOf } from "./inbox-rule-traits.ts";

/**
 * Flags an inbox rule that moves mail where nobody looks, such as RSS Feeds, whatever the mail is about: attackers
 * also filter by the one partner whom they write to. Junk and Deleted Items are left out, since spam rules use them.
 * @see https://attack.mitre.org/techniques/T1564/008/
 * @see https://github.com/splunk/security_content/pull/3586 (scored, since single attributes gave 350 false hits a week)
 */
export function unreadFolder(inboxRule: InboxRule): Finding | undefined {
  // What the mail is about weighs more, and hidden-mail says it.
  if (topicOf(inboxRule) !== undefined) return undefined;
  const hiding = hidingOf(inboxRule);
  if (hiding === undefined) return undefined;
  const severity = severityWhenEnabled(inboxRule, hiding.place);
  if (severity === undefined) return undefined;

  const read = inboxRule.marksRead ? " and marked as read" : "";
  return createFinding({
    check: "inbox_rules",
    rule: "unread-folder",
    key: inboxRule.id,
    severity: severityOf(inboxRule, severity),
    confidence: "medium",
    title: "Inbox rule puts mail where nobody looks",
    why: `By ${nameOf(inboxRule).replace(/^The|^An/, (word) => word.toLowerCase())}, mail is ${hiding.fate}${read}.`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1564.008"],
    recommendation: {
      action: "disable_inbox_rule",
      text: "Ask the user whether they made this rule; if not, switch it off and read what it moved.",
      reversible: true,
    },
  });
}

function severityWhenEnabled(inboxRule: InboxRule, place: string): Severity | undefined {
  const furtive = inboxRule.marksRead || hasBlankName(inboxRule) || hasShortName(inboxRule);
  if (place === "obscure") return furtive ? "high" : "medium";
  // "Newsletters to the archive, as read" is an ordinary wish; without even a name it is less so.
  return place === "archive" && inboxRule.marksRead && hasBlankName(inboxRule) ? "high" : undefined;
}
