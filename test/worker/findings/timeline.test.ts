import { expect, test } from "vitest";
import { timelineOf } from "../../../worker/findings/timeline.ts";
import { hidesMail } from "./documents.ts";
import { abroad, atHome, evidenceOf, failed, MINUTE, repeated, WINDOW } from "./rules/sign-ins.ts";

const cites = (severity: "critical" | "medium", path: string) => ({
  ...hidesMail,
  severity,
  evidence: [{ artifact: "signins.json", path, fields: {} }],
});
const at = (path: string) => ({ artifact: "signins.json", path });

test("sign-ins are events, the failed ones in a lane of their own, oldest first", () => {
  const evidence = evidenceOf([abroad, failed({ ...atHome, at: WINDOW.start }, 50126)]);
  expect(timelineOf(evidence, [], WINDOW)).toEqual({
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

test("an event is as grave as the gravest finding that cites it", () => {
  const evidence = evidenceOf([{ ...abroad, source: at("$[1]") }, atHome]);
  const findings = [cites("medium", "$[1]"), cites("critical", "$[1]")];
  const { events } = timelineOf(evidence, findings, WINDOW);
  expect(events.map(({ severity }) => severity)).toEqual(["info", "critical"]);
});

test("what has no time, or another than was asked about, is no event", () => {
  const evidence = evidenceOf([
    { ...atHome, at: undefined },
    { ...atHome, at: WINDOW.start - 1 },
    { ...atHome, at: Date.UTC(9999, 1, 1) },
  ]);
  expect(timelineOf(evidence, [], WINDOW)).toMatchObject({ events: [], omitted: 0 });
});

test("what has just happened is there although this machine's clock is slow", () => {
  const { events, end } = timelineOf(evidenceOf([{ ...atHome, at: WINDOW.end + MINUTE }]), [], WINDOW);
  expect([events.length, end]).toEqual([1, "2026-11-22T12:01:00.000Z"]);
});

test("of too many events those with findings stay, the others are sampled over the whole time, and the rest is counted", () => {
  const signIns = repeated(atHome, 5_000).map((signIn, index) => ({ ...signIn, source: at(`$[${index}]`) }));
  const findings = [cites("critical", "$[17]"), cites("medium", "$[4711]")];
  const { events, omitted } = timelineOf(evidenceOf(signIns), findings, WINDOW);
  expect([events.length, omitted]).toEqual([400, 4_600]);
  expect(events.filter(({ severity }) => severity !== "info")).toHaveLength(2);
  const first = Date.parse(events.at(0)?.at ?? "");
  const last = Date.parse(events.at(-1)?.at ?? "");
  expect(last - first).toBeGreaterThan(4_900 * MINUTE);
});
