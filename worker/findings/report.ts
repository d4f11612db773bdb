import type { Report, Section } from "../report.ts";
import { bySeverity } from "./finding.ts";
import {
  type Comparison,
  type Coverage,
  checkTitles,
  type Finding,
  type FindingsDocument,
  type Severity,
  type VerdictLevel,
} from "./findings.ts";
import { openLead, withoutLabel } from "./open-lead.ts";
import { tenantLead } from "./sweep/tenant-lead.ts";
import { severityWords, subjectOf, verdictWords } from "./words.ts";

const TONES: Readonly<Record<VerdictLevel, Report["tone"]>> = {
  confirmed: "critical",
  likely: "critical",
  suspicious: "warning",
  no_evidence: "good",
  inconclusive: "neutral",
};

/** Seen before they are read. */
const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = {
  critical: "🔴",
  high: "🟠",
  medium: "🟡",
  low: "⚪",
  info: "⚪",
};

/** An investigation's report, for somebody tired who has to act now. Plain text: escaping is the renderer's. */
export function reportFindings(
  document: FindingsDocument,
  extras: Omit<Report, "title" | "tone" | "lead" | "sections">,
): Report {
  const { run, verdict, findings, comparison, unrecognised } = document;
  const sections = [
    { heading: "Findings", lines: [...findings].sort(bySeverity).map(findingLine) },
    ...(comparison === undefined ? [] : [comparisonSection(comparison)]),
    { heading: "What to do", lines: stepsOf(document).map((step, index) => `${index + 1}. ${step}`) },
    { heading: "Not examined", lines: notExamined(document) },
    { heading: "What was checked", lines: whatWasChecked(document) },
    { heading: "Not recognised", lines: unrecognised.map(unrecognisedLine) },
  ];
  return {
    ...extras,
    title: `${verdictWords[verdict.level]}: ${subjectOf(run)}`,
    tone: TONES[verdict.level],
    lead: leadOf(document),
    sections: sections.filter(({ lines }) => lines.length > 0),
  };
}

/** What the verdict means and what to do first. */
export function leadOf(document: FindingsDocument): string {
  return document.run.kind === "tenant" ? tenantLead(document) : accountLead(document);
}

function accountLead({ verdict, coverage, run }: FindingsDocument): string {
  const confidence = `(confidence: ${verdict.confidence})`;
  switch (verdict.level) {
    case "confirmed":
      return `Somebody else has used this account ${confidence}. Block sign-in now, then reset the password and revoke all sessions.`;
    case "likely":
      return `This looks like a compromised account ${confidence}. Block sign-in now, then ask the user by phone which of the findings were their own doing.`;
    case "suspicious":
      return `Something here needs an explanation ${confidence}. Ask the user by phone about the findings, not by mail: somebody else may be reading it.`;
    case "no_evidence":
      return `Nothing in the last ${run.window_days} days points to a compromise, as far as could be seen ${confidence}. ${extentOf(coverage)}`;
    case "inconclusive":
      return openLead({ verdict, coverage });
  }
}

function extentOf(coverage: readonly Coverage[]): string {
  const open = coverage.filter((line) => !wasSeen(line) || line.truncated).length;
  if (open === 0) return "All ten checks were done.";
  return `${open} of ${coverage.length} checks were not done or not complete; they are listed below.`;
}

function findingLine({ severity, title, why, in_window }: Finding): string {
  return `${SEVERITY_SIGNS[severity]} ${severityWords[severity]}: ${title} — ${why}${in_window ? "" : " (Before the time that was asked about.)"}`;
}

/** What is new and what is gone, by name; what nobody could compare is only counted. */
function comparisonSection({ finished, new: appeared, gone, not_comparable: open }: Comparison): Section {
  const changes = [
    ...appeared.map(({ severity, title }) => `New: ${title} (${severityWords[severity].toLowerCase()})`),
    ...gone.map(({ severity, title }) => `Gone: ${title} (${severityWords[severity].toLowerCase()})`),
  ];
  const same = changes.length === 0 ? ["What could be compared is as it was."] : [];
  const uncompared =
    open.length === 0
      ? []
      : [`${open.length} more cannot be compared: the check was not whole in one of the two.`];
  return {
    heading: `Since ${finished.slice(0, 10)}: ${appeared.length} new, ${gone.length} gone`,
    lines: [...changes, ...same, ...uncompared],
  };
}

/** Each recommendation once, in the order of the findings, which is that of urgency. */
export function stepsOf({ findings }: FindingsDocument): string[] {
  const texts = findings
    .filter(({ recommendation }) => recommendation.action !== "none")
    .map(({ recommendation }) => recommendation.text);
  return [...new Set(texts)];
}

function wasSeen({ status }: Coverage): boolean {
  return status === "ok";
}

/** What is whole and needs no words shares a line; the rest says what is wrong with it. */
function whatWasChecked({ coverage }: FindingsDocument): string[] {
  const seen = coverage.filter(wasSeen);
  const noteOf = ({ reason, how_to_fix: cure }: Coverage) => [reason, cure].filter(Boolean).join(" ");
  const isPlain = (line: Coverage) => !line.truncated && noteOf(line) === "";
  const plain = seen.filter(isPlain).map(countLine);
  const noted = seen
    .filter((line) => !isPlain(line))
    .map((line) =>
      [`${countLine(line)}${line.truncated ? ", not complete" : ""}.`, noteOf(line)].join(" ").trim(),
    );
  return [...inRows(plain, CHECKS_PER_ROW).map((row) => row.join(" · ")), ...noted];
}
const CHECKS_PER_ROW = 5;

function countLine({ check, records }: Coverage): string {
  return `${checkTitles[check]}: ${records} ${records === 1 ? "record" : "records"}`;
}

function inRows<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, row) =>
    items.slice(row * size, (row + 1) * size),
  );
}

function notExamined({ coverage, verdict }: FindingsDocument): string[] {
  const checks = coverage.filter((line) => !wasSeen(line));
  // What failed for one reason, such as an account that does not exist, has a line together.
  const byWords = new Map<string, string[]>();
  for (const line of checks) {
    const labelled = [line.reason, line.how_to_fix].filter(Boolean).join(" ");
    const words = byWords.has(withoutLabel(labelled)) ? withoutLabel(labelled) : labelled;
    byWords.set(words, [...(byWords.get(words) ?? []), checkTitles[line.check]]);
  }
  const lines = [...byWords].map(([words, names]) => `${names.join(", ")}: ${words}`.trim());
  // What the verdict names beyond the checks themselves.
  const ofChecks = Object.values(checkTitles).map((title) => `${title}: `);
  return [
    ...lines,
    ...verdict.blind_spots.filter((spot) => !ofChecks.some((start) => spot.startsWith(start))),
  ];
}

function unrecognisedLine({
  artifact,
  size_bytes: size,
  reason,
}: FindingsDocument["unrecognised"][number]): string {
  return `${artifact}${size === null ? "" : ` (${size} bytes)`}: ${reason}`;
}
