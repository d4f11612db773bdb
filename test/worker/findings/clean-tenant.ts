import type { DeviceDetail, SignInLocation } from "@microsoft/microsoft-graph-types";
import type { FindingsDocument } from "../../../worker/findings/findings.ts";
import { judge } from "../../../worker/findings/investigate.ts";
import {
  AMSTERDAM,
  BAD_PASSWORD,
  HANOI,
  LOCKED,
  MFA_BY_CLAIM,
  MFA_DONE,
  managedLaptop,
  SAO_PAULO,
  SEATTLE,
  SINGLE_FACTOR,
  signIn,
  TORONTO,
  UNKNOWN_LINUX,
} from "../../sandbox/tenants/sign-in.ts";
import {
  type Account,
  account,
  folderId,
  guid,
  inboxRule,
  mailFolders,
  memberUser,
  plainTime,
  preciseTime,
} from "../../sandbox/tenants/tenant.ts";
import { artifact } from "./artifacts.ts";
import type { Random } from "./random.ts";

export const NOW = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const TENANT_ID = guid("tenant clean");
const OFFICE_IP = "203.0.113.10";
const FOREIGN = [AMSTERDAM, HANOI, SAO_PAULO, TORONTO];

/** Everything a complete toolkit would leave about one user, as Graph and Exchange write it. */
export interface GeneratedUser {
  habits: string[];
  who: Account;
  laptop: DeviceDetail;
  telephone: DeviceDetail;
  user: object;
  directoryRoles: object[];
  signIns: object[];
  inboxRules: object[];
  mailbox: Record<string, unknown>;
  permissions: object[];
  grants: object[];
  servicePrincipals: object[];
  methods: object[];
  riskyUsers: object[];
  riskDetections: object[];
  audits: object[];
  unifiedAudit: object[];
  sent: object[];
  deleted: object[];
}

/** An ordinary user with a week of work behind them, and a handful of habits that look odd to a program. */
export function ordinaryUser(index: number, random: Random): GeneratedUser {
  const user = userWithoutHabits(index, random);
  for (const { title, probability, apply } of HABITS) {
    if (!random.chance(probability)) continue;
    user.habits.push(title);
    apply(user, random);
  }
  return user;
}

function userWithoutHabits(index: number, random: Random): GeneratedUser {
  const who = account(`user${index}@contoso.com`, `User ${index}`);
  const laptop = managedLaptop(`CONTOSO-LT-${index}`);
  const telephone = { ...phoneOf(who.upn, "old"), isCompliant: random.chance(0.5) ? true : null };
  const created = NOW - random.between(60, 3_000) * DAY;
  return {
    habits: [],
    who,
    laptop,
    telephone,
    user: memberUser(NOW, who, { createdDateTime: plainTime(created), usageLocation: "US" }),
    directoryRoles: [],
    signIns: workdays(random).flatMap((day) => [
      signIn(who, {
        atMs: day,
        ip: OFFICE_IP,
        location: SEATTLE,
        device: laptop,
        status: random.pick([MFA_BY_CLAIM, MFA_DONE]),
        app: random.pick(["officeHome", "outlookWeb", "teams"]),
      }),
      atHomeByPhone(who, telephone, day + random.between(8, 11) * HOUR),
    ]),
    inboxRules: [],
    mailbox: {
      UserPrincipalName: who.upn,
      RecipientTypeDetails: "UserMailbox",
      ForwardingAddress: null,
      ForwardingSmtpAddress: null,
      DeliverToMailboxAndForward: false,
      GrantSendOnBehalfTo: [],
    },
    permissions: [
      {
        Identity: who.displayName,
        User: "NT AUTHORITY\\SELF",
        AccessRights: ["FullAccess", "ReadPermission"],
        IsInherited: false,
        Deny: false,
      },
    ],
    grants: [],
    servicePrincipals: [],
    methods: [
      {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        id: "28c10230-6103-485e-b985-444c60001490",
      },
      method("microsoftAuthenticatorAuthenticationMethod", `${who.upn} old`, created + DAY, {
        displayName: "Pixel 7",
      }),
      method("phoneAuthenticationMethod", `${who.upn} call`, undefined, {
        phoneNumber: "+1 555",
        phoneType: "mobile",
      }),
    ],
    riskyUsers: [],
    riskDetections: [],
    audits: [],
    unifiedAudit: [],
    sent: Array.from({ length: random.between(3, 12) }, (_, n) =>
      mail(who, NOW - random.between(1, 6 * 24) * HOUR, `Project ${n}`, [
        "partner@fabrikam.com",
        "boss@contoso.com",
      ]),
    ),
    deleted: Array.from({ length: random.between(2, 10) }, (_, n) =>
      mail({ upn: "news@shop.example" }, NOW - random.between(1, 6 * 24) * HOUR, `Sale ${n}`, [who.upn]),
    ),
  };
}

