import { createHash } from "node:crypto";
import type { Finding, Severity } from "./findings.ts";
import type { InboxRule } from "./inbox-rule.ts";
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

/** A finding about sign-ins, which are its evidence; the first of them dates it. */
export function createSignInFinding(
  draft: Omit<Draft, "check" | "evidence">,
  signIns: readonly SignIn[],
  window: Window,
): Finding {
  const finding = createFinding({
    ...draft,
    check: "signins",
    evidence: signIns.slice(0, MAX_EVIDENCE).map(signInFields),
  });
  const times = signIns.flatMap(({ at }) => at ?? []).sort((a, b) => a - b);
  const [first] = times;
  return {
    ...finding,
    first_seen: first === undefined ? null : new Date(first).toISOString(),
    in_window: first === undefined || times.some((at) => at >= window.start && at <= window.end),
  };
}
/** A spray has thousands of sign-ins; the rest stands in the artifact. */
const MAX_EVIDENCE = 20;

function signInFields({ source, at, ip, country, city, errorCode, clientApp, appName, factors }: SignIn) {
  const time = at === undefined ? undefined : new Date(at).toISOString();
  const fields = { time, ip, country, city, errorCode, clientApp, appName, factors };
  return { ...source, fields: shortened(fields) };
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
