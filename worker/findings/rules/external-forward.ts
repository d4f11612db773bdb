import { createFinding, inboxRuleEvidence, quote, severityOf } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { hidingOf, nameOf } from "./inbox-rule-traits.ts";

/**
 * Flags an inbox rule that sends mail out of the tenant. If the owner's own copy is deleted or put where nobody
 * looks, it is worse than a forwarding to the owner's private address, which is against most policies and common.
 * @see https://attack.mitre.org/techniques/T1114/003/
 */
export function externalForward(inboxRule: InboxRule): Finding | undefined {
  const [first, ...more] = inboxRule.forwardsOutside;
  if (first === undefined) return unreadForward(inboxRule);

  const hiding = hidingOf(inboxRule);
  const leavesNoCopy = hiding?.degree === "thorough";
  const target =
    more.length === 0 ? quote(first || "an empty address") : `${quote(first)} and ${more.length} more`;
  return createFinding({
    check: "inbox_rules",
    rule: "external-forward",
    key: inboxRule.id,
    severity: severityOf(inboxRule, leavesNoCopy ? "critical" : "high"),
    title: leavesNoCopy
      ? "Inbox rule sends mail outside and hides the copy"
      : "Inbox rule sends mail outside",
    why: `${nameOf(inboxRule)} forwards mail to ${target}${leavesNoCopy ? `, and the copy is ${hiding.fate}` : ""}.${inboxRule.enabled ? "" : " It is switched off now."}`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: leavesNoCopy ? ["T1114.003", "T1564.008"] : ["T1114.003"],
    recommendation: {
      action: "disable_inbox_rule",
      text: `Ask the user whether they know ${target}; if not, switch the inbox rule off and treat forwarded mail as read by others.`,
      reversible: true,
    },
  });
}

/** Exchange names an entry of the directory in place of an address; a mail contact stands for one outside. */
function unreadForward(inboxRule: InboxRule): Finding | undefined {
  const [first] = inboxRule.forwardsUnread;
  if (first === undefined) return undefined;
  return createFinding({
    check: "inbox_rules",
    rule: "external-forward",
    key: inboxRule.id,
    severity: "low",
    confidence: "low",
    title: "Inbox rule forwards to a directory entry",
    why: `${nameOf(inboxRule)} forwards mail to ${quote(first)}, and the evidence does not say which address that is.`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1114.003"],
    recommendation: {
      action: "inspect_inbox_rule",
      text: "Look the entry up in the address list: a mail contact may stand for an address outside.",
      reversible: true,
    },
  });
}