/** Mornings of the last week's workdays. */
function workdays(random: Random): number[] {
  return [1, 2, 3, 4, 5, 6]
    .filter(() => random.chance(0.8))
    .map((day) => NOW - day * DAY - random.between(0, 120) * MINUTE);
}

function phoneOf(upn: string, which: string): DeviceDetail {
  return {
    deviceId: guid(`phone ${upn} ${which}`),
    displayName: "Phone",
    operatingSystem: "Ios 18.1",
    browser: "Mobile Safari",
    isCompliant: null,
    isManaged: null,
    trustType: "Azure AD registered",
  };
}

function atHomeByPhone(who: Account, device: DeviceDetail, atMs: number) {
  return signIn(who, {
    atMs: Math.min(atMs, NOW - MINUTE),
    ip: "198.18.4.20",
    location: SEATTLE,
    device,
    status: MFA_BY_CLAIM,
    app: "outlookMobile",
  });
}

export function method(type: string, seed: string, at: number | undefined, rest: object = {}): object {
  return {
    "@odata.type": `#microsoft.graph.${type}`,
    id: guid(`method ${seed}`),
    createdDateTime: at === undefined ? null : plainTime(at),
    ...rest,
  };
}

export function mail(from: { upn: string }, atMs: number, subject: string, to: string[]): object {
  const at = plainTime(atMs);
  return {
    id: guid(`mail ${from.upn} ${atMs} ${subject} ${to[0]}`),
    subject,
    from: { emailAddress: { name: "x", address: from.upn } },
    toRecipients: to.map((address) => ({ emailAddress: { name: "x", address } })),
    sentDateTime: at,
    receivedDateTime: at,
    hasAttachments: false,
  };
}

export function audit(
  activity: string,
  atMs: number,
  { by, on, ip = OFFICE_IP, reason = "", properties = {}, targetId, name }: AuditFacts,
): object {
  const modifiedProperties = Object.entries(properties).map(([displayName, value]) => ({
    displayName,
    oldValue: null,
    newValue: JSON.stringify(value),
  }));
  return {
    id: guid(`audit ${activity} ${atMs} ${by.upn}`),
    activityDisplayName: activity,
    activityDateTime: preciseTime(atMs),
    category: "UserManagement",
    result: "success",
    resultReason: reason,
    initiatedBy: { user: { id: by.id, userPrincipalName: by.upn, ipAddress: ip }, app: null },
    targetResources: [
      {
        id: targetId ?? on.id,
        displayName: name ?? null,
        type: "User",
        userPrincipalName: targetId ? null : on.upn,
        modifiedProperties,
      },
    ],
    additionalDetails: [],
  };
}

interface AuditFacts {
  by: Account;
  on: Account;
  ip?: string;
  reason?: string;
  properties?: Record<string, string>;
  targetId?: string;
  name?: string;
}

const HELP_DESK = account("helpdesk@contoso.com", "Help Desk");

