/** How a job ended, in the word that its last message begins its footer with. */
export type Outcome = "Done" | "Failed" | "Stopped" | "Interrupted" | "Expired";

/**
 * What a handler returns: plain data about an ending. No markdown: strings may hold text that an attacker wrote
 * (rule names, subjects, sign-in names), and only `worker/discord/render` turns them into Discord's markup.
 */
export interface Report {
  outcome: Outcome;
  /** One line; of an investigation it begins with the verdict's word. */
  title: string;
  tone: "critical" | "warning" | "good" | "neutral";
  /** The paragraph under the title: what it means and what to do first. */
  lead: string;
  sections: Section[];
  /** Shown to the requester alone, whatever the visibility of the report. */
  files: ReportFile[];
  /** Verbatim output of a script, for the requester alone, in a code block over as many messages as it takes. */
  transcript?: string;
  buttons: ReportButton[];
}

/** Named lines. What does not fit into Discord's limits is counted ("and 12 more, see the zip"), never cut silently. */
export interface Section {
  heading: string;
  lines: string[];
}

/** A file on this machine's disk; `name` is what people see and holds no customer's data. */
export interface ReportFile {
  name: string;
  path: string;
  description: string;
}

export type ReportButton =
  | { action: "run-again"; caseId: string }
  | { action: "show-result"; caseId: string };

/** What the message shows while the job runs; each update replaces the one before. */
export interface Progress {
  title: string;
  steps: Step[];
}

export interface Step {
  label: string;
  state: "waiting" | "running" | "ok" | "failed" | "skipped";
  /** A count or a reason: "12 records", "no Entra ID P1 licence". */
  detail?: string;
  /** Milliseconds that the step took, once it has ended. */
  durationMs?: number;
}
