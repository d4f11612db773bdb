import { expect, test } from "vitest";
import { reportFinding } from "../../../worker/findings/report-finding.ts";
import { documentWith, hidesMail } from "./documents.ts";

test("a finding in detail says what it is, what to do, how sure it is and where it stands", () => {
  const finding = { ...hidesMail, first_seen: "2026-11-20T08:15:30.000Z", in_window: false };
  expect(reportFinding(finding, documentWith("likely"))).toEqual({
    outcome: "Done",
    title: "Critical: Inbox rule hides mail about money",
    tone: "critical",
    lead: 'The inbox rule "." looks for "invoice", and what it finds is deleted.',
    sections: [
      { heading: "What to do", lines: ["Switch the inbox rule off."] },
      {
        heading: "About it",
        lines: [
          "adele@contoso.com · Inbox rules · confidence: high",
          "First seen: 2026-11-20 08:15 UTC",
          "Before the time that was asked about.",
          "ATT&CK: T1564.008",
          "What is recommended can be undone.",
        ],
      },
      {
        heading: "Evidence",
        lines: ["inbox-rules.json $.value[0] · name: . · keywords: invoice, payment · deletes: yes"],
      },
    ],
    files: [],
    buttons: [],
  });
});