/** A record of Search-UnifiedAuditLog, whose interesting part is JSON in a string. */
export function unified(
  operation: string,
  atMs: number,
  { upn }: Account,
  parameters: Record<string, string>,
  ip = OFFICE_IP,
): object {
  const data = {
    Id: guid(`ual ${operation} ${atMs} ${upn}`),
    CreationTime: plainTime(atMs).replace("Z", ""),
    Operation: operation,
    Workload: "Exchange",
    ResultStatus: "True",
    UserId: upn,
    ClientIP: `${ip}:50123`,
    Parameters: Object.entries(parameters).map(([Name, Value]) => ({ Name, Value })),
  };
  return {
    RecordType: 1,
    CreationDate: plainTime(atMs),
    UserIds: upn,
    Operations: operation,
    AuditData: JSON.stringify(data),
  };
}

export function consent(
  user: GeneratedUser,
  app: { name: string; scopes: string; appId?: string; owner?: string; verified?: boolean; addedAt?: number },
): void {
  const id = guid(`service principal ${app.name}`);
  user.grants.push({
    id: guid(`grant ${app.name} ${user.who.upn}`),
    clientId: id,
    consentType: "Principal",
    principalId: user.who.id,
    resourceId: guid("graph"),
    scope: ` ${app.scopes}`,
  });
  user.servicePrincipals.push({
    id,
    appId: app.appId ?? guid(`app ${app.name}`),
    displayName: app.name,
    appOwnerOrganizationId: app.owner ?? guid(`owner ${app.name}`),
    verifiedPublisher: app.verified === true ? { verifiedPublisherId: "1", displayName: app.name } : null,
    createdDateTime: plainTime(app.addedAt ?? NOW - 700 * DAY),
    servicePrincipalType: "Application",
  });
}

export function signInFrom(
  user: GeneratedUser,
  place: SignInLocation,
  atMs: number,
  facts: { device?: DeviceDetail; ip?: string; status?: typeof MFA_DONE; change?: object } = {},
): object {
  return signIn(user.who, {
    atMs,
    ip: facts.ip ?? "192.0.2.77",
    location: place,
    device: facts.device ?? UNKNOWN_LINUX,
    status: facts.status ?? MFA_DONE,
    ...(facts.change === undefined ? {} : { change: facts.change }),
  });
}

const MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
const NOTICE = { upn: "msonlineservicesteam@microsoftonline.com" };

interface Habit {
  title: string;
  probability: number;
  apply: (user: GeneratedUser, random: Random) => void;
}

