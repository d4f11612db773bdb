import type { Evidence } from "../evidence.ts";
import { createDatedFinding, evidenceItem, isSince, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { NOTIFICATION_SENDERS, NOTIFICATION_SUBJECTS } from "../indicators/notification-mails.ts";
import type { Message } from "../message.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { placeOf, times } from "./sign-in-traits.ts";

/**
 * Flags deleted mail in which Microsoft told the user of changes to their sign-in. Tidy people delete it as well, so
 * it counts if it came around a sign-in that need not have been the user's.
 * @see https://attack.mitre.org/techniques/T1070/008/
 */
export function deletedNotifications(evidence: Evidence, window: Window): Finding[] {
  const notices = evidence.deleted.filter(
    (message) => isSince(window, message.at) && isNotification(message),
  );
  const [first] = notices;
  if (first === undefined) return [];
  const near = doubtfulNear(
    evidence,
    notices.map(({ at }) => ({ at })),
  );
  const around = near === undefined ? "" : `, around a doubtful sign-in from ${placeOf(near)}`;
  return [
    createDatedFinding(
      {
        check: "deleted_items",
        rule: "deleted-notifications",
        key: near === undefined ? "ordinary" : "doubtful",
        severity: near === undefined ? "low" : "high",
        title: "Notices about the account's security were deleted",
        why: `Mail such as "${quote(first.subject)}" was deleted ${times(notices.length)}${around}.`,
        evidence: notices.map((notice) =>
          evidenceItem(notice, { subject: notice.subject, from: notice.from }, notice.at),
        ),
        attack: ["T1070.008"],
        recommendation: {
          action: "review_deleted_mail",
          text: "Ask the user whether they deleted these notices, and look at what they announced.",
          reversible: true,
        },
      },
      notices.map(({ at }) => at),
      window,
    ),
  ];
}

function isNotification({ subject, from }: Message): boolean {
  const words = subject.normalize("NFC").toLowerCase();
  if (!NOTIFICATION_SUBJECTS.some((word) => words.includes(word))) return false;
  // Toolkits that ask for few properties leave the sender out.
  return from === undefined || NOTIFICATION_SENDERS.some((part) => from.includes(part));
}
