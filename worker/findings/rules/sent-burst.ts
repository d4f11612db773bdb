import type { Evidence } from "../evidence.ts";
import { createDatedFinding, evidenceItem, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { allSent, burstOf, repeatedSubject } from "./sent-traits.ts";
import { DAY, HOUR, placeOf } from "./sign-in-traits.ts";

/**
 * Flags mail that went to many people outside at once, or under one subject. Marketing does that every week, so it
 * counts in the day after a sign-in that need not have been the user's: then the account sends phishing.
 * @see https://attack.mitre.org/techniques/T1534/
 */
export function sentBurst(evidence: Evidence, window: Window): Finding[] {
  const sent = allSent(evidence, window);
  const burst = burstOf(sent);
  const mails = burst ?? repeatedSubject(sent);
  const [first] = mails ?? [];
  if (mails === undefined || first === undefined) return [];
  const times = mails.map(({ at }) => ({ at }));
  const near = doubtfulNear(evidence, times, { before: DAY, after: HOUR });
  const people = new Set(mails.flatMap(({ outside }) => outside)).size;
  const how =
    burst === undefined ? "under one subject" : mails.length === 1 ? "at once" : "within ten minutes";
  const after = near === undefined ? "" : `, within a day of a doubtful sign-in from ${placeOf(near)}`;
  return [
    createDatedFinding(
      {
        check: "sent_items",
        rule: "sent-burst",
        key: new Date(first.at ?? 0).toISOString().slice(0, 10),
        severity: near === undefined ? "low" : "high",
        title:
          near === undefined
            ? "Much mail sent outside at once"
            : "Much mail sent outside after a doubtful sign-in",
        why: `${mails.length === 1 ? "One mail" : `${mails.length} mails`} went to ${people === 1 ? "one address" : `${people} addresses`} outside ${how}, such as "${quote(first.subject)}"${after}.`,
        evidence: mails.map((mail) =>
          evidenceItem(mail, { subject: mail.subject, recipients: mail.recipients.length }, mail.at),
        ),
        attack: ["T1534", "T1566"],
        recommendation: {
          action: "warn_recipients",
          text: "Ask the user whether they sent this; if not, warn the recipients by phone or from another address.",
          reversible: true,
        },
      },
      mails.map(({ at }) => at),
      window,
    ),
  ];
}
