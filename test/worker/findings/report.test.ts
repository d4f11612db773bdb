import { describe, expect, test } from "vitest";
import type { Coverage, Finding, FindingsDocument, VerdictLevel } from "../../../worker/findings/findings.ts";
import { CheckId } from "../../../worker/findings/findings.ts";
import { reportFindings } from "../../../worker/findings/report.ts";
import type { Report } from "../../../worker/report.ts";

const finding: Finding = {
  id: "a".repeat(40),
  check: "inbox_rules",
  rule: "hidden-mail",
  severity: "critical",
  confidence: "high",
  title: "Inbox rule hides mail about money",
  why: 'The inbox rule "." looks for "invoice", and what it finds is deleted.',
  evidence: [],
  first_seen: null,
  in_window: true,
  attack: ["T1564.008"],
  recommendation: { action: "disable_inbox_rule", text: "Switch the inbox rule off.", reversible: true },
  links: [],
};

const missing = (check: CheckId): Coverage => ({
  check,
  status: "missing",
  records: 0,
  truncated: false,
  reason: "The toolkit left nothing about it.",
  how_to_fix: "Look at it by hand.",
});

function documentWith(level: VerdictLevel, change: Partial<FindingsDocument> = {}): FindingsDocument {
  return {
    schema: "breach-check/findings@1",
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21", domain: "contoso.com" },
      target: "adele@contoso.com",
      started: "2026-11-22T11:59:00Z",
      finished: "2026-11-22T12:00:00Z",
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
      artifacts_sha256: {},
    },
    coverage: CheckId.options.map((check) => ({ check, status: "ok", records: 1, truncated: false })),
    findings: [],
    verdict: { level, confidence: "medium", score: 0, because: [], blind_spots: [] },
    unrecognised: [],
    ...change,
  };
}

const render = (document: FindingsDocument): Report =>
  reportFindings(document, { outcome: "Done", files: [], buttons: [] });
const linesUnder = (report: Report, heading: string) =>
  report.sections.find((section) => section.heading === heading)?.lines;

test.for<[level: VerdictLevel, title: string, tone: Report["tone"]]>([
  ["confirmed", "Confirmed: adele@contoso.com", "critical"],
  ["likely", "Likely: adele@contoso.com", "critical"],
  ["suspicious", "Suspicious: adele@contoso.com", "warning"],
  ["no_evidence", "No evidence: adele@contoso.com", "good"],
  ["inconclusive", "Inconclusive: adele@contoso.com", "neutral"],
])("the title of %s is %j", ([level, title, tone]) => {
  const report = render(documentWith(level));
  expect([report.title, report.tone]).toEqual([title, tone]);
  expect(report.title + report.lead).not.toMatch(/\b(clean|safe)\b/i);
});

test.for<VerdictLevel>(["confirmed", "likely"])("the lead of %s says to block sign-in", (level) => {
  expect(render(documentWith(level)).lead).toContain("Block sign-in now");
});

test("the lead of an open verdict says what could not be seen", () => {
  const blind_spots = ["Sign-ins: not seen. The tenant has no licence for it."];
  const document = documentWith("inconclusive");
  const { lead } = render({ ...document, verdict: { ...document.verdict, blind_spots } });
  expect(lead).toContain("Sign-ins: not seen. The tenant has no licence for it.");
  expect(lead).toContain("not proof");
});

test("the lead of a quiet one says how much was looked at", () => {
  const coverage = documentWith("no_evidence").coverage.map((line) =>
    line.check === "risk" ? missing("risk") : line,
  );
  expect(render(documentWith("no_evidence", { coverage })).lead).toContain("1 of 10 checks");
});

describe("sections", () => {
  test("a finding is one line: severity, title and why", () => {
    expect(linesUnder(render(documentWith("likely", { findings: [finding] })), "Findings")).toEqual([
      'Critical: Inbox rule hides mail about money — The inbox rule "." looks for "invoice", and what it finds is deleted.',
    ]);
  });

  test("each step stands there once, and nothing to do is no step", () => {
    const nothing = { action: "none", text: "Nothing to do.", reversible: true };
    const findings = [finding, { ...finding, id: "b" }, { ...finding, id: "c", recommendation: nothing }];
    expect(linesUnder(render(documentWith("likely", { findings })), "What to do")).toEqual([
      "Switch the inbox rule off.",
    ]);
  });

  test("what was seen is counted, and what was not is told with reason and cure", () => {
    const coverage: Coverage[] = [
      {
        check: "inbox_rules",
        status: "ok",
        records: 3,
        truncated: true,
        reason: "Half.",
        how_to_fix: "Again.",
      },
      {
        check: "signins",
        status: "not_licensed",
        records: 0,
        truncated: false,
        reason: "No P1.",
        how_to_fix: "Buy P1.",
      },
      missing("risk"),
      missing("sent_items"),
    ];
    const report = render(documentWith("inconclusive", { coverage }));
    expect(linesUnder(report, "What was checked")).toEqual([
      "Inbox rules: 3 records, not complete. Half. Again.",
    ]);
    expect(linesUnder(report, "Not examined")).toEqual([
      "Sign-ins: No P1. Buy P1.",
      "Identity risk, Sent mail: The toolkit left nothing about it. Look at it by hand.",
    ]);
  });

  test("a file that nobody could read is listed with its size, if that is known", () => {
    const unrecognised = [
      { artifact: "notes.txt", size_bytes: 5, reason: "It holds no JSON that can be read." },
      { artifact: "huge.json", size_bytes: null, reason: "Larger than 64 MB." },
    ];
    expect(linesUnder(render(documentWith("suspicious", { unrecognised })), "Not recognised")).toEqual([
      "notes.txt (5 bytes): It holds no JSON that can be read.",
      "huge.json: Larger than 64 MB.",
    ]);
  });

  test("an empty section is left out", () => {
    expect(render(documentWith("no_evidence")).sections.map(({ heading }) => heading)).toEqual([
      "What was checked",
    ]);
  });
});
