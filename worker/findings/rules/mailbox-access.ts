import type { Evidence } from "../evidence.ts";
import {
  auditEvidence,
  createDatedFinding,
  createFinding,
  evidenceItem,
  quote,
  type Window,
} from "../finding.ts";
import type { Finding } from "../findings.ts";
import { actorOf, eventsOf, happening, idsOf } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { listed, placeOf } from "./sign-in-traits.ts";

/**
 * Mentions who else may open the mailbox or send as its owner, and flags access that was given around a doubtful
 * sign-in. Assistants and shared mailboxes make it ordinary; access for everybody is not.
 * @see https://attack.mitre.org/techniques/T1098/002/
 */
export function mailboxAccess(evidence: Evidence, window: Window): Finding[] {
  return [...standing(evidence), ...given(evidence, window)];
}

/** Everybody, signed in or not. */
const ANYBODY = /^(default|anonymous|everyone)$/i;

function standing({ mailboxPermissions, mailboxes }: Evidence): Finding[] {
  const strong = mailboxPermissions.filter(({ rights }) =>
    rights.some((right) => /^(FullAccess|SendAs)$/i.test(right)),
  );
  const onBehalf = mailboxes.flatMap((mailbox) =>
    mailbox.sendOnBehalf.map((holder) => ({ holder, mailbox })),
  );
  const holders = [...new Set([...strong, ...onBehalf].map(({ holder }) => holder))];
  if (holders.length === 0) return [];
  const open = strong.some(({ holder }) => ANYBODY.test(holder));
  return [
    createFinding({
      check: "mailbox_forwarding",
      rule: "mailbox-access",
      key: holders.toSorted().join(),
      severity: open ? "high" : "low",
      title: open ? "Everybody may open the mailbox" : "Others may use the mailbox",
      why: `${listed(holders.map((holder) => quote(holder)))} may open the mailbox or send in its owner's name.`,
      evidence: [
        ...strong.map((each) => evidenceItem(each, { holder: each.holder, rights: each.rights })),
        ...onBehalf.map(({ holder, mailbox }) => evidenceItem(mailbox, { holder, rights: ["SendOnBehalf"] })),
      ].slice(0, 20),
      attack: ["T1098.002"],
      recommendation: {
        action: "review_mailbox_access",
        text: "Ask the user whether these people are meant to have access to the mailbox.",
        reversible: true,
      },
    }),
  ];
}

function given(evidence: Evidence, window: Window): Finding[] {
  const events = eventsOf(evidence, ["mailbox-access-given"], window);
  if (events.length === 0) return [];
  const near = doubtfulNear(evidence, events.map(happening));
  const around = near === undefined ? "" : `, around a doubtful sign-in from ${placeOf(near)}`;
  const who = listed([...new Set(events.map((event) => quote(actorOf(event))))]);
  return [
    createDatedFinding(
      {
        check: "mailbox_forwarding",
        rule: "mailbox-access-given",
        key: idsOf(events),
        severity: near === undefined ? "low" : "high",
        title:
          near === undefined
            ? "Access to a mailbox was given"
            : "Access to a mailbox given around a doubtful sign-in",
        why: `${who} gave somebody access to a mailbox or one of its folders${around}.`,
        evidence: events.map(auditEvidence),
        attack: ["T1098.002"],
        recommendation: {
          action: "review_mailbox_access",
          text: "See with Get-MailboxPermission who has access now, and remove whoever the user does not know.",
          reversible: true,
        },
      },
      events.map(({ at }) => at),
      window,
    ),
  ];
}
