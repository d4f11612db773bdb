import type { DirectoryAudit } from "@microsoft/microsoft-graph-types";
import { appAssignment, userConsent } from "./apps.ts";
import { audit, userTarget } from "./audits.ts";
import { authenticator, passwordMethod, phone, windowsHello } from "./auth-methods.ts";
import { junkRule, NO_FORWARDING } from "./exchange.ts";
import { type MailHeader, mail, sentBy } from "./mail.ts";
import { MFA_BY_CLAIM, managedLaptop, nonInteractiveSignIn, SEATTLE } from "./sign-in.ts";
import type { Account, SandboxMailbox, SandboxUser } from "./tenant.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Habits = Pick<
  SandboxUser,
  "nonInteractiveSignIns" | "authMethods" | "grants" | "appRoleAssignments" | "risk" | "riskDetections"
>;

/** What there is of a person whom nobody attacks: tokens renewed at work, an old phone, apps that everybody has. */
export function ordinaryHabits(
  now: number,
  who: Account,
  { tenant, laptop, ip }: { tenant: string; laptop: string; ip: string },
): Habits {
  const desk = { ip, location: SEATTLE, device: managedLaptop(laptop), status: MFA_BY_CLAIM };
  return {
    nonInteractiveSignIns: [0, 1, 3, 4, 5].flatMap((day) => [
      nonInteractiveSignIn(who, { ...desk, atMs: now - day * DAY - 3.5 * HOUR, app: "outlookWeb" }),
      nonInteractiveSignIn(who, { ...desk, atMs: now - day * DAY - 1.5 * HOUR, app: "teams" }),
    ]),
    authMethods: [
      passwordMethod(now - 140 * DAY),
      phone("+1 206 5550142"),
      authenticator(who.upn, `${who.displayName.split(" ")[0]}'s phone`, now - 410 * DAY),
      windowsHello(who.upn, laptop, now - 300 * DAY),
    ],
    grants: [
      userConsent(tenant, who, "Graph Explorer", "openid profile User.Read"),
      userConsent(tenant, who, "Zoom", "openid profile offline_access Calendars.ReadWrite"),
    ],
    appRoleAssignments: [
      appAssignment(tenant, who, "Graph Explorer", now - 380 * DAY),
      appAssignment(tenant, who, "Zoom", now - 260 * DAY),
      appAssignment(tenant, who, "Expense Reports", now - 90 * DAY),
    ],
    risk: undefined,
    riskDetections: [],
  };
}

type Mails = Omit<SandboxMailbox, "folders" | "inboxRules" | "closedToApp">;

/** A week of mail: colleagues, suppliers, a round mail, and what people delete unread. */
export function ordinaryMails(now: number, who: Account): Mails {
  const domain = who.upn.split("@")[1] ?? "";
  const colleagues = ["dana", "isaiah", "lidia", "lynne", "miriam", "nestor", "patti", "pradeep"].map(
    (name) => `${name}@${domain}`,
  );
  const weekdays = [0, 1, 2, 3, 4].map((day) => now - day * DAY);
  const received = (atMs: number, address: string, subject: string, isRead = true): MailHeader =>
    mail({ atMs, subject, from: { address }, to: [who.upn], isRead });
  return {
    sentItems: [
      ...weekdays.map((at, day) =>
        sentBy(who, { atMs: at - 4 * HOUR, subject: `Notes of day ${5 - day}`, to: colleagues.slice(0, 3) }),
      ),
      ...weekdays.map((at, day) =>
        sentBy(who, {
          atMs: at - 2 * HOUR - 7 * MINUTE,
          subject: day % 2 === 0 ? "Re: Purchase order 2217" : "Re: Delivery dates",
          to: [day % 2 === 0 ? "orders@relecloud.com" : "sales@tailspintoys.com"],
          hasAttachments: day === 2,
        }),
      ),
      sentBy(who, { atMs: now - 2 * DAY - HOUR, subject: "Lunch on Friday", to: colleagues }),
      sentBy(who, { atMs: now - 20 * DAY, subject: "Holidays", to: colleagues.slice(0, 2) }),
    ].sort(newestFirst("sentDateTime")),
    deletedItems: [
      ...weekdays.map((at) => received(at - 5 * HOUR, "digest@news.example", "Your morning digest", false)),
      received(now - 3 * DAY, "no-reply@bank.example", "Your verification code"),
      received(now - DAY - HOUR, "noreply@teams.example", "You have missed activity", false),
      received(now - 30 * DAY, "digest@news.example", "Your morning digest", false),
    ].sort(newestFirst("receivedDateTime")),
    recoverableItems: [
      received(now - 6 * DAY, "offers@shop.example", "Last chance: 20 % off", false),
      received(now - 16 * DAY, "offers@shop.example", "Autumn sale", false),
    ],
    forwarding: NO_FORWARDING,
    hiddenRules: [junkRule(who.upn)],
  };
}

export function newestFirst(time: "sentDateTime" | "receivedDateTime") {
  return (a: MailHeader, b: MailHeader) => b[time].localeCompare(a[time]);
}

/** What the directory writes down about a person without anybody doing anything. */
export function ordinaryAudits(now: number, who: Account): DirectoryAudit[] {
  return [
    audit({
      atMs: now - 2 * DAY - 6 * HOUR,
      activity: "Update user",
      category: "UserManagement",
      by: { app: "Microsoft Substrate Management" },
      targets: [userTarget(who, { Department: { before: ["Sales"], after: ["Sales and Service"] } })],
    }),
    audit({
      atMs: now - 5 * DAY - 2 * HOUR,
      activity: "Change user license",
      category: "UserManagement",
      by: { app: "Microsoft Azure AD Group-Based Licensing" },
      targets: [userTarget(who)],
    }),
  ];
}
