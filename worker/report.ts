import * as z from "zod";
import { Method } from "../src/claudetools/catalogue.ts";
import { JobId, Page } from "../src/jobs/contract.ts";

/** How a job ended, in the word that its last message begins its footer with. */
const Outcome = z.enum(["Done", "Failed", "Stopped", "Interrupted", "Expired"]);

/** Named lines. What does not fit into Discord's limits is counted ("and 12 more, see the zip"), never cut silently. */
const Section = z.object({
  heading: z.string(),
  lines: z.array(z.string()),
  /** Of several such, as many stand side by side as the screen takes: the fields of a record. */
  isNarrow: z.literal(true).exactOptional(),
});
export type Section = z.infer<typeof Section>;

const FileOnDisk = z.object({ path: z.string(), description: z.string() });

/** A file on this machine's disk; `name` is what people see and holds no customer's data. */
const ReportFile = FileOnDisk.extend({
  name: z.string(),
  /** Sent in its place, under the same name, where Discord does not take the size; the description says what it lacks. */
  smaller: FileOnDisk.exactOptional(),
});
export type ReportFile = z.infer<typeof ReportFile>;

const CaseButton = z.object({
  action: z.enum(["run-again", "show-result", "show-evidence", "download", "query-raw", "query-cancel"]),
  caseId: JobId,
});
export type CaseButton = z.infer<typeof CaseButton>;

/** Puts another page in the place of the one that is shown. */
const PageButton = z.object({
  action: z.enum(["query-page", "tenant-page"]),
  caseId: JobId,
  page: Page,
  label: z.enum(["Previous", "Next"]),
});

/** Sends the change that the report shows. */
const SendButton = z.object({ action: z.literal("query-send"), caseId: JobId, method: Method });

const ReportButton = z.union([CaseButton, PageButton, SendButton]);
export type ReportButton = z.infer<typeof ReportButton>;

/** Something to choose one of, such as a finding to be opened. At most 25 options; `value` is ours and at most 100 characters. */
const Choices = z.object({
  action: z.enum(["finding", "tenant"]),
  caseId: JobId,
  prompt: z.string(),
  options: z
    .array(z.object({ label: z.string(), description: z.string(), value: z.string().min(1).max(100) }))
    .min(1)
    .max(25),
});
export type Choices = z.infer<typeof Choices>;

/** Rows in the order of the columns. What does not fit the width of a telephone is cut, and says so. */
const Table = z.object({ columns: z.array(z.string()).min(1), rows: z.array(z.array(z.string())) });
export type Table = z.infer<typeof Table>;

/** A PNG that is as public as the report, so nothing may stand in it that the report does not show. */
const Picture = z.object({
  path: z.string(),
  /** What it shows, in words, for people who don't see it. */
  alt: z.string(),
});
export type Picture = z.infer<typeof Picture>;

/** How far one part of a job is. */
const Step = z.object({
  label: z.string(),
  state: z.enum(["waiting", "running", "ok", "failed", "skipped"]),
  /** A count or a reason: "12 records", "no Entra ID P1 licence". */
  detail: z.string().exactOptional(),
  /** Milliseconds that the step took, once it has ended. */
  durationMs: z.number().exactOptional(),
});
export type Step = z.infer<typeof Step>;

/** What the assistant says, in place of title, lead and sections. */
const Answer = z.object({
  /** What was asked, since Discord shows only that somebody asked. */
  question: z.string(),
  /** Discord's markdown, and harmless already (`defangAnswer`). Over as many messages as it takes. */
  text: z.string(),
  /** What whoever reads it should know beside it. */
  notes: z.array(z.string()),
  /** The tools that were used. */
  steps: z.array(Step),
  /** For the footer: "2 calls", "3,100 tokens". */
  facts: z.array(z.string()),
  /** What "Reply" goes on with: the id of a thread, or `private`. None: there is nothing to go on with. */
  replyTo: z.string().exactOptional(),
  /** The name of the thread to be opened from the answer. None: it stands in one, or is private. */
  threadName: z.string().exactOptional(),
});
export type Answer = z.infer<typeof Answer>;

/** Of a longer transcript, the middle is left out. In UTF-16 units. */
export const TRANSCRIPT_MAX = 18_000;

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
  /** Stands under the lead. */
  table: Table.exactOptional(),
  sections: z.array(Section),
  /** Shown to the requester alone, whatever the visibility of the report. */
  files: z.array(ReportFile),
  /** A text in full, such as the output of a script, for the requester alone, in a code block over as many messages as it takes. */
  transcript: z.string().exactOptional(),
  buttons: z.array(ReportButton),
  choices: Choices.exactOptional(),
  answer: Answer.exactOptional(),
  picture: Picture.exactOptional(),
  /** The message that was clicked is settled, so the report takes its place although it is no answer. */
  settles: z.literal(true).exactOptional(),
  /** The case whose folder holds the evidence, where it is not the job's own: somebody joined a running check. */
  evidenceCaseId: JobId.exactOptional(),
});
export type Report = z.infer<typeof Report>;

/** What the message shows while the job runs; each update replaces the one before. */
export interface Progress {
  title: string;
  steps: Step[];
  draft?: Draft;
}

/** An answer that is being written. */
export interface Draft {
  hasBegun: boolean;
  /** How much of it there is: Discord's markdown, harmless already. Asked for when it is shown. */
  text(): string;
}
