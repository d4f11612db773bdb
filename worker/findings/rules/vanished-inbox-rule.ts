import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, isAtLeast, isSince, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { externalForward } from "./external-forward.ts";
import { hiddenMail } from "./hidden-mail.ts";
import { unreadFolder } from "./unread-folder.ts";

/**
 * Flags a harmful inbox rule that a log says was made and that isn't in the mailbox any more: made, used and deleted.
 * One that is still there is judged as it stands.
 * @see https://github.com/KelvinTegelaar/CIPP/issues/6281
 */
export function vanishedInboxRule(evidence: Evidence, window: Window): Finding[] {
  return evidence.inboxRuleChanges.flatMap(({ event, name, inboxRule }) => {
    const isThere = evidence.inboxRules.some((rule) => rule.name === name);
    if (inboxRule === undefined || isThere || !isSince(window, event.at)) return [];
    const harm = hiddenMail(inboxRule) ?? externalForward(inboxRule) ?? unreadFolder(inboxRule);
    if (harm === undefined || !isAtLeast(harm.severity, "high")) return [];
    return [
      createDatedFinding(
        {
          check: "inbox_rules",
          rule: "vanished-inbox-rule",
          key: event.id,
          severity: harm.severity,
          title: "A harmful inbox rule was made and is gone",
          why: `${harm.why.replace(/\.$/, "")}; only the log has it, and it is not in the mailbox now.`,
          evidence: [auditEvidence(event)],
          attack: [...new Set([...harm.attack, "T1070.008"])],
          recommendation: {
            action: "review_deleted_mail",
            text: "Look for mail that the vanished inbox rule deleted, moved or forwarded in that time.",
            reversible: true,
          },
        },
        [event.at],
        window,
      ),
    ];
  });
}
