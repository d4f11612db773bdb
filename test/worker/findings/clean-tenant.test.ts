import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { FindingsDocument, VerdictLevel } from "../../../worker/findings/findings.ts";
import { AMSTERDAM, HANOI, SEATTLE, SINGLE_FACTOR } from "../../sandbox/tenants/sign-in.ts";
import { account, folderId, guid, inboxRule } from "../../sandbox/tenants/tenant.ts";
import {
  audit,
  consent,
  DAY,
  type GeneratedUser,
  HABITS,
  HOUR,
  judgeUser,
  MINUTE,
  mail,
  method,
  NOW,
  ordinaryUser,
  signInFrom,
  unified,
} from "./clean-tenant.ts";
import { createRandom } from "./random.ts";

const USERS = 500;
const SEED = 20_261_122;

const random = createRandom(SEED);
const tenant = Array.from({ length: USERS }, (_, index) => ordinaryUser(index, random));

const worse = ({ findings }: FindingsDocument) =>
  findings.filter(({ severity }) => severity !== "low" && severity !== "info");

test("of 500 ordinary users nobody has a finding above low, and of everybody there is no evidence", () => {
  const alarms = tenant.flatMap((user) => {
    const document = judgeUser(user);
    const found = worse(document).map(({ rule, severity, why }) => `${severity} ${rule}: ${why}`);
    const { level, blind_spots: spots } = document.verdict;
    return found.length === 0 && level === "no_evidence" ? [] : [{ upn: user.who.upn, level, found, spots }];
  });
  expect(alarms).toEqual([]);
});

test("each habit of ordinary people is the habit of some of the 500", () => {
  const habits = new Set(tenant.flatMap((user) => user.habits));
  expect(HABITS.filter(({ title }) => !habits.has(title))).toEqual([]);
});

type Crime = [title: string, level: VerdictLevel, rule: string, commit: (user: GeneratedUser) => void];

const AT = NOW - 20 * HOUR;
const EVIL_IP = "192.0.2.200";
const evil = { ip: EVIL_IP, status: SINGLE_FACTOR };
/** Nobody signed in for two days before, so that distance and time accuse nobody. */
function away(user: GeneratedUser): void {
  const Dated = z.object({ createdDateTime: z.string() });
  user.signIns = user.signIns.filter((each) => Date.parse(Dated.parse(each).createdDateTime) < AT - 2 * DAY);
}

const steal = {
  conditions: { senderContains: ["@northwind.com"] },
  actions: { forwardTo: [{ emailAddress: { name: "x", address: "a@evil.example" } }], delete: true },
};

