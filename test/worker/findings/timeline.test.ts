import { expect, test } from "vitest";
import type { AuditEvent } from "../../../worker/findings/audit-event.ts";
import type { AuthMethod } from "../../../worker/findings/auth-method.ts";
import type { App, Consent } from "../../../worker/findings/consent.ts";
import type { Evidence } from "../../../worker/findings/evidence.ts";
import type { TimelineLane } from "../../../worker/findings/findings.ts";
import type { Risk } from "../../../worker/findings/risk.ts";
import { fromFirstFinding, timelineOf } from "../../../worker/findings/timeline.ts";
import { accountEvents } from "../../../worker/findings/timeline-events.ts";
import { hidesMail } from "./documents.ts";
import { abroad, atHome, evidenceOf, failed, MINUTE, repeated, WINDOW } from "./rules/sign-ins.ts";

const cites = (severity: "critical" | "medium", path: string) => ({
  ...hidesMail,
  severity,
  evidence: [{ artifact: "signins.json", path, fields: {} }],
});
const then = WINDOW.end - 60 * MINUTE;
const source = { artifact: "a.json", path: "$[0]" };
const risk: Risk = {
  ...{ id: "r", type: "leakedCredentials", level: "high", state: "atRisk" },
  ...{ userId: "u1", upn: "adele@contoso.com", at: then, ip: undefined, source },
};
const method: AuthMethod = { id: "m", type: "phone", label: "+1 555", createdAt: then, source };
const app: App = {
  ...{ id: "sp", appId: "app", name: "Mail\u202eReader", publisher: undefined },
  ...{ verified: false, ownerTenantId: undefined, addedAt: then, source },
};
const consent: Consent = {
  ...{ id: "g", clientId: "sp", forEveryone: false, principalId: "u1", scopes: ["Mail.Read"], app, source },
};
const audit: AuditEvent = {
  ...{ id: "e", at: then, activity: "User registered security info", act: "security-info-added" },
  succeeded: true,
  actor: { id: "u1", upn: "adele@contoso.com", ip: undefined, app: undefined },
  ...{ targets: [], details: new Map(), source },
};
const at = (path: string) => ({ artifact: "signins.json", path });

test("sign-ins are events, the failed ones in a lane of their own, oldest first", () => {
  const evidence = evidenceOf([abroad, failed({ ...atHome, at: WINDOW.start }, 50126)]);
  expect(timelineOf(accountEvents(evidence), [], WINDOW)).toEqual({
    start: "2026-11-15T12:00:00.000Z",
    end: "2026-11-22T12:00:00.000Z",
    events: [
      {
        at: "2026-11-15T12:00:00.000Z",
        lane: "failed_sign_ins",
        label: "From Seattle, US, 203.0.113.10 to One Outlook Web (error 50126)",
        severity: "info",
      },
      {
        at: "2026-11-22T11:00:00.000Z",
        lane: "sign_ins",
        label: "From Lagos, NG, 198.51.100.7 to One Outlook Web",
        severity: "info",
      },
    ],
    omitted: 0,
  });
});

test.for<[title: string, change: Partial<Evidence>, lane: TimelineLane, label: string]>([
  ["a risk detection", { risks: [risk] }, "risk", "leakedCredentials, level high"],
  ["a new sign-in method", { authMethods: [method] }, "sign_in_methods", 'Registered: phone "+1 555"'],
  [
    "an app that came with a consent",
    { consents: [consent] },
    "app_consents",
    'App "Mail\u202eReader" came into the tenant',
  ],
  [
    "security info in the log",
    { audits: [audit] },
    "sign_in_methods",
    "User registered security info by adele@contoso.com",
  ],
  [
    "a change of an inbox rule",
    { audits: [{ ...audit, act: "inbox-rule-changed", activity: "New-InboxRule" }] },
    "inbox_rules",
    "New-InboxRule by adele@contoso.com",
  ],
  [
    "a consent in the log that failed",
    { audits: [{ ...audit, act: "consent", activity: "Consent to application", succeeded: false }] },
    "app_consents",
    "Consent to application by adele@contoso.com (failed)",
  ],
  [
    "a role",
    { audits: [{ ...audit, act: "role-assigned" }] },
    "directory_changes",
    "User registered security info by adele@contoso.com",
  ],
])("%s is an event", ([, change, lane, label]) => {
  expect(timelineOf(accountEvents(evidenceOf([], change)), [], WINDOW).events).toEqual([
    { at: "2026-11-22T11:00:00.000Z", lane, label, severity: "info" },
  ]);
});

