import type { Report } from "../report.ts";
import { evidenceLine } from "./evidence-line.ts";
import { isAtLeast } from "./finding.ts";
import { checkTitles, type Finding, type FindingsDocument } from "./findings.ts";
import { severityWords, subjectOf, utcMinute } from "./words.ts";

/** One finding, opened. Plain text, as in every report. */
export function reportFinding(finding: Finding, { run }: FindingsDocument): Report {
  const { severity, title, why, evidence, recommendation } = finding;
  const sections = [
    { heading: "What to do", lines: [recommendation.text] },
    { heading: "About it", lines: aboutIt(finding, subjectOf(run)) },
    { heading: "Evidence", lines: evidence.map(evidenceLine) },
  ];
  return {
    outcome: "Done",
    title: `${severityWords[severity]}: ${title}`,
    tone: isAtLeast(severity, "high") ? "critical" : isAtLeast(severity, "medium") ? "warning" : "neutral",
    lead: why,
    sections: sections.filter(({ lines }) => lines.length > 0),
    files: [],
    buttons: [],
  };
}

function aboutIt(
  { check, confidence, first_seen: firstSeen, in_window: inWindow, attack, recommendation }: Finding,
  subject: string,
): string[] {
  return [
    `${subject} · ${checkTitles[check]} · confidence: ${confidence}`,
    ...(firstSeen === null ? [] : [`First seen: ${utcMinute(firstSeen)}`]),
    ...(inWindow ? [] : ["Before the time that was asked about."]),
    ...(attack.length === 0 ? [] : [`ATT&CK: ${attack.join(", ")}`]),
    ...(recommendation.action === "none"
      ? []
      : [`What is recommended can ${recommendation.reversible ? "" : "not "}be undone.`]),
  ];
}
