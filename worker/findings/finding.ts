import { createHash } from "node:crypto";
import type { AuditEvent } from "./audit-event.ts";
import type { Finding, Severity } from "./findings.ts";
import type { InboxRule } from "./inbox-rule.ts";
import type { Source } from "./recognise.ts";
import type { SignIn } from "./sign-in.ts";

/** The time that the investigation covers. What has no time, such as an inbox rule, is there now and so inside. */
export interface Window {
  start: number;
  end: number;
}

interface Draft extends Omit<Finding, "id" | "confidence" | "first_seen" | "in_window" | "links"> {
  /** What makes this finding the same one in the next run, such as the inbox rule's id or the country. */
  key: string;
  confidence?: Finding["confidence"];
  links?: string[];
}

/** A finding about a thing that has no time of its own. */
export function createFinding({ key, confidence = "high", links = [], ...draft }: Draft): Finding {
  const id = createHash("sha1")
    .update(JSON.stringify([draft.check, draft.rule, key]))
    .digest("hex");
  return { id, ...draft, confidence, links, first_seen: null, in_window: true };
}

/** A finding about something that happened; the first of the times dates it. */
export function createDatedFinding(
  draft: Draft,
  happened: readonly (number | undefined)[],
  window: Window,
): Finding {
  const times = happened.flatMap((at) => at ?? []).sort((a, b) => a - b);
  const [first] = times;
  return {
    ...createFinding({ ...draft, evidence: draft.evidence.slice(0, MAX_EVIDENCE) }),
    first_seen: first === undefined ? null : new Date(first).toISOString(),
    in_window: first === undefined || times.some((at) => at >= window.start && at <= window.end),
  };
}

/** A finding about sign-ins, which are its evidence. */
export function createSignInFinding(
  draft: Omit<Draft, "check" | "evidence">,
  signIns: readonly SignIn[],
  window: Window,
): Finding {
  const shown = signIns.slice(0, MAX_EVIDENCE);
  return createDatedFinding(
    { ...draft, check: "signins", evidence: shown.map(signInEvidence) },
    signIns.map(({ at }) => at),
    window,
  );
}

/** A spray has thousands of sign-ins; the rest stands in the artifact. */
const MAX_EVIDENCE = 20;

/** Nothing is too late: a machine whose clock is slow would otherwise not see what just happened. */
export function isSince({ start }: Window, at: number | undefined): boolean {
  return at !== undefined && at >= start;
}

type EvidenceItem = Finding["evidence"][number];

function signInEvidence({
  source,
  at,
  ip,
  country,
  city,
  errorCode,
  clientApp,
  appName,
  factors,
}: SignIn): EvidenceItem {
  const fields = { time: inIso(at), ip, country, city, errorCode, clientApp, appName, factors };
  return { ...source, fields: shortened(fields) };
}

export function auditEvidence({ source, at, activity, actor, targets }: AuditEvent): EvidenceItem {
  const target = targets.flatMap(({ upn, name }) => upn ?? name ?? []);
  const fields = { time: inIso(at), activity, by: actor.upn ?? actor.app, ip: actor.ip, target };
  return { ...source, fields: shortened(fields) };
}

/** Evidence with fields of the rule's own choice. */
export function evidenceItem(
  { source }: { source: Source },
  fields: Record<string, unknown>,
  at?: number,
): EvidenceItem {
  return { ...source, fields: shortened({ time: inIso(at), ...fields }) };
}

function inIso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

export function inboxRuleEvidence(inboxRule: InboxRule): Finding["evidence"] {
  const { source, name, enabled, keywords, senders, deletes, movesTo, marksRead, forwardsTo } = inboxRule;
  return [
    {
      ...source,
      fields: shortened({ name, enabled, keywords, senders, deletes, movesTo, marksRead, forwardsTo }),
    },
  ];
}

/** Without what is empty or absent, and with attackers' essays cut. */
function shortened(fields: Record<string, unknown>): Record<string, unknown> {
  const short = (value: unknown) => (typeof value === "string" ? quote(value, 300) : value);
  const entries = Object.entries(fields)
    .filter(
      ([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
    )
    .map(([key, value]) => [key, Array.isArray(value) ? value.slice(0, 20).map(short) : short(value)]);
  return Object.fromEntries(entries);
}

/** A name or word from the tenant, cut so that a sentence stays one. Not escaped: that is for whoever shows it. */
export function quote(text: string, maxLength = 60): string {
  const characters = [...text];
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join("")}…`;
}

/** A name that may be missing, as a sentence quotes it. */
export function nameInQuotes(name: string | undefined): string {
  return name === undefined ? "a rule without a name" : `"${quote(name)}"`;
}

const ORDER: readonly Severity[] = ["critical", "high", "medium", "low", "info"];

export function bySeverity(a: { severity: Severity }, b: { severity: Severity }): number {
  return ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity);
}

export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return ORDER.indexOf(severity) <= ORDER.indexOf(floor);
}

/** A switched-off inbox rule does no harm now, though somebody made it. */
export function severityOf(inboxRule: InboxRule, whenEnabled: Severity): Severity {
  if (inboxRule.enabled) return whenEnabled;
  return isAtLeast(whenEnabled, "high") ? "medium" : "low";
}
