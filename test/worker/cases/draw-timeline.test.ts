import { expect, test } from "vitest";
import { describeTimeline, drawTimeline } from "../../../worker/cases/draw-timeline.ts";
import type { Timeline } from "../../../worker/findings/findings.ts";

const timeline: Timeline = {
  start: "2026-11-15T12:00:00.000Z",
  end: "2026-11-22T12:00:00.000Z",
  events: [
    {
      at: "2026-11-20T08:15:00.000Z",
      lane: "sign_ins",
      severity: "critical",
      label: "<b>Adele</b> from Lagos",
    },
    { at: "2026-11-20T08:20:00.000Z", lane: "inbox_rules", severity: "info", label: "A rule named Adele" },
  ],
  omitted: 0,
};
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

test("it has a lane for each kind of event that happened, the severities that occur, and the days in UTC", () => {
  const texts = textsOf(drawTimeline(timeline));
  expect(texts).toEqual(
    expect.arrayContaining(["Sign-ins", "Inbox rules", "Critical", "Other", "UTC", "20 Nov"]),
  );
  expect(texts).not.toEqual(expect.arrayContaining(["Failed sign-ins"]));
  expect(texts).not.toEqual(expect.arrayContaining(["High"]));
});

test("nothing that others wrote is in it, so that it may be as public as the report", () => {
  expect(drawTimeline(timeline) + describeTimeline(timeline)).not.toMatch(/Adele|Lagos|named/);
});

test("it brings no style sheet and no script, which the page that shows it would refuse", () => {
  expect(drawTimeline(timeline)).not.toMatch(/<style|<script|class=|https?:\/\/(?!www\.w3\.org)/);
});

test.for<[title: string, count: number]>([
  ["one event", 1],
  ["as many as there may be", 400],
])("%s can be drawn", ([, count]) => {
  const events = Array.from({ length: count }, (_, index) => ({
    at: new Date(Date.parse(timeline.start) + index * 60_000).toISOString(),
    lane: "sign_ins" as const,
    severity: "info" as const,
    label: "",
  }));
  expect(drawTimeline({ ...timeline, events })).toMatch(/^<svg [^>]*viewBox="0 0 640 /);
});