const CRIMES: readonly Crime[] = [
  [
    "hides invoices",
    "likely",
    "hidden-mail",
    ({ inboxRules, who }) =>
      inboxRules.push(
        inboxRule(9, ".", {
          conditions: { subjectContains: ["invoice"] },
          actions: { moveToFolder: folderId(who.upn, "RSS Feeds"), markAsRead: true },
        }),
      ),
  ],
  [
    "sends mail outside and deletes it",
    "likely",
    "external-forward",
    ({ inboxRules }) => inboxRules.push(inboxRule(9, "..", steal)),
  ],
  [
    "forwards the mailbox without a copy",
    "likely",
    "mailbox-forward",
    ({ mailbox }) => Object.assign(mailbox, { ForwardingSmtpAddress: "smtp:a@evil.example" }),
  ],
  [
    "forwards the mailbox with a copy",
    "suspicious",
    "mailbox-forward",
    ({ mailbox }) =>
      Object.assign(mailbox, {
        ForwardingSmtpAddress: "smtp:a@evil.example",
        DeliverToMailboxAndForward: true,
      }),
  ],
  [
    "had a forwarding that was taken back",
    "suspicious",
    "forwarding-set",
    ({ unifiedAudit, who }) =>
      unifiedAudit.push(unified("Set-Mailbox", AT, who, { ForwardingSmtpAddress: "smtp:a@evil.example" })),
  ],
  [
    "was entered from abroad with the password alone",
    "suspicious",
    "foreign-sign-in",
    (user) => {
      away(user);
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
    },
  ],
  [
    "was entered from abroad and hides invoices",
    "confirmed",
    "takeover",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
      user.inboxRules.push(inboxRule(9, "..", steal));
    },
  ],
  [
    "was entered by a phishing kit",
    "likely",
    "phishing-kit",
    (user) => user.signIns.push(signInFrom(user, SEATTLE, AT, { change: { userAgent: "node-fetch/1.0" } })),
  ],
  [
    "was in two places at once",
    "suspicious",
    "impossible-travel",
    (user) =>
      user.signIns.push(
        signInFrom(user, SEATTLE, AT, { device: user.laptop }),
        signInFrom(user, HANOI, AT + 30 * MINUTE, { ip: EVIL_IP }),
      ),
  ],
  [
    "was given a sign-in method by an intruder",
    "likely",
    "new-sign-in-method",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
      user.methods.push(method("microsoftAuthenticatorAuthenticationMethod", "evil", AT + 20 * MINUTE));
    },
  ],
  [
    "consented to a stranger's app",
    "suspicious",
    "overreaching-app",
    (user) =>
      consent(user, {
        name: "Mail Organiser",
        scopes: "Mail.ReadWrite Mail.Send offline_access",
        addedAt: AT,
      }),
  ],
  [
    "consented to an app known from break-ins",
    "likely",
    "abused-app",
    (user) =>
      consent(user, {
        name: "Backup",
        scopes: "EWS.AccessAsUser.All",
        appId: "ff8d92dc-3d82-41d6-bcbd-b9174d163620",
      }),
  ],
  [
    "is confirmed compromised",
    "confirmed",
    "confirmed-compromised",
    ({ riskyUsers, who }) =>
      riskyUsers.push({
        id: `${who.id}`,
        riskLevel: "high",
        riskState: "confirmedCompromised",
        userPrincipalName: who.upn,
      }),
  ],
  [
    "is at high risk",
    "suspicious",
    "risky-user",
    ({ riskDetections, who }) =>
      riskDetections.push({
        id: "d",
        userId: who.id,
        riskEventType: "leakedCredentials",
        riskLevel: "high",
        riskState: "atRisk",
      }),
  ],
  [
    "made somebody Global Administrator",
    "likely",
    "role-assigned",
    ({ audits, who }) =>
      audits.push(
        audit("Add member to role", AT, {
          by: who,
          on: account("new@contoso.com", "New"),
          properties: { "Role.DisplayName": "Global Administrator" },
        }),
      ),
  ],
  [
    "has a temporary access pass after years",
    "suspicious",
    "temporary-access-pass",
    (user) => user.methods.push(method("temporaryAccessPassAuthenticationMethod", "tap", AT)),
  ],
  [
    "gave in to MFA requests",
    "suspicious",
    "mfa-fatigue",
    (user) => {
      away(user);
      const refused = { errorCode: 500121, failureReason: "x", additionalDetails: null };
      for (let n = 0; n < 4; n++)
        user.signIns.push(signInFrom(user, HANOI, AT + n * 5 * MINUTE, { ip: EVIL_IP, status: refused }));
      user.signIns.push(signInFrom(user, HANOI, AT + 25 * MINUTE, { ip: EVIL_IP }));
    },
  ],
  [
    "sends phishing after a break-in",
    "likely",
    "sent-burst",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
      for (let n = 0; n < 60; n++)
        user.sent.push(
          mail(user.who, AT + HOUR + n * 2_000, "Shared document", [`victim${n}@client.example`]),
        );
    },
  ],
  [
    "sent a campaign and deleted it",
    "suspicious",
    "sent-then-deleted",
    ({ deleted, who }) => {
      for (let n = 0; n < 30; n++)
        deleted.push(mail(who, AT + n * 2_000, "New bank details", [`victim${n}@client.example`]));
    },
  ],
  [
    "had a harmful rule that is gone",
    "likely",
    "vanished-inbox-rule",
    ({ unifiedAudit, who }) =>
      unifiedAudit.push(
        unified(
          "New-InboxRule",
          AT,
          who,
          { Name: "..", SubjectContainsWords: "invoice;iban", DeleteMessage: "True" },
          EVIL_IP,
        ),
      ),
  ],
  [
    "lost Microsoft's notices to an intruder",
    "likely",
    "deleted-notifications",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
      user.deleted.push(
        mail(
          { upn: "account-security-noreply@accountprotection.microsoft.com" },
          AT + HOUR,
          "New sign-in method",
          [user.who.upn],
        ),
      );
    },
  ],
  [
    "typed a device code for somebody abroad",
    "suspicious",
    "device-code",
    (user) => {
      away(user);
      const change = { authenticationProtocol: "deviceCode" };
      user.signIns.push(signInFrom(user, HANOI, AT, { ip: EVIL_IP, change }));
    },
  ],
  [
    "had a rule changed from an intruder's address, days later",
    "likely",
    "inbox-rule-changed",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT - 2 * DAY, evil));
      user.unifiedAudit.push(
        unified("Set-InboxRule", AT, user.who, { Identity: "News", Enabled: "True" }, EVIL_IP),
      );
    },
  ],
  [
    "registered an intruder's device",
    "likely",
    "new-device",
    (user) => {
      user.signIns.push(signInFrom(user, AMSTERDAM, AT, evil));
      const facts = {
        by: user.who,
        on: user.who,
        ip: EVIL_IP,
        targetId: guid("evil device"),
        name: "DESKTOP-1",
      };
      user.audits.push(audit("Register device", AT + HOUR, facts));
    },
  ],
];

describe("among them, a compromised user is found who", () => {
  test.for(CRIMES.map((crime) => [...crime, random.between(0, USERS)] as const))(
    "%s: %s by %s",
    ([, level, rule, commit, index]) => {
      const user = structuredClone(tenant[index]);
      if (user === undefined) throw new Error(`Expected user ${index} to exist`);
      commit(user);
      const { verdict, findings } = judgeUser(user);
      expect(findings.filter(({ severity }) => severity !== "low").map((finding) => finding.rule)).toContain(
        rule,
      );
      expect(verdict.level).toBe(level);
    },
  );
});