test.for<[title: string, change: Partial<Evidence>]>([
  ["a method whose registration has no time", { authMethods: [{ ...method, createdAt: undefined }] }],
  [
    "a consent to an app that was there for long",
    { consents: [{ ...consent, app: { ...app, addedAt: 0 } }] },
  ],
  ["a consent to an app that nobody knows", { consents: [{ ...consent, app: undefined }] }],
  ["an activity that no rule asks about", { audits: [{ ...audit, act: undefined }] }],
])("%s is no event", ([, change]) => {
  expect(timelineOf(accountEvents(evidenceOf([], change)), [], WINDOW).events).toEqual([]);
});

test("an event is as grave as the gravest finding that cites it", () => {
  const evidence = evidenceOf([{ ...abroad, source: at("$[1]") }, atHome]);
  const findings = [cites("medium", "$[1]"), cites("critical", "$[1]")];
  const { events } = timelineOf(accountEvents(evidence), findings, WINDOW);
  expect(events.map(({ severity }) => severity)).toEqual(["info", "critical"]);
});

test("what has no time, or another than was asked about, is no event", () => {
  const evidence = evidenceOf([
    { ...atHome, at: undefined },
    { ...atHome, at: WINDOW.start - 1 },
    { ...atHome, at: Date.UTC(9999, 1, 1) },
  ]);
  expect(timelineOf(accountEvents(evidence), [], WINDOW)).toMatchObject({ events: [], omitted: 0 });
});

test("what has just happened is there although this machine's clock is slow", () => {
  const { events, end } = timelineOf(
    accountEvents(evidenceOf([{ ...atHome, at: WINDOW.end + MINUTE }])),
    [],
    WINDOW,
  );
  expect([events.length, end]).toEqual([1, "2026-11-22T12:01:00.000Z"]);
});

test("of too many events those with findings stay, the others are sampled over the whole time, and the rest is counted", () => {
  const signIns = repeated(atHome, 5_000).map((signIn, index) => ({ ...signIn, source: at(`$[${index}]`) }));
  const findings = [cites("critical", "$[17]"), cites("medium", "$[4711]")];
  const { events, omitted } = timelineOf(accountEvents(evidenceOf(signIns)), findings, WINDOW);
  expect([events.length, omitted]).toEqual([400, 4_600]);
  expect(events.filter(({ severity }) => severity !== "info")).toHaveLength(2);
  const first = Date.parse(events.at(0)?.at ?? "");
  const last = Date.parse(events.at(-1)?.at ?? "");
  expect(last - first).toBeGreaterThan(4_900 * MINUTE);
});

const eventAt = (agoMinutes: number, severity: "info" | "high") => ({
  ...{
    at: new Date(WINDOW.end - agoMinutes * MINUTE).toISOString(),
    lane: "sign_ins" as const,
    label: "x",
    severity,
  },
});
test.for<
  [title: string, events: [agoMinutes: number, severity: "info" | "high"][], hours: number, omitted: number]
>([
  [
    "begins an hour before the first finding",
    [
      [4_000, "info"],
      [2_940, "high"],
      [60, "info"],
    ],
    50,
    1,
  ],
  [
    "is of a day at least",
    [
      [1_500, "info"],
      [300, "high"],
      [60, "info"],
    ],
    24,
    1,
  ],
  ["is of a day where there are no findings", [[60, "info"]], 24, 0],
  ["never begins before the time that was asked about", [[7 * 24 * 60 - 5, "high"]], 7 * 24, 0],
])("a narrowed timeline %s", ([, events, hours, omitted]) => {
  const whole = {
    start: new Date(WINDOW.start).toISOString(),
    end: new Date(WINDOW.end).toISOString(),
    events: events.map(([ago, severity]) => eventAt(ago, severity)),
    omitted: 0,
  };
  const narrowed = fromFirstFinding(whole);
  expect((WINDOW.end - Date.parse(narrowed.start)) / (60 * MINUTE)).toBe(hours);
  expect(narrowed.omitted).toBe(omitted);
  expect(narrowed.events).toEqual(whole.events.slice(omitted));
});
