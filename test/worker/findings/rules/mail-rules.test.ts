import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../../worker/findings/evidence.ts";
import type { Window } from "../../../../worker/findings/finding.ts";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import type { InboxRule } from "../../../../worker/findings/inbox-rule.ts";
import {
  NOTIFICATION_SENDERS,
  NOTIFICATION_SUBJECTS,
} from "../../../../worker/findings/indicators/notification-mails.ts";
import { deletedNotifications } from "../../../../worker/findings/rules/deleted-notifications.ts";
import { forwardingSet } from "../../../../worker/findings/rules/forwarding-set.ts";
import { inboxRuleChanged } from "../../../../worker/findings/rules/inbox-rule-changed.ts";
import { mailboxAccess } from "../../../../worker/findings/rules/mailbox-access.ts";
import { mailboxForward } from "../../../../worker/findings/rules/mailbox-forward.ts";
import { sentBurst } from "../../../../worker/findings/rules/sent-burst.ts";
import { sentThenDeleted } from "../../../../worker/findings/rules/sent-then-deleted.ts";
import { vanishedInboxRule } from "../../../../worker/findings/rules/vanished-inbox-rule.ts";
import { event, FAR, HOUR, mail, mailbox, mails, NEAR } from "./evidence-parts.ts";
import { harmless } from "./inbox-rules.ts";
import { abroad, atHome, evidenceOf, MINUTE, WINDOW } from "./sign-ins.ts";

type Row = [title: string, change: Partial<Evidence>, severities: Severity[]];
type Rule = (evidence: Evidence, window: Window) => Finding[];

const OUTSIDE_WINDOW = WINDOW.start - HOUR;
const outside = { ...mailbox, forwardsTo: "eve@evil.example", forwardsOutside: true };
const forwarding = (target: string, change = {}) =>
  event("mailbox-changed", { details: new Map([["ForwardingSmtpAddress", target]]), ...change });
const permission = (holder: string, rights: string[]) => ({
  mailbox: "adele",
  holder,
  rights,
  source: { artifact: "x", path: "$" },
});
const changed = (inboxRule: InboxRule | undefined, at = FAR) => ({
  inboxRuleChanges: [{ event: event("inbox-rule-changed", { at }), name: inboxRule?.name, inboxRule }],
});
const stealing: InboxRule = {
  ...harmless,
  name: ".",
  keywords: ["invoice"],
  movesTo: undefined,
  deletes: true,
};
const notice = {
  subject: "Your security info was changed",
  from: "msonlineservicesteam@microsoftonline.com",
};

