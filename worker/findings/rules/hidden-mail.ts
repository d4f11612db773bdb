import { createFinding, inboxRuleEvidence, severityOf } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { type Hiding, hasBlankName, hidingOf, nameOf, type Topic, topicOf } from "./inbox-rule-traits.ts";

/**
 * Flags an inbox rule that hides mail about money or about the account's own security. Hiding mail and looking for
 * such words are each ordinary; together they are how invoice fraud and a stolen account stay unnoticed.
 * @see https://attack.mitre.org/techniques/T1564/008/
 */
export function hiddenMail(inboxRule: InboxRule): Finding | undefined {
  const topic = topicOf(inboxRule);
  if (topic === undefined) return undefined;
  const hiding = hidingOf(inboxRule);
  if (hiding === undefined) return hiddenSomewhere(inboxRule, topic);

  const subject = topic.topic === "money" ? "money" : "security";
  return createFinding({
    check: "inbox_rules",
    rule: "hidden-mail",
    key: inboxRule.id,
    severity: severityOf(inboxRule, severityWhenEnabled(inboxRule, topic, hiding)),
    title: `Inbox rule hides mail about ${subject}`,
    why: `${nameOf(inboxRule)} looks for "${topic.word}", and what it finds is ${hiding.fate}${asRead(inboxRule)}.${off(inboxRule)}`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1564.008"],
    recommendation: {
      action: "disable_inbox_rule",
      text: `Switch the inbox rule off (do not delete it: it is evidence) and look through the mail that was ${hiding.fate}.`,
      reversible: true,
    },
  });
}

function severityWhenEnabled(inboxRule: InboxRule, { weight }: Topic, { degree }: Hiding): Severity {
  const furtive = inboxRule.marksRead || hasBlankName(inboxRule) || inboxRule.forwardsOutside.length > 0;
  if (weight === "telling" && degree === "thorough") return "critical";
  // Everybody archives invoices, and every technician deletes alerts: these need one more sign.
  return furtive && (weight === "telling" || degree === "thorough") ? "high" : "low";
}

/** Filing "Invoices" under "Invoices" is no finding; filing them under a folder that could not be named may be one. */
function hiddenSomewhere(inboxRule: InboxRule, { weight, word }: Topic): Finding | undefined {
  if (!inboxRule.movesToUnknown || weight === "common") return undefined;
  return createFinding({
    check: "inbox_rules",
    rule: "hidden-mail",
    key: inboxRule.id,
    severity: "low",
    confidence: "low",
    title: "Inbox rule moves mail to a folder that could not be named",
    why: `${nameOf(inboxRule)} looks for "${word}" and moves it to a folder of which only the id is known.`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1564.008"],
    recommendation: {
      action: "inspect_inbox_rule",
      text: "Open the mailbox's rules in Outlook on the web and see which folder it is.",
      reversible: true,
    },
  });
}

function asRead({ marksRead }: InboxRule): string {
  return marksRead ? " and marked as read" : "";
}

function off({ enabled }: InboxRule): string {
  return enabled ? "" : " It is switched off now.";
}
