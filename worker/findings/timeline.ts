import { bySeverity, type Window } from "./finding.ts";
import type { Finding, Severity, Timeline, TimelineLane } from "./findings.ts";
import type { Source } from "./recognise.ts";
import { DAY, HOUR } from "./rules/sign-in-traits.ts";
import type { TimelineEvent } from "./timeline-events.ts";

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
const MAX_SKEW_MS = DAY;

/**
 * What happened when, of the time that was asked about. An event is as
 * grave as the gravest finding that cites it, and "info" without one. Of too many events those with findings come
 * first, then an even sample of the others; `omitted` counts the rest.
 */
export function timelineOf(
  happened: readonly TimelineEvent[],
  findings: readonly Finding[],
  window: Window,
): Timeline {
  const severities = severitiesOf(findings);
  const events = happened
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

/**
 * The timeline from an hour before the first event that a finding rests on, and of a day at least: where nearly everything
 * happened lately, a week before it is a blank sheet. What lies before that is counted in `omitted`.
 */
export function fromFirstFinding(timeline: Timeline): Timeline {
  const first = timeline.events.find(({ severity }) => severity !== "info");
  const end = Date.parse(timeline.end);
  const start = Math.max(
    Date.parse(timeline.start),
    Math.min(first === undefined ? end : Date.parse(first.at) - HOUR, end - DAY),
  );
  const events = timeline.events.filter(({ at }) => Date.parse(at) >= start);
  return {
    ...timeline,
    start: new Date(start).toISOString(),
    events,
    omitted: timeline.omitted + timeline.events.length - events.length,
  };
}

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