describe.for<[name: string, Rule, Row[]]>([
  [
    "a forwarding mailbox",
    mailboxForward,
    [
      ["outside is high", { mailboxes: [outside] }, ["high"]],
      ["outside with a copy is high", { mailboxes: [{ ...outside, keepsCopy: true }] }, ["high"]],
      ["outside without a copy is critical", { mailboxes: [{ ...outside, keepsCopy: false }] }, ["critical"]],
      ["to a directory entry is low", { mailboxes: [{ ...mailbox, forwardsToEntry: "Bob" }] }, ["low"]],
      [
        "to a colleague is none",
        { mailboxes: [{ ...mailbox, forwardsTo: "bob@contoso.com", keepsCopy: false }] },
        [],
      ],
      ["that forwards nothing is none", { mailboxes: [{ ...mailbox, keepsCopy: false }] }, []],
    ],
  ],
  [
    "a forwarding in the log",
    forwardingSet,
    [
      ["outside is high", { audits: [forwarding("smtp:eve@evil.example")] }, ["high"]],
      [
        "that stands there still is another rule's",
        { audits: [forwarding("smtp:Eve@evil.example")], mailboxes: [outside] },
        [],
      ],
      ["to a colleague is none", { audits: [forwarding("smtp:bob@contoso.com")] }, []],
      ["that was taken back is none", { audits: [forwarding("")] }, []],
      ["that failed is none", { audits: [forwarding("smtp:eve@evil.example", { succeeded: false })] }, []],
      ["another change of the mailbox is none", { audits: [event("mailbox-changed")] }, []],
    ],
  ],
  [
    "access to the mailbox",
    mailboxAccess,
    [
      ["of a colleague is low", { mailboxPermissions: [permission("bob", ["FullAccess"])] }, ["low"]],
      ["to send as the owner is low", { mailboxPermissions: [permission("bob", ["SendAs"])] }, ["low"]],
      ["to send on behalf is low", { mailboxes: [{ ...mailbox, sendOnBehalf: ["bob"] }] }, ["low"]],
      ["of everybody is high", { mailboxPermissions: [permission("Default", ["FullAccess"])] }, ["high"]],
      [
        "to look at its permissions is none",
        { mailboxPermissions: [permission("bob", ["ReadPermission"])] },
        [],
      ],
      ["given lately is low", { audits: [event("mailbox-access-given")] }, ["low"]],
      [
        "given after a doubtful sign-in is high",
        { audits: [event("mailbox-access-given", { at: NEAR })] },
        ["high"],
      ],
      ["of nobody is none", { mailboxes: [mailbox] }, []],
    ],
  ],
  [
    "a changed inbox rule",
    inboxRuleChanged,
    [
      ["is low", changed(harmless), ["low"]],
      ["after a doubtful sign-in is high, whatever it does", changed(harmless, NEAR), ["high"]],
      ["of which nothing more is known counts alike", changed(undefined, NEAR), ["high"]],
      ["before the window is none", changed(stealing, OUTSIDE_WINDOW), []],
      ["is none if none was changed", { inboxRules: [stealing] }, []],
    ],
  ],
  [
    "a vanished inbox rule",
    vanishedInboxRule,
    [
      ["that hid invoices is critical", changed(stealing), ["critical"]],
      [
        "that sent mail outside is high",
        changed({ ...harmless, forwardsTo: ["e@evil.example"], forwardsOutside: ["e@evil.example"] }),
        ["high"],
      ],
      [
        "that used RSS Feeds without a name is high",
        changed({ ...harmless, name: ".", movesTo: "RSS Feeds" }),
        ["high"],
      ],
      ["that filed newsletters is none", changed(harmless), []],
      ["that is still there is judged as it stands", { ...changed(stealing), inboxRules: [stealing] }, []],
      ["of which nothing is known is none", changed(undefined), []],
      ["made before the window is none", changed(stealing, OUTSIDE_WINDOW), []],
    ],
  ],
  [
    "much sent mail",
    sentBurst,
    [
      ["after a doubtful sign-in is high", { sent: mails(20, { at: NEAR }) }, ["high"]],
      ["by itself is low: marketing does that", { sent: mails(400) }, ["low"]],
      [
        "as one mail to fifty people counts",
        { sent: [mail({ at: NEAR, recipients: people(50) })] },
        ["high"],
      ],
      [
        "as one mail to fifty colleagues is none",
        { sent: [mail({ at: NEAR, recipients: people(50, "contoso.com") })] },
        [],
      ],
      ["that was deleted counts as well", { deleted: mails(20, { at: NEAR }) }, ["high"]],
      ["of nineteen is none", { sent: mails(19, { at: NEAR, subject: "" }) }, []],
      ["spread over hours is none", { sent: spread(30, "") }, []],
      ["to many people, a few at a time over hours, is none", { sent: spread(12, "", people(5)) }, []],
      ["spread over hours under one subject counts", { sent: spread(12, "Updated bank details") }, ["low"]],
      ["in one conversation is none", { sent: spread(30, "Re: Lunch", ["bob@fabrikam.com"]) }, []],
      ["before the window is none", { sent: mails(400, { at: OUTSIDE_WINDOW - HOUR }) }, []],
      ["long before a doubtful sign-in is low", { sent: mails(20, { at: NEAR - 5 * HOUR }) }, ["low"]],
    ],
  ],
  [
    "sent mail that was deleted",
    sentThenDeleted,
    [
      ["after a doubtful sign-in is high", { deleted: mails(5, { at: NEAR }) }, ["high"]],
      ["as a whole campaign is medium", { deleted: mails(20) }, ["medium"]],
      ["as a few mails is low", { deleted: mails(5) }, ["low"]],
      ["as four is none", { deleted: mails(4, { at: NEAR }) }, []],
      ["to colleagues is none", { deleted: mails(20, { at: NEAR, recipients: ["bob@contoso.com"] }) }, []],
      [
        "under another of the account's addresses counts as well",
        { addresses: ["a.vance@contoso.com"], deleted: mails(5, { at: NEAR, from: "a.vance@contoso.com" }) },
        ["high"],
      ],
      ["that others sent is none", { deleted: mails(50, { at: NEAR, from: "news@fabrikam.com" }) }, []],
      ["of unknown senders is none", { deleted: mails(50, { at: NEAR, from: undefined }) }, []],
      ["from years ago is none", { deleted: mails(500, { at: OUTSIDE_WINDOW - 9_000 * HOUR }) }, []],
      ["that lies among the sent is none", { sent: mails(50, { at: NEAR }) }, []],
    ],
  ],
  [
    "a deleted notice",
    deletedNotifications,
    [
      ["is low", { deleted: [mail(notice)] }, ["low"]],
      ["around a doubtful sign-in is high", { deleted: [mail({ ...notice, at: NEAR })] }, ["high"]],
      [
        "without a sender counts by its subject",
        { deleted: [mail({ ...notice, at: NEAR, from: undefined })] },
        ["high"],
      ],
      ...NOTIFICATION_SUBJECTS.map(
        (word): Row => [
          `with "${word}" is found`,
          { deleted: [mail({ ...notice, subject: `FW: ${word.toUpperCase()}!` })] },
          ["low"],
        ],
      ),
      ...NOTIFICATION_SENDERS.map(
        (from): Row => [
          `from ${from} is found`,
          { deleted: [mail({ ...notice, from: from.endsWith("@") ? `${from}x.example` : from })] },
          ["low"],
        ],
      ),
      [
        "of another company is none",
        { deleted: [mail({ ...notice, at: NEAR, from: "noreply@shop.example" })] },
        [],
      ],
      [
        "about something else is none",
        { deleted: [mail({ ...notice, at: NEAR, subject: "Your invoice is ready" })] },
        [],
      ],
      ["from before the window is none", { deleted: [mail({ ...notice, at: OUTSIDE_WINDOW })] }, []],
      ["that was kept is none", { sent: [mail({ ...notice, at: NEAR })] }, []],
    ],
  ],
])("%s", ([, rule, rows]) => {
  test.for(rows)("%s", ([, change, severities]) => {
    const findings = rule(evidenceOf([atHome, abroad], change), WINDOW);
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
  });
});

function people(n: number, domain = "fabrikam.com"): string[] {
  return Array.from({ length: n }, (_, index) => `p${index}@${domain}`);
}

/** One mail every half an hour. */
function spread(n: number, subject: string, recipients?: string[]) {
  return mails(n, { subject, ...(recipients === undefined ? {} : { recipients }) }).map((each, index) => ({
    ...each,
    at: FAR - 20 * HOUR + index * 30 * MINUTE,
  }));
}

test("whether a sign-in is doubtful is asked once for each rule, and not again for each mail", () => {
  let asked = 0;
  const signIns = Array.from({ length: 1_000 }, (_, n) => ({
    ...abroad,
    id: `${n}`,
    at: FAR - 50 * HOUR - n,
    get riskLevel() {
      asked += 1;
      return abroad.riskLevel;
    },
  }));
  const evidence = evidenceOf(signIns, {
    sent: mails(1_000),
    deleted: mails(1_000, { ...notice, at: FAR }),
  });
  const rules = [sentBurst, sentThenDeleted, deletedNotifications];
  for (const rule of rules) rule(evidence, WINDOW);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(2 * rules.length * signIns.length);
});
