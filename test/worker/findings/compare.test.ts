import { expect, test } from "vitest";
import { baselineOf, compare } from "../../../worker/findings/compare.ts";
import type { Finding, FindingsDocument } from "../../../worker/findings/findings.ts";
import { documentWith, hidesMail, missingCheck } from "./documents.ts";

const signIn: Finding = { ...hidesMail, id: "b", check: "signins", title: "Successful sign-in from Nigeria" };
const then = (findings: Finding[], change: Partial<FindingsDocument> = {}) => {
  const baseline = baselineOf(documentWith("likely", { findings, ...change }));
  if (baseline === undefined) throw new Error("Expected a run that saw something");
  return baseline;
};
const whole = documentWith("likely").coverage;
const without = (check: "signins" | "inbox_rules") =>
  whole.map((line) => (line.check === check ? missingCheck(check) : line));
const cut = whole.map((line) => ({ ...line, truncated: line.check === "signins" }));

test.for<
  [title: string, before: Finding[], now: Finding[], change: Partial<FindingsDocument>, counts: number[]]
>([
  ["the same findings are neither new nor gone", [hidesMail], [hidesMail], {}, [0, 0, 0]],
  ["a finding that was not there is new", [], [hidesMail], {}, [1, 0, 0]],
  ["a finding that is not there any more is gone", [hidesMail], [], {}, [0, 1, 0]],
  ["the gravity of a finding may change", [hidesMail], [{ ...hidesMail, severity: "low" }], {}, [0, 0, 0]],
  ["what was not looked at now is not gone", [signIn], [], { coverage: without("signins") }, [0, 0, 1]],
  ["what was only seen in part now is not gone", [signIn], [], { coverage: cut }, [0, 0, 1]],
  ["another check's gap changes nothing", [signIn], [], { coverage: without("inbox_rules") }, [0, 1, 0]],
])("%s", ([, before, findings, change, counts]) => {
  const comparison = compare(documentWith("likely", { findings, ...change }), then(before));
  const { new: appeared, gone, not_comparable: open } = comparison;
  expect([appeared.length, gone.length, open.length]).toEqual(counts);
});

test("what nobody looked at then is not new", () => {
  const before = then([], { coverage: without("signins") });
  const { new: appeared, not_comparable: open } = compare(
    documentWith("likely", { findings: [signIn] }),
    before,
  );
  expect([appeared.length, open.map(({ title }) => title)]).toEqual([0, ["Successful sign-in from Nigeria"]]);
});

test("a comparison names the earlier case, when it was and its verdict", () => {
  expect(compare(documentWith("no_evidence"), then([]))).toMatchObject({
    case: "ix-1",
    finished: "2026-11-22T12:00:00Z",
    verdict: "likely",
  });
});

test("a run that saw nothing is nothing to compare with", () => {
  const coverage = whole.map(({ check }) => missingCheck(check));
  expect(baselineOf(documentWith("inconclusive", { coverage }))).toBeUndefined();
});
