import type { Report } from "../report.ts";
import { evidenceLine } from "./evidence-line.ts";
import { bySeverity } from "./finding.ts";
import type { FindingsDocument } from "./findings.ts";
import { severityWords, subjectOf } from "./words.ts";

/** What each finding rests on: artifact, path and fields. Plain text, as in every report. */
export function reportEvidence({ run, findings }: FindingsDocument): Report {
  return {
    outcome: "Done",
    title: `Evidence: ${subjectOf(run)}`,
    tone: "neutral",
    lead:
      findings.length === 0
        ? "There are no findings, so there is no evidence to show. The case file holds everything that was looked at."
        : "What each finding rests on, by artifact and path. The case file holds it in full.",
    sections: [...findings].sort(bySeverity).map(({ severity, title, evidence }) => ({
      heading: `${severityWords[severity]}: ${title}`,
      lines:
        evidence.length === 0 ? ["It rests on other findings, not on a record."] : evidence.map(evidenceLine),
    })),
    files: [],
    buttons: [],
  };
}
