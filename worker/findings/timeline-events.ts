import type { AuditEvent } from "./audit-event.ts";
import type { AuthMethod } from "./auth-method.ts";
import type { Consent } from "./consent.ts";
import type { Evidence } from "./evidence.ts";
import type { TimelineLane } from "./findings.ts";
import type { Source } from "./recognise.ts";
import type { Risk } from "./risk.ts";
import type { SignIn } from "./sign-in.ts";

/** Something that the evidence says happened at a time. */
export interface TimelineEvent {
  /** Milliseconds since 1970. */
  at: number;
  lane: TimelineLane;
  /** Plain, and in part written by others. */
  label: string;
  source: Source;
}

/** Everything in the evidence of one account that has a time. */
export function accountEvents({ signIns, risks, authMethods, consents, audits }: Evidence): TimelineEvent[] {
  return [
    ...signIns.flatMap(signInEvent),
    ...risks.flatMap(riskEvent),
    ...authMethods.flatMap(authMethodEvent),
    ...consents.flatMap(consentEvent),
    // Of the logs' many activities those that rules ask about: the others would hide them.
    ...audits.filter(({ act }) => act !== undefined).flatMap(auditEvent),
  ];
}

function signInEvent({
  at,
  succeeded,
  country,
  city,
  ip,
  appName,
  errorCode,
  source,
}: SignIn): TimelineEvent[] {
  if (at === undefined) return [];
  const place = [city, country, ip].filter((part) => part !== undefined).join(", ") || "an unknown place";
  const to = appName === undefined ? "" : ` to ${appName}`;
  const error = succeeded || errorCode === undefined ? "" : ` (error ${errorCode})`;
  return [
    { at, source, lane: succeeded ? "sign_ins" : "failed_sign_ins", label: `From ${place}${to}${error}` },
  ];
}

export function riskEvent({ at, type, level, source }: Risk): TimelineEvent[] {
  if (at === undefined) return [];
  return [{ at, source, lane: "risk", label: `${type}${level === undefined ? "" : `, level ${level}`}` }];
}

function authMethodEvent({ createdAt: at, type, label, source }: AuthMethod): TimelineEvent[] {
  if (at === undefined) return [];
  return [
    {
      at,
      source,
      lane: "sign_in_methods",
      label: `Registered: ${type}${label === undefined ? "" : ` "${label}"`}`,
    },
  ];
}

/** A grant has no time of its own. The first one brings the app into the tenant, which has one. */
export function consentEvent({ app, source }: Consent): TimelineEvent[] {
  if (app?.addedAt === undefined) return [];
  return [
    {
      at: app.addedAt,
      source,
      lane: "app_consents",
      label: `App "${app.name ?? app.appId ?? app.id}" came into the tenant`,
    },
  ];
}

export function auditEvent({ at, act, activity, actor, succeeded, source }: AuditEvent): TimelineEvent[] {
  if (at === undefined) return [];
  const by = actor.upn ?? actor.app;
  const label = [activity, by === undefined ? "" : `by ${by}`, succeeded ? "" : "(failed)"].filter(Boolean);
  return [
    { at, source, lane: act === undefined ? "directory_changes" : AUDIT_LANES[act], label: label.join(" ") },
  ];
}

const AUDIT_LANES: Readonly<Record<NonNullable<AuditEvent["act"]>, TimelineLane>> = {
  "security-info-added": "sign_in_methods",
  "security-info-removed": "sign_in_methods",
  "temporary-access-pass": "sign_in_methods",
  "password-reset": "sign_in_methods",
  "role-assigned": "directory_changes",
  consent: "app_consents",
  "device-registered": "directory_changes",
  "inbox-rule-changed": "inbox_rules",
  "mailbox-changed": "directory_changes",
  "mailbox-access-given": "directory_changes",
};
