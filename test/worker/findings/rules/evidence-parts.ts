import type { AuditEvent } from "../../../../worker/findings/audit-event.ts";
import type { AuthMethod } from "../../../../worker/findings/auth-method.ts";
import type { App, Consent } from "../../../../worker/findings/consent.ts";
import type { Act } from "../../../../worker/findings/indicators/audit-activities.ts";
import type { Mailbox } from "../../../../worker/findings/mailbox.ts";
import type { Message } from "../../../../worker/findings/message.ts";
import type { Risk } from "../../../../worker/findings/risk.ts";
import { abroad, MINUTE } from "./sign-ins.ts";

const source = { artifact: "x.json", path: "$" };
export const HOUR = 60 * MINUTE;

/** Shortly after the doubtful sign-in `abroad`, and a day before it. */
export const NEAR = (abroad.at ?? 0) + 10 * MINUTE;
export const FAR = (abroad.at ?? 0) - 24 * HOUR;

export const ADELE = { id: "u1", upn: "adele@contoso.com", name: undefined };
export const HELP_DESK = { id: "u9", upn: "help@contoso.com", name: undefined };

/** Adele's own doing, at a time when nothing doubtful was near. */
export function event(act: Act, change: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: `${act} 1`,
    at: FAR,
    activity: act,
    act,
    succeeded: true,
    actor: { id: ADELE.id, upn: ADELE.upn, ip: "203.0.113.10", app: undefined },
    targets: [ADELE],
    details: new Map(),
    source,
    ...change,
  };
}

export function by(who: { id: string; upn: string }, ip = "203.0.113.10"): AuditEvent["actor"] {
  return { id: who.id, upn: who.upn, ip, app: undefined };
}

export const telephone: AuthMethod = {
  id: "m1",
  type: "microsoftAuthenticator",
  label: "iPhone",
  createdAt: FAR,
  source,
};

/** An app that nobody vouches for. */
export const strangerApp: App = {
  id: "sp1",
  appId: "7d3d5a4e-0000-4000-8000-000000000001",
  name: "Mail Organiser",
  publisher: "Mail Organiser",
  verified: false,
  ownerTenantId: "11111111-2222-4333-8444-555555555555",
  addedAt: FAR - 400 * 24 * HOUR,
  source,
};

export function consentTo(app: App | undefined, scopes: string[], change: Partial<Consent> = {}): Consent {
  return {
    id: "g1",
    clientId: app?.id ?? "sp1",
    forEveryone: false,
    principalId: "u1",
    scopes,
    app,
    source,
    ...change,
  };
}

export const mailbox: Mailbox = {
  upn: ADELE.upn,
  forwardsTo: undefined,
  forwardsOutside: false,
  forwardsToEntry: undefined,
  keepsCopy: undefined,
  sendOnBehalf: [],
  source,
};

export const riskOf = (change: Partial<Risk> = {}): Risk => ({
  id: "riskyUser u1",
  type: "riskyUser",
  level: "high",
  state: "atRisk",
  userId: "u1",
  upn: ADELE.upn,
  at: NEAR,
  ip: undefined,
  source,
  ...change,
});

export function mail(change: Partial<Message> = {}): Message {
  const recipients = change.recipients ?? ["partner@fabrikam.com"];
  return {
    id: "m1",
    subject: "Offer",
    from: ADELE.upn,
    at: FAR,
    source,
    ...change,
    recipients,
    outside: recipients.filter((address) => !address.endsWith("@contoso.com")),
  };
}

/** Mails a few seconds apart, each to another person. */
export function mails(n: number, change: Partial<Message> = {}): Message[] {
  return Array.from({ length: n }, (_, index) =>
    mail({
      ...change,
      id: `m${index}`,
      at: (change.at ?? FAR) + index * 5_000,
      recipients: change.recipients ?? [`p${index}@fabrikam.com`],
    }),
  );
}
