import type { Report } from "../report.ts";
import {
  type Coverage,
  checkTitles,
  type Finding,
  type FindingsDocument,
  type Severity,
  type VerdictLevel,
} from "./findings.ts";
import { tenantLead } from "./sweep/tenant-lead.ts";

/** The word that a report's title begins with. Other programs look for exactly these. */
const VERDICT_WORDS: Readonly<Record<VerdictLevel, string>> = {
  confirmed: "Confirmed",
  likely: "Likely",
  suspicious: "Suspicious",
  no_evidence: "No evidence",
  inconclusive: "Inconclusive",
};

const TONES: Readonly<Record<VerdictLevel, Report["tone"]>> = {
  confirmed: "critical",
  likely: "critical",
  suspicious: "warning",
  no_evidence: "good",
  inconclusive: "neutral",
};

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  info: "Info",
};

/** An investigation's report, for somebody tired who has to act now. Plain text: escaping is the renderer's. */
export function reportFindings(
  document: FindingsDocument,
  extras: Omit<Report, "title" | "tone" | "lead" | "sections">,
): Report {
  const { run, verdict, findings, coverage, unrecognised } = document;
  const sections = [
    { heading: "Findings", lines: findings.map(findingLine) },
    { heading: "What to do", lines: stepsOf(document) },
    { heading: "What was checked", lines: coverage.filter(wasSeen).map(seenLine) },
    { heading: "Not examined", lines: notExamined(document) },
    { heading: "Not recognised", lines: unrecognised.map(unrecognisedLine) },
  ];
  return {
    ...extras,
    title: `${VERDICT_WORDS[verdict.level]}: ${run.target ?? run.tenant.domain ?? run.tenant.id}`,
    tone: TONES[verdict.level],
    lead: run.kind === "tenant" ? tenantLead(document) : accountLead(document),
    sections: sections.filter(({ lines }) => lines.length > 0),
  };
}

function accountLead({ verdict, coverage, run }: FindingsDocument): string {
  const confidence = `Confidence: ${verdict.confidence}.`;
  switch (verdict.level) {
    case "confirmed":
      return `Somebody else has used this account. Block sign-in now, then reset the password and revoke all sessions. ${confidence}`;
    case "likely":
      return `This looks like a compromised account. Block sign-in now, then ask the user by phone which of the findings were their own doing. ${confidence}`;
    case "suspicious":
      return `Something here needs an explanation. Ask the user by phone about the findings, not by mail: somebody else may be reading it. ${confidence}`;
    case "no_evidence":
      return `Nothing in the last ${run.window_days} days points to a compromise, as far as could be seen. ${extentOf(coverage)} ${confidence}`;
    case "inconclusive":
      return `Too little could be seen for an answer. ${firstGap(verdict.blind_spots)} Fix that and run again, or look by hand. An empty list here is not proof that nothing happened.`;
  }
}

function extentOf(coverage: readonly Coverage[]): string {
  const open = coverage.filter((line) => !wasSeen(line) || line.truncated).length;
  if (open === 0) return "All ten checks were done.";
  return `${open} of ${coverage.length} checks were not done or not complete; they are listed below.`;
}

function firstGap(blindSpots: readonly string[]): string {
  return blindSpots[0] ?? "";
}

function findingLine({ severity, title, why, in_window }: Finding): string {
  return `${SEVERITY_WORDS[severity]}: ${title} — ${why}${in_window ? "" : " (Before the time that was asked about.)"}`;
}

/** Each recommendation once, in the order of the findings, which is that of urgency. */
function stepsOf({ findings }: FindingsDocument): string[] {
  const texts = findings
    .filter(({ recommendation }) => recommendation.action !== "none")
    .map(({ recommendation }) => recommendation.text);
  return [...new Set(texts)];
}

function wasSeen({ status }: Coverage): boolean {
  return status === "ok";
}

function seenLine({ check, records, truncated, reason, how_to_fix: cure }: Coverage): string {
  const counted = `${checkTitles[check]}: ${records} ${records === 1 ? "record" : "records"}`;
  const note = [reason, cure].filter(Boolean).join(" ");
  return `${counted}${truncated ? ", not complete" : ""}.${note === "" ? "" : ` ${note}`}`;
}

function notExamined({ coverage, verdict }: FindingsDocument): string[] {
  const checks = coverage.filter((line) => !wasSeen(line));
  // Checks that the toolkit simply lacks have one reason and one cure: a line for all of them is enough.
  const lacking = checks.filter(({ status }) => status === "missing");
  const failed = checks.filter(({ status }) => status !== "missing");
  const lines = failed.map(({ check, reason, how_to_fix: cure }) =>
    [`${checkTitles[check]}:`, reason, cure].filter(Boolean).join(" "),
  );
  const [first] = lacking;
  if (first !== undefined) {
    const names = lacking.map(({ check }) => checkTitles[check]).join(", ");
    lines.push([`${names}:`, first.reason, first.how_to_fix].filter(Boolean).join(" "));
  }
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
