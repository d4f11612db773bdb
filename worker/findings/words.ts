import type { FindingsDocument, Severity, VerdictLevel } from "./findings.ts";

/** The word that a report's title begins with. Other programs look for exactly these. */
export const verdictWords: Readonly<Record<VerdictLevel, string>> = {
  confirmed: "Confirmed",
  likely: "Likely",
  suspicious: "Suspicious",
  no_evidence: "No evidence",
  inconclusive: "Inconclusive",
};

export const severityWords: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  info: "Info",
};

/** Whose investigation it is, as people call it. */
export function subjectOf({ target, tenant }: FindingsDocument["run"]): string {
  return target ?? tenant.domain ?? tenant.id;
}

/** A time as people in several time zones read it alike: "2026-11-22 12:00 UTC". */
export function utcMinute(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
