import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, isSince, nameInQuotes, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { happening } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { listed, placeOf } from "./sign-in-traits.ts";

/**
 * Flags inbox rules that were made or changed around a sign-in that need not have been the user's: it is the first
 * thing that most attackers do in a mailbox. Only logs have the time; the rules themselves have none.
 * @see https://attack.mitre.org/techniques/T1564/008/
 */
export function inboxRuleChanged(evidence: Evidence, window: Window): Finding[] {
  const changes = evidence.inboxRuleChanges.filter(({ event }) => isSince(window, event.at));
  const near = changes.flatMap((change) => {
    const signIn = doubtfulNear(evidence, [happening(change.event)]);
    return signIn === undefined ? [] : [{ change, signIn }];
  });
  const [first] = near;
  const shown = first === undefined ? changes : near.map(({ change }) => change);
  if (shown.length === 0) return [];
  const names = listed(shown.map(({ name }) => nameInQuotes(name)));
  const around = first === undefined ? "" : `, around a doubtful sign-in from ${placeOf(first.signIn)}`;
  return [
    createDatedFinding(
      {
        check: "inbox_rules",
        rule: "inbox-rule-changed",
        key: shown
          .map(({ event }) => event.id)
          .toSorted()
          .join(),
        severity: first === undefined ? "low" : "high",
        title:
          first === undefined ? "Inbox rules were changed" : "Inbox rules changed around a doubtful sign-in",
        why: `Inbox rules were made or changed: ${names}${around}.`,
        evidence: shown.map(({ event }) => auditEvidence(event)),
        attack: ["T1564.008"],
        recommendation: {
          action: "inspect_inbox_rule",
          text: "Ask the user whether they made these inbox rules; switch off those that they did not make.",
          reversible: true,
        },
      },
      shown.map(({ event }) => event.at),
      window,
    ),
  ];
}