/** What people do all the time, and what happens to every account. None of it is a sign of anything. */
export const HABITS: readonly Habit[] = [
  {
    title: "files newsletters",
    probability: 0.5,
    apply: ({ inboxRules, who }, random) =>
      inboxRules.push(
        inboxRule(1, random.pick(["Newsletters", "News", "NL"]), {
          conditions: { senderContains: ["newsletter", "digest@"] },
          actions: { moveToFolder: folderId(who.upn, "Newsletters"), markAsRead: random.chance(0.5) },
        }),
      ),
  },
  {
    title: "deletes spam by subject",
    probability: 0.3,
    apply: ({ inboxRules }) =>
      inboxRules.push(
        inboxRule(2, "Remove spam", {
          conditions: { subjectContains: ["enter to win", "viagra"] },
          actions: { delete: true },
        }),
      ),
  },
  {
    title: "moves spam senders to junk",
    probability: 0.1,
    apply: ({ inboxRules, who }) =>
      inboxRules.push(
        inboxRule(3, "Junk", {
          conditions: { senderContains: ["@promo.example"] },
          actions: { moveToFolder: folderId(who.upn, "Junk Email"), markAsRead: true },
        }),
      ),
  },
  {
    title: "files invoices, as accountants do",
    probability: 0.1,
    apply: ({ inboxRules, who }, random) =>
      inboxRules.push(
        inboxRule(4, "Invoices", {
          conditions: { subjectContains: ["invoice", "Rechnung"] },
          actions: { moveToFolder: folderId(who.upn, random.pick(["Invoices", "Archive"])) },
        }),
      ),
  },
  {
    title: "deletes alerts of a server",
    probability: 0.05,
    apply: ({ inboxRules }) =>
      inboxRules.push(
        inboxRule(5, "Monitoring", {
          conditions: { subjectContains: ["[alert]"] },
          actions: { delete: true },
        }),
      ),
  },
  {
    title: "forwards bookings to a colleague",
    probability: 0.1,
    apply: ({ inboxRules }) =>
      inboxRules.push(
        inboxRule(6, "Bookings", {
          conditions: { subjectContains: ["itinerary"] },
          actions: { forwardTo: [{ emailAddress: { name: "Alex", address: "alex@contoso.com" } }] },
        }),
      ),
  },
  {
    title: "made a rule for newsletters this week",
    probability: 0.1,
    apply: ({ unifiedAudit, who }, random) =>
      unifiedAudit.push(
        unified("New-InboxRule", NOW - random.between(10, 140) * HOUR, who, {
          Name: "News",
          FromAddressContainsWords: "newsletter",
          MoveToFolder: "Newsletters",
        }),
      ),
  },
  {
    title: "travels with the managed laptop",
    probability: 0.1,
    apply: (user, random) =>
      user.signIns.push(
        signInFrom(user, random.pick(FOREIGN), NOW - random.between(1, 6) * DAY, { device: user.laptop }),
      ),
  },
  {
    title: "was on holiday with the usual telephone for some days",
    probability: 0.08,
    apply: (user, random) => {
      const place = random.pick(FOREIGN);
      for (const day of [1, 2, 3]) {
        const at = NOW - day * DAY - 7 * HOUR;
        user.signIns.push(
          signInFrom(user, place, at, { device: user.telephone }),
          // Beta's row for a token that was renewed.
          signInFrom(user, place, at + HOUR, {
            device: user.telephone,
            status: SINGLE_FACTOR,
            change: { isInteractive: false, authenticationRequirement: "singleFactorAuthentication" },
          }),
        );
      }
    },
  },
  {
    title: "is on holiday with the usual telephone all week, and Conditional Access stops one sign-in",
    probability: 0.04,
    apply: (user, random) => {
      const place = random.pick(FOREIGN);
      const blocked = {
        errorCode: 53003,
        failureReason: "Blocked by Conditional Access.",
        additionalDetails: null,
      };
      user.signIns = [1, 2, 3, 4, 5, 6].map((day) =>
        signInFrom(user, place, NOW - day * DAY - 7 * HOUR, { device: user.telephone }),
      );
      user.signIns.push(signInFrom(user, place, NOW - 3 * DAY, { device: user.telephone, status: blocked }));
      user.audits = [];
      user.methods = user.methods.slice(0, 2);
    },
  },
  {
    title: "uses a VPN with an exit abroad on the telephone",
    probability: 0.08,
    apply: (user, random) => {
      const at = NOW - random.between(1, 6) * DAY;
      user.signIns.push(
        signInFrom(user, SEATTLE, at - 30 * MINUTE, { device: user.telephone, ip: "198.18.4.20" }),
        signInFrom(user, SEATTLE, at, { device: user.laptop, ip: OFFICE_IP }),
        signInFrom(user, random.pick(FOREIGN), at + 5 * MINUTE, { device: user.telephone }),
      );
    },
  },
  {
    title: "is behind the company's VPN with an exit abroad",
    probability: 0.05,
    apply: (user, random) =>
      user.signIns.push(
        signInFrom(user, AMSTERDAM, NOW - random.between(20, 140) * HOUR, { device: user.laptop }),
      ),
  },
  {
    title: "was tried by a password spray from abroad",
    probability: 0.5,
    apply: (user, random) => {
      for (let n = random.between(1, 25); n > 0; n--) {
        user.signIns.push(
          signInFrom(user, random.pick(FOREIGN), NOW - random.between(1, 160) * HOUR - n * MINUTE, {
            ip: `192.0.2.${random.between(1, 200)}`,
            status: random.pick([BAD_PASSWORD, BAD_PASSWORD, LOCKED]),
          }),
        );
      }
    },
  },
  {
    title: "mistyped the password and missed prompts at home",
    probability: 0.3,
    apply: (user, random) => {
      const at = NOW - random.between(10, 140) * HOUR;
      const missed = { errorCode: 500121, failureReason: "Authentication failed.", additionalDetails: "" };
      for (const [minute, status] of [BAD_PASSWORD, BAD_PASSWORD, missed, missed, missed].entries())
        user.signIns.push(
          signInFrom(user, SEATTLE, at + minute * MINUTE, { device: user.laptop, ip: OFFICE_IP, status }),
        );
    },
  },
  {
    title: "has a scanner that sends mail with the password alone",
    probability: 0.03,
    apply: (user, random) =>
      user.signIns.push(
        signInFrom(user, SEATTLE, NOW - random.between(10, 140) * HOUR, {
          ip: OFFICE_IP,
          status: SINGLE_FACTOR,
          change: { clientAppUsed: "Authenticated SMTP" },
        }),
      ),
  },
  {
    title: "signs in to a command line by device code, from home",
    probability: 0.03,
    apply: (user, random) =>
      user.signIns.push(
        signInFrom(user, SEATTLE, NOW - random.between(10, 140) * HOUR, {
          ip: "198.18.9.9",
          change: { authenticationProtocol: "deviceCode", appDisplayName: "Microsoft Azure CLI" },
        }),
      ),
  },
  {
    title: "runs a script of their own",
    probability: 0.02,
    apply: (user, random) =>
      user.signIns.push(
        signInFrom(user, SEATTLE, NOW - random.between(10, 140) * HOUR, {
          device: user.laptop,
          ip: OFFICE_IP,
          change: { userAgent: "axios/1.7.9", appId: guid("script") },
        }),
      ),
  },
  {
    title: "bought a telephone, registered it at home and deleted Microsoft's notice",
    probability: 0.12,
    apply: (user, random) => {
      const { who } = user;
      const at = NOW - random.between(10, 140) * HOUR;
      const device = phoneOf(who.upn, "new");
      user.methods.push(
        method("microsoftAuthenticatorAuthenticationMethod", `${who.upn} new`, at, {
          displayName: "iPhone 17",
        }),
      );
      user.audits.push(
        audit("User registered security info", at, { by: who, on: who }),
        audit("User deleted security info", at + MINUTE, { by: who, on: who }),
        audit("Register device", at + 2 * MINUTE, {
          by: who,
          on: who,
          targetId: guid(`device ${who.upn}`),
          name: "iPhone",
        }),
      );
      user.deleted.push(mail(NOTICE, at + 3 * MINUTE, "Your security info was updated", [who.upn]));
      user.signIns.push(atHomeByPhone(who, user.telephone, at - HOUR), atHomeByPhone(who, device, at + HOUR));
      // Who is on holiday all week registers nothing at home.
      user.signIns = user.signIns.filter((each) => !JSON.stringify(each).includes("192.0.2.77"));
    },
  },
  {
    title: "changed the password",
    probability: 0.1,
    apply: ({ audits, who }, random) =>
      audits.push(audit("Change user password", NOW - random.between(10, 140) * HOUR, { by: who, on: who })),
  },
  {
    title: "had the password reset by the help desk",
    probability: 0.06,
    apply: ({ audits, who }, random) =>
      audits.push(
        audit("Reset user password", NOW - random.between(10, 140) * HOUR, { by: HELP_DESK, on: who }),
      ),
  },
  {
    title: "began this month, with a temporary access pass",
    probability: 0.02,
    apply: (user) => {
      const { who } = user;
      user.user = memberUser(NOW, who, { createdDateTime: plainTime(NOW - 5 * DAY) });
      user.audits.push(
        audit("Admin registered security info", NOW - 4 * DAY, {
          by: HELP_DESK,
          on: who,
          reason: "Admin registered temporary access pass method for user",
        }),
      );
    },
  },
  {
    title: "uses Microsoft's own apps",
    probability: 0.9,
    apply: (user) =>
      consent(user, {
        name: "Microsoft Teams",
        scopes: "Mail.ReadWrite Files.ReadWrite.All offline_access",
        owner: MICROSOFT,
      }),
  },
  {
    title: "uses an app that reads the calendar",
    probability: 0.4,
    apply: (user, random) =>
      consent(user, {
        name: "Meeting planner",
        scopes: "openid profile offline_access User.Read Calendars.ReadWrite Contacts.Read",
        verified: random.chance(0.5),
        addedAt: NOW - random.between(1, 900) * DAY,
      }),
  },
  {
    title: "has long let an app of no verified publisher read files",
    probability: 0.1,
    apply: (user) => consent(user, { name: "Old viewer", scopes: "Files.Read offline_access" }),
  },
  {
    title: "uses a verified publisher's app that writes",
    probability: 0.3,
    apply: (user, random) =>
      consent(user, {
        name: "CRM connector",
        scopes: "Mail.ReadWrite Mail.Send Files.ReadWrite.All offline_access",
        verified: true,
        addedAt: NOW - random.between(1, 900) * DAY,
      }),
  },
  {
    title: "uses the company's own app",
    probability: 0.2,
    apply: (user) =>
      consent(user, { name: "Intranet", scopes: "Files.ReadWrite.All offline_access", owner: TENANT_ID }),
  },
  {
    title: "sends the newsletter to many people outside",
    probability: 0.03,
    apply: ({ sent, who }, random) => {
      const at = NOW - random.between(10, 140) * HOUR;
      for (let n = 0; n < 100; n++)
        sent.push(mail(who, at + n * 1_000, "Our November news", [`customer${n}@client${n}.example`]));
    },
  },
  {
    title: "sends a weekly report to partners",
    probability: 0.05,
    apply: ({ sent, who }) => {
      for (let n = 0; n < 12; n++)
        sent.push(mail(who, NOW - (20 + n) * HOUR, "Weekly report", [`p${n}@fabrikam.com`]));
    },
  },
  {
    title: "cleared out years of old mail",
    probability: 0.05,
    apply: ({ deleted, who }) => {
      for (let n = 0; n < 50; n++) {
        const at = NOW - (300 + n) * DAY;
        deleted.push(
          mail(who, at, `Old ${n % 9}`, [`customer${n}@client.example`]),
          mail(NOTICE, at, "Security info was added", [who.upn]),
        );
      }
    },
  },
  {
    title: "shares the mailbox with an assistant",
    probability: 0.05,
    apply: (user, random) => {
      user.permissions.push({
        Identity: user.who.displayName,
        User: "assistant@contoso.com",
        AccessRights: ["FullAccess"],
      });
      user.mailbox.GrantSendOnBehalfTo = ["assistant"];
      user.unifiedAudit.push(
        unified("Add-MailboxPermission", NOW - random.between(10, 140) * HOUR, user.who, {
          User: "assistant",
        }),
      );
    },
  },
  {
    title: "forwards all mail to a colleague while away",
    probability: 0.02,
    apply: ({ mailbox }) => Object.assign(mailbox, { ForwardingSmtpAddress: "smtp:alex@contoso.com" }),
  },
  {
    title: "had a risk at home that the second factor settled",
    probability: 0.1,
    apply: (user, random) => {
      const { who } = user;
      user.signIns.push(
        signInFrom(user, SEATTLE, NOW - random.between(10, 140) * HOUR, {
          device: user.laptop,
          ip: OFFICE_IP,
          change: { riskLevelDuringSignIn: "medium", riskState: "remediated" },
        }),
      );
      user.riskyUsers.push({
        id: who.id,
        userPrincipalName: who.upn,
        riskLevel: "none",
        riskState: "remediated",
      });
      user.riskDetections.push({
        id: guid(`risk ${who.upn}`),
        userId: who.id,
        riskEventType: "unfamiliarFeatures",
        riskLevel: "medium",
        riskState: "remediated",
      });
    },
  },
  {
    title: "has a low risk that nobody looked at",
    probability: 0.05,
    apply: ({ riskyUsers, who }) =>
      riskyUsers.push({ id: who.id, userPrincipalName: who.upn, riskLevel: "low", riskState: "atRisk" }),
  },
  {
    title: "invited a guest",
    probability: 0.05,
    apply: ({ audits, who }, random) =>
      audits.push(
        audit("Invite external user", NOW - random.between(10, 140) * HOUR, {
          by: who,
          on: account("x#EXT#@contoso.com", "X"),
        }),
      ),
  },
  {
    title: "is an administrator who activates the role each morning",
    probability: 0.02,
    apply: (user) => {
      const { who } = user;
      user.directoryRoles.push({
        "@odata.type": "#microsoft.graph.directoryRole",
        id: guid("role"),
        displayName: "User Administrator",
        roleTemplateId: guid("template"),
      });
      const facts = { by: who, on: who, properties: { "Role.DisplayName": "Global Administrator" } };
      user.audits.push(audit("Add member to role completed (PIM activation)", NOW - 30 * HOUR, facts), {
        ...audit("Add member to role", NOW - 30 * HOUR - 2_000, facts),
        initiatedBy: { user: null, app: { displayName: "MS-PIM" } },
      });
    },
  },
  {
    title: "has no usage location",
    probability: 0.05,
    apply: (user) => {
      user.user = memberUser(NOW, user.who, { usageLocation: null });
      user.signIns = user.signIns.filter((each) => JSON.stringify(each).includes('"countryOrRegion":"US"'));
      for (let n = 0; n < 12; n++)
        user.signIns.push(atHomeByPhone(user.who, user.telephone, NOW - n * 9 * HOUR - HOUR));
    },
  },
];

