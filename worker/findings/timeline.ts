import type { AuditEvent } from "./audit-event.ts";
import type { AuthMethod } from "./auth-method.ts";
import type { Consent } from "./consent.ts";
import type { Evidence } from "./evidence.ts";
import { bySeverity, type Window } from "./finding.ts";
import type { Finding, Severity, Timeline, TimelineLane } from "./findings.ts";
import type { Source } from "./recognise.ts";
import type { Risk } from "./risk.ts";
import type { SignIn } from "./sign-in.ts";

/** In the order in which they are drawn, from the top: the way in, then what was left behind. */
export const laneTitles: Readonly<Record<TimelineLane, string>> = {
  failed_sign_ins: "Failed sign-ins",
  sign_ins: "Sign-ins",
  risk: "Identity risk",
  sign_in_methods: "Sign-in methods",
  app_consents: "App consents",
  inbox_rules: "Inbox rules",
  directory_changes: "Other changes",
};

/** More are a grey bar to the eye, and half a megabyte of report. */
const MAX_EVENTS = 400;

/** What has just happened lies ahead of a clock that is slow. What lies further ahead is no time at all. */
const MAX_SKEW_MS = 24 * 60 * 60_000;

interface Event {
  at: number;
  lane: TimelineLane;
  /** Plain, and in part written by others. */
  label: string;
  source: Source;
}

/**
 * What happened when, of the time that was asked about: everything in the evidence that has a time. An event is as
 * grave as the gravest finding that cites it, and "info" without one. Of too many events those with findings come
 * first, then an even sample of the others; `omitted` counts the rest.
 */
export function timelineOf(evidence: Evidence, findings: readonly Finding[], window: Window): Timeline {
  const severities = severitiesOf(findings);
  const events = eventsOf(evidence)
    .filter(({ at }) => at >= window.start && at <= window.end + MAX_SKEW_MS)
    .map(({ source, ...event }) => ({ ...event, severity: severities.get(keyOf(source)) ?? "info" }));
  const chosen = choose(events);
  return {
    start: new Date(window.start).toISOString(),
    end: new Date(Math.max(window.end, ...chosen.map(({ at }) => at))).toISOString(),
    events: chosen
      .sort((a, b) => a.at - b.at)
      .map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event })),
    omitted: events.length - chosen.length,
  };
}

function eventsOf({ signIns, risks, authMethods, consents, audits }: Evidence): Event[] {
  return [
    ...signIns.flatMap(signInEvent),
    ...risks.flatMap(riskEvent),
    ...authMethods.flatMap(authMethodEvent),
    ...consents.flatMap(consentEvent),
    ...audits.flatMap(auditEvent),
  ];
}

function signInEvent({ at, succeeded, country, city, ip, appName, errorCode, source }: SignIn): Event[] {
  if (at === undefined) return [];
  const place = [city, country, ip].filter((part) => part !== undefined).join(", ") || "an unknown place";
  const to = appName === undefined ? "" : ` to ${appName}`;
  const error = succeeded || errorCode === undefined ? "" : ` (error ${errorCode})`;
  return [
    { at, source, lane: succeeded ? "sign_ins" : "failed_sign_ins", label: `From ${place}${to}${error}` },
  ];
}

function riskEvent({ at, type, level, source }: Risk): Event[] {
  if (at === undefined) return [];
  return [{ at, source, lane: "risk", label: `${type}${level === undefined ? "" : `, level ${level}`}` }];
}

function authMethodEvent({ createdAt: at, type, label, source }: AuthMethod): Event[] {
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
function consentEvent({ app, source }: Consent): Event[] {
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

/** Of the logs' many activities those that rules ask about: the others would hide them. */
function auditEvent({ at, act, activity, actor, succeeded, source }: AuditEvent): Event[] {
  if (at === undefined || act === undefined) return [];
  const by = actor.upn ?? actor.app;
  const label = [activity, by === undefined ? "" : `by ${by}`, succeeded ? "" : "(failed)"].filter(Boolean);
  return [{ at, source, lane: AUDIT_LANES[act], label: label.join(" ") }];
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

function severitiesOf(findings: readonly Finding[]): Map<string, Severity> {
  const severities = new Map<string, Severity>();
  // The gravest first, so that it stays.
  for (const { severity, evidence } of [...findings].sort(bySeverity)) {
    for (const source of evidence) {
      if (!severities.has(keyOf(source))) severities.set(keyOf(source), severity);
    }
  }
  return severities;
}

const keyOf = ({ artifact, path }: Source) => `${artifact} ${path}`;

function choose<T extends { severity: Severity }>(events: readonly T[]): T[] {
  if (events.length <= MAX_EVENTS) return [...events];
  const cited = events
    .filter(({ severity }) => severity !== "info")
    .sort(bySeverity)
    .slice(0, MAX_EVENTS);
  const others = events.filter(({ severity }) => severity === "info");
  const room = Math.min(MAX_EVENTS - cited.length, others.length);
  const sample = Array.from(
    { length: room },
    (_, index) => others[Math.floor((index * others.length) / room)],
  );
  return [...cited, ...sample.filter((event) => event !== undefined)];
}
