import type { Evidence } from "../evidence.ts";
import { createFinding, evidenceItem, quote } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { Mailbox } from "../mailbox.ts";

/**
 * Flags a mailbox that forwards all of its mail out of the tenant; without a copy for its owner, they don't even see
 * what they miss. Outlook shows it nowhere near the inbox rules.
 * @see https://attack.mitre.org/techniques/T1114/003/
 */
export function mailboxForward({ mailboxes }: Evidence): Finding[] {
  return mailboxes.flatMap((mailbox) => {
    if (mailbox.forwardsOutside) return [outside(mailbox)];
    return mailbox.forwardsToEntry === undefined ? [] : [toEntry(mailbox, mailbox.forwardsToEntry)];
  });
}

function outside(mailbox: Mailbox): Finding {
  const target = quote(mailbox.forwardsTo ?? "an unreadable address");
  const noCopy = mailbox.keepsCopy === false;
  return createFinding({
    check: "mailbox_forwarding",
    rule: "mailbox-forward",
    key: target,
    severity: noCopy ? "critical" : "high",
    title: noCopy
      ? "The mailbox sends all mail outside and keeps no copy"
      : "The mailbox sends all mail outside",
    why: `All mail is forwarded to ${target}${noCopy ? ", and none stays in the mailbox" : ""}.`,
    evidence: [
      evidenceItem(mailbox, { forwardingSmtpAddress: mailbox.forwardsTo, keepsCopy: mailbox.keepsCopy }),
    ],
    attack: ["T1114.003"],
    recommendation: {
      action: "remove_forwarding",
      text: `Ask the user whether they know ${target}; if not, remove the forwarding of the mailbox and treat its mail as read by others.`,
      reversible: true,
    },
  });
}

/** Mostly a colleague; a contact that an administrator made may stand for an address outside. */
function toEntry(mailbox: Mailbox, entry: string): Finding {
  return createFinding({
    check: "mailbox_forwarding",
    rule: "mailbox-forward",
    key: `entry ${entry}`,
    severity: "low",
    confidence: "low",
    title: "The mailbox forwards to a directory entry",
    why: `All mail is forwarded to "${quote(entry)}", and the evidence does not say which address that is.`,
    evidence: [evidenceItem(mailbox, { forwardingAddress: entry, keepsCopy: mailbox.keepsCopy })],
    attack: ["T1114.003"],
    recommendation: {
      action: "inspect_forwarding",
      text: "Look the entry up in the address list: a mail contact may stand for an address outside.",
      reversible: true,
    },
  });
}
