import { createFinding, inboxRuleEvidence, severityOf } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { hidingOf, nameOf } from "./inbox-rule-traits.ts";

/**
 * Flags an inbox rule that takes all mail away: it has no condition, or one that every mail meets. Moving everything
 * to an ordinary folder is an odd habit and no more.
 * @see https://attack.mitre.org/techniques/T1564/008/
 */
export function matchesEverything(inboxRule: InboxRule): Finding | undefined {
  if (!inboxRule.matchesEverything || !inboxRule.inspectable) return undefined;
  const hiding = hidingOf(inboxRule);
  if (hiding === undefined && inboxRule.movesTo === undefined && !inboxRule.movesToUnknown) return undefined;

  const hides = hiding?.degree === "thorough" || (hiding !== undefined && inboxRule.marksRead);
  const fate = hiding?.fate ?? `moved to ${inboxRule.movesTo ?? "a folder that could not be named"}`;
  return createFinding({
    check: "inbox_rules",
    rule: "matches-everything",
    key: inboxRule.id,
    severity: severityOf(inboxRule, hides ? "high" : "low"),
    title: hides ? "Inbox rule hides all mail" : "Inbox rule moves all mail",
    why: `${nameOf(inboxRule)} takes every mail that arrives, and it is ${fate}.`,
    evidence: inboxRuleEvidence(inboxRule),
    attack: ["T1564.008"],
    recommendation: {
      action: "disable_inbox_rule",
      text: "Ask the user whether they made this rule; if not, switch it off and go through what it took.",
      reversible: true,
    },
  });
}
