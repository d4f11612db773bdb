import type { Evidence } from "../evidence.ts";
import { createDatedFinding, evidenceItem, isSince, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { burstOf, deletedSent, repeatedSubject } from "./sent-traits.ts";
import { DAY, HOUR, placeOf } from "./sign-in-traits.ts";

/** People delete a mail or two that they sent; those who hide something delete all of it. */
const MANY = 5;

/**
 * Flags mail that the account sent outside and then deleted, so that its owner doesn't see it among the sent items.
 * A whole campaign that was deleted is a sign by itself; some mails are one after a doubtful sign-in.
 * @see https://attack.mitre.org/techniques/T1070/008/
 */
export function sentThenDeleted(evidence: Evidence, window: Window): Finding[] {
  const mails = deletedSent(evidence).filter(({ at, outside }) => outside.length > 0 && isSince(window, at));
  const [first] = mails;
  if (first === undefined || mails.length < MANY) return [];
  const times = mails.map(({ at }) => ({ at }));
  const near = doubtfulNear(evidence, times, { before: DAY, after: HOUR });
  const isCampaign = (burstOf(mails) ?? repeatedSubject(mails)) !== undefined;
  const after = near === undefined ? "" : `, within a day of a doubtful sign-in from ${placeOf(near)}`;
  return [
    createDatedFinding(
      {
        check: "deleted_items",
        rule: "sent-then-deleted",
        key: new Date(first.at ?? 0).toISOString().slice(0, 10),
        severity: near !== undefined ? "high" : isCampaign ? "medium" : "low",
        title: "Mail was sent outside and deleted",
        why: `${mails.length} mails that the account sent outside lie among the deleted ones, such as "${quote(first.subject)}"${after}.`,
        evidence: mails.map((mail) =>
          evidenceItem(mail, { subject: mail.subject, recipients: mail.recipients.length }, mail.at),
        ),
        attack: ["T1070.008", "T1534"],
        recommendation: {
          action: "review_deleted_mail",
          text: "Ask the user whether they sent and deleted this; if not, keep it as evidence and warn the recipients.",
          reversible: true,
        },
      },
      mails.map(({ at }) => at),
      window,
    ),
  ];
}
