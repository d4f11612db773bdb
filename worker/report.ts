import * as z from "zod";
import { JobId } from "../src/jobs/contract.ts";

/** How a job ended, in the word that its last message begins its footer with. */
const Outcome = z.enum(["Done", "Failed", "Stopped", "Interrupted", "Expired"]);

/** Named lines. What does not fit into Discord's limits is counted ("and 12 more, see the zip"), never cut silently. */
const Section = z.object({ heading: z.string(), lines: z.array(z.string()) });
export type Section = z.infer<typeof Section>;

/** A file on this machine's disk; `name` is what people see and holds no customer's data. */
const ReportFile = z.object({ name: z.string(), path: z.string(), description: z.string() });
export type ReportFile = z.infer<typeof ReportFile>;

const ReportButton = z.object({ action: z.enum(["run-again", "show-result"]), caseId: JobId });
export type ReportButton = z.infer<typeof ReportButton>;

/**
 * What a handler returns: plain data about an ending. No markdown: strings may hold text that an attacker wrote
 * (rule names, subjects, sign-in names), and only `worker/discord/render` turns them into Discord's markup.
 * A schema and not only a type, because a report waits in the store until Discord has taken it.
 */
export const Report = z.object({
  outcome: Outcome,
  /** One line; of an investigation it begins with the verdict's word. */
  title: z.string(),
  tone: z.enum(["critical", "warning", "good", "neutral"]),
  /** The paragraph under the title: what it means and what to do first. */
  lead: z.string(),
  sections: z.array(Section),
  /** Shown to the requester alone, whatever the visibility of the report. */
  files: z.array(ReportFile),
  /** Verbatim output of a script, for the requester alone, in a code block over as many messages as it takes. */
  transcript: z.string().exactOptional(),
  buttons: z.array(ReportButton),
});
export type Report = z.infer<typeof Report>;

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
