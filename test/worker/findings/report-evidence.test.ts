import { expect, test } from "vitest";
import { reportEvidence } from "../../../worker/findings/report-evidence.ts";
import { documentWith, hidesMail } from "./documents.ts";

test("each finding has its evidence, by artifact, path and fields, the gravest first", () => {
  const findings = [{ ...hidesMail, severity: "low" as const, evidence: [] }, hidesMail];
  expect(reportEvidence(documentWith("likely", { findings })).sections).toEqual([
    {
      heading: "Critical: Inbox rule hides mail about money",
      lines: ["inbox-rules.json $.value[0] · name: . · keywords: invoice, payment · deletes: yes"],
    },
    {
      heading: "Low: Inbox rule hides mail about money",
      lines: ["It rests on other findings, not on a record."],
    },
  ]);
});

test("a long value is cut, and a nested one is there as JSON", () => {
  const fields = { name: "x".repeat(4_000), who: { id: 7 }, nothing: null };
  const findings = [{ ...hidesMail, evidence: [{ artifact: "a.json", path: "$", fields }] }];
  const [line = ""] = reportEvidence(documentWith("likely", { findings })).sections[0]?.lines ?? [];
  expect(line).toMatch(/^a\.json \$ · name: x{79}… · who: \{"id":7\} · nothing: none$/);
});

test("without findings it says where to look instead", () => {
  expect(reportEvidence(documentWith("no_evidence")).lead).toContain("no findings");
});
