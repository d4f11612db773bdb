import { describe, expect, test } from "vitest";
import type {
  Comparison,
  Coverage,
  Finding,
  FindingsDocument,
  VerdictLevel,
} from "../../../worker/findings/findings.ts";
import { reportFindings } from "../../../worker/findings/report.ts";
import type { Report } from "../../../worker/report.ts";
import { documentWith, hidesMail, missingCheck } from "./documents.ts";

const finding: Finding = { ...hidesMail, evidence: [] };

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
    line.check === "risk" ? missingCheck("risk") : line,
  );
  expect(render(documentWith("no_evidence", { coverage })).lead).toContain("1 of 10 checks");
});

describe("sections", () => {
  test("a finding is one line: severity, title and why", () => {
    expect(linesUnder(render(documentWith("likely", { findings: [finding] })), "Findings")).toEqual([
      '🔴 Critical: Inbox rule hides mail about money — The inbox rule "." looks for "invoice", and what it finds is deleted.',
    ]);
  });

  test("the gravest finding comes first, whatever the order of the document", () => {
    const findings = [{ ...finding, id: "b", severity: "low" as const }, finding];
    expect(linesUnder(render(documentWith("likely", { findings })), "Findings")).toEqual([
      expect.stringContaining("Critical"),
      expect.stringContaining("Low"),
    ]);
  });

  test("what changed since the last run is counted and named", () => {
    const comparison: Comparison = {
      case: "ix-9",
      finished: "2026-11-20T08:00:00Z",
      verdict: "suspicious",
      new: [{ id: "n", severity: "critical", title: "Inbox rule hides mail" }],
      gone: [{ id: "g", severity: "low", title: "The password was guessed at" }],
      not_comparable: [{ id: "x", severity: "info", title: "Something" }],
    };
    const report = render(documentWith("likely", { findings: [finding], comparison }));
    expect(linesUnder(report, "Since 2026-11-20: 1 new, 1 gone")).toEqual([
      "New: Inbox rule hides mail (critical)",
      "Gone: The password was guessed at (low)",
      "1 more cannot be compared: the check was not whole in one of the two.",
    ]);
    const same = { ...comparison, new: [], gone: [], not_comparable: [] };
    expect(
      linesUnder(render(documentWith("likely", { comparison: same })), "Since 2026-11-20: 0 new, 0 gone"),
    ).toEqual(["What could be compared is as it was."]);
  });

  test("checks that need no words share a line", () => {
    expect(linesUnder(render(documentWith("no_evidence")), "What was checked")).toHaveLength(2);
  });

  test("each step stands there once, and nothing to do is no step", () => {
    const nothing = { action: "none", text: "Nothing to do.", reversible: true };
    const findings = [finding, { ...finding, id: "b" }, { ...finding, id: "c", recommendation: nothing }];
    expect(linesUnder(render(documentWith("likely", { findings })), "What to do")).toEqual([
      "1. Switch the inbox rule off.",
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
      missingCheck("risk"),
      missingCheck("sent_items"),
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

  test("where one gap leaves no answer, its own cure is what to do first", () => {
    const row = { records: 0, truncated: false };
    const coverage: Coverage[] = [
      { ...row, check: "inbox_rules", status: "ok" },
      { ...row, check: "signins", status: "not_licensed", reason: "No P1.", how_to_fix: "Buy P1." },
    ];
    const document = documentWith("inconclusive", { coverage });
    const blind = { ...document.verdict, blind_spots: ["Sign-ins: not seen. No P1."] };
    expect(render({ ...document, verdict: blind }).lead).toBe(
      "Too little could be seen for an answer. Sign-ins: not seen. No P1. Buy P1. An empty list here is not proof that nothing happened.",
    );
  });

  test("what kept every check from seeing anything is said once, and first", () => {
    const reason = "There is no such account in this tenant.";
    const row = {
      status: "error",
      records: 0,
      truncated: false,
      how_to_fix: "Check the sign-in name.",
    } as const;
    const coverage: Coverage[] = [
      { ...row, check: "inbox_rules", reason },
      { ...row, check: "mailbox_forwarding", reason: `Optional check: ${reason}` },
      { ...row, check: "signins", reason },
    ];
    const report = render(documentWith("inconclusive", { coverage }));
    expect(report.lead).toBe(
      "Nothing could be looked at, so there is no answer. There is no such account in this tenant. Check the sign-in name.",
    );
    expect(linesUnder(report, "Not examined")).toEqual([
      "Inbox rules, Mailbox forwarding, Sign-ins: There is no such account in this tenant. Check the sign-in name.",
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
