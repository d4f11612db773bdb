import { expect, test } from "vitest";
import type { Evidence } from "../../../../worker/findings/evidence.ts";
import { findAll } from "../../../../worker/findings/rules/index.ts";
import {
  by,
  consentTo,
  event,
  FAR,
  HELP_DESK,
  mail,
  mailbox,
  mails,
  NEAR,
  riskOf,
  strangerApp,
  telephone,
} from "./evidence-parts.ts";
import { harmless } from "./inbox-rules.ts";
import { abroad, atHome, evidenceOf, WINDOW } from "./sign-ins.ts";

const device = { id: "d1", upn: undefined, name: "DESKTOP-7" };
const notice = { subject: "Your security info was added", from: "msonlineservicesteam@microsoftonline.com" };
const change = (at: number) => ({
  inboxRuleChanges: [
    { event: event("inbox-rule-changed", { at }), name: harmless.name, inboxRule: harmless },
  ],
});

test.for<[rule: string, why: string, evidence: Partial<Evidence>]>([
  [
    "new-sign-in-method",
    'Microsoft Authenticator "iPhone" was registered within hours, or from the address, of a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    { authMethods: [{ ...telephone, createdAt: NEAR }] },
  ],
  [
    "new-device",
    "A device (DESKTOP-7) was registered for the account, around a doubtful sign-in from Lagos, Nigeria (198.51.100.7).",
    { audits: [event("device-registered", { targets: [device], at: NEAR })] },
  ],
  [
    "new-device",
    "A device (DESKTOP-7) was registered for the account.",
    { audits: [event("device-registered", { targets: [device] })] },
  ],
  [
    "inbox-rule-changed",
    'Inbox rules were made or changed: "Newsletters", around a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    change(NEAR),
  ],
  ["inbox-rule-changed", 'Inbox rules were made or changed: "Newsletters".', change(FAR)],
  [
    "vanished-inbox-rule",
    'The inbox rule ".." looks for "invoice", and what it finds is deleted; only the log has it, and it is not in the mailbox now.',
    {
      inboxRuleChanges: [
        {
          event: event("inbox-rule-changed"),
          name: "..",
          inboxRule: { ...harmless, name: "..", deletes: true, keywords: ["invoice"] },
        },
      ],
    },
  ],
  [
    "reset-by-another",
    "help@contoso.com set a new password or sign-in method for this account; a doubtful sign-in from Lagos, Nigeria (198.51.100.7) followed.",
    { audits: [event("password-reset", { actor: by(HELP_DESK), at: NEAR - 1_200_000 })] },
  ],
  [
    "removed-sign-in-method",
    'The log has "User deleted security info", around a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    { audits: [event("security-info-removed", { at: NEAR, activity: "User deleted security info" })] },
  ],
  [
    "temporary-access-pass",
    "A pass was made by help@contoso.com with which one signs in without password and second factor.",
    { audits: [event("temporary-access-pass", { actor: by(HELP_DESK) })] },
  ],
  [
    "role-assigned",
    'The account gave help@contoso.com the role "Global Administrator".',
    {
      audits: [
        event("role-assigned", {
          targets: [HELP_DESK],
          details: new Map([["Role.DisplayName", "Global Administrator"]]),
        }),
      ],
    },
  ],
  [
    "overreaching-app",
    '"Mail Organiser", whose publisher is not verified, may use Mail.ReadWrite, also while the user is away; the consent was given around a doubtful sign-in.',
    { consents: [consentTo({ ...strangerApp, addedAt: NEAR }, ["Mail.ReadWrite", "offline_access"])] },
  ],
  [
    "abused-app",
    "The user consented to PerfectData Software, which is known from break-ins; it may use EWS.AccessAsUser.All.",
    {
      consents: [
        consentTo({ ...strangerApp, appId: "ff8d92dc-3d82-41d6-bcbd-b9174d163620" }, [
          "EWS.AccessAsUser.All",
        ]),
      ],
    },
  ],
  [
    "consent-given",
    'The account consented to "Sync".',
    { audits: [event("consent", { at: NEAR, targets: [{ id: "sp9", upn: undefined, name: "Sync" }] })] },
  ],
  [
    "mailbox-forward",
    "All mail is forwarded to eve@evil.example, and none stays in the mailbox.",
    { mailboxes: [{ ...mailbox, forwardsTo: "eve@evil.example", forwardsOutside: true, keepsCopy: false }] },
  ],
  [
    "forwarding-set",
    "adele@contoso.com had all mail forwarded to eve@evil.example.",
    {
      audits: [
        event("mailbox-changed", { details: new Map([["ForwardingSmtpAddress", "smtp:eve@evil.example"]]) }),
      ],
    },
  ],
  [
    "mailbox-access",
    "Bob may open the mailbox or send in its owner's name.",
    { mailboxes: [{ ...mailbox, sendOnBehalf: ["Bob"] }] },
  ],
  [
    "mailbox-access-given",
    "adele@contoso.com gave somebody access to a mailbox or one of its folders, around a doubtful sign-in from Lagos, Nigeria (198.51.100.7).",
    { audits: [event("mailbox-access-given", { at: NEAR })] },
  ],
  [
    "sent-burst",
    '20 mails went to 20 addresses outside within ten minutes, such as "Offer", within a day of a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    { sent: mails(20, { at: NEAR }) },
  ],
  [
    "sent-burst",
    'One mail went to 60 addresses outside at once, such as "Offer".',
    { sent: [mail({ recipients: Array.from({ length: 60 }, (_, n) => `p${n}@fabrikam.com`) })] },
  ],
  [
    "sent-then-deleted",
    '5 mails that the account sent outside lie among the deleted ones, such as "Offer", within a day of a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    { deleted: mails(5, { at: NEAR }) },
  ],
  [
    "deleted-notifications",
    'Mail such as "Your security info was added" was deleted once, around a doubtful sign-in from Lagos, Nigeria (198.51.100.7).',
    { deleted: [mail({ ...notice, at: NEAR })] },
  ],
  [
    "risky-user",
    'Entra ID Protection reports high risk for the user and "leakedCredentials" (high).',
    { risks: [riskOf(), riskOf({ id: "d", type: "leakedCredentials" })] },
  ],
])("%s says: %s", ([rule, why, evidence]) => {
  const found = findAll(evidenceOf([atHome, abroad], evidence), WINDOW).find(
    (finding) => finding.rule === rule,
  );
  expect(found?.why).toBe(why);
  expect(found?.attack.filter((id) => !/^T\d{4}(\.\d{3})?$/.test(id))).toEqual([]);
  expect(found?.recommendation.text).toMatch(/^[A-Z].*\.$/);
});