/** What the bot says of a user of whom a complete toolkit left everything. */
export function judgeUser(user: GeneratedUser): FindingsDocument {
  const list = (fragment: string, value: object[]) => ({
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${fragment}`,
    value,
  });
  const { upn } = user.who;
  const folders = mailFolders(upn, [{ name: "Newsletters" }, { name: "Invoices" }]);
  const contents = [
    user.user,
    list("directoryRoles", user.directoryRoles),
    list("domains", [{ id: "contoso.com", isVerified: true, isDefault: true }]),
    list("auditLogs/signIns", user.signIns),
    list("users('x')/mailFolders('inbox')/messageRules", user.inboxRules),
    list("users('x')/mailFolders", folders),
    [user.mailbox],
    user.permissions,
    list("oauth2PermissionGrants", user.grants),
    list("servicePrincipals", user.servicePrincipals),
    list("users('x')/authentication/methods", user.methods),
    list("identityProtection/riskyUsers", user.riskyUsers),
    list("identityProtection/riskDetections", user.riskDetections),
    list("auditLogs/directoryAudits", user.audits),
    { unifiedAuditLog: user.unifiedAudit },
    list("users('x')/mailFolders('sentitems')/messages", user.sent),
    list("users('x')/mailFolders('deleteditems')/messages", user.deleted),
  ];
  return judge({
    artifacts: contents.map((content, index) => artifact(`${index}.json`, content)),
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: TENANT_ID, domain: "contoso.com" },
      target: upn,
      started: new Date(NOW - 20_000).toISOString(),
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
    },
    now: new Date(NOW),
  });
}
