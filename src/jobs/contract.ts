import * as z from "zod";
import { Method } from "../claudetools/catalogue.ts";
import { Guid, TenantReference, Upn } from "../tenant.ts";
import type { QueueName } from "./queue.ts";

/** @see https://discord.com/developers/docs/reference#snowflakes */
export const Snowflake = z.string().regex(/^(0|[1-9]\d{0,19})$/, "a Discord id");

/**
 * `ix-<interaction id>` or `msg-<message id>`, so that a repeated delivery is one job. Also the case id. The prefix is
 * needed: BullMQ refuses ids that read as integers, and that is one Discord id in 256.
 */
export const JobId = z.string().regex(/^(ix|msg)-\d{1,20}$/);

/** What is known of every request, however it came. */
const Request = z.object({
  /** Of the interaction, or of the message. */
  id: Snowflake,
  guildId: Snowflake,
  channelId: Snowflake,
  userId: Snowflake,
  /** From the signed payload or the gateway's event; the worker authorises again from these. */
  roleIds: z.array(Snowflake),
  /** Decided with the deferral, and cannot be changed afterwards. */
  ephemeral: z.boolean(),
  /** An upper bound for one upload; Discord answers 413 to less now and then. */
  attachmentLimitBytes: z.number().int().positive(),
});

/** What the worker needs of an interaction to answer it and to say who asked. */
export const InteractionRef = Request.extend({
  applicationId: Snowflake,
  /** Lives for 15 minutes and is a secret: it never reaches a log, a message or a model. */
  interactionToken: z.string().min(1),
  /** The original response is the message that was clicked: it is edited, and a failure is told beside it. */
  updates: z.literal(true).exactOptional(),
});
export type InteractionRef = z.infer<typeof InteractionRef>;

/** The same of a message that came through the gateway. It has no token: the bot answers as itself, in a thread. */
export const MessageRef = Request.extend({
  ephemeral: z.literal(false),
  /** The thread that the message stands in. None: one is opened from the message. */
  threadId: Snowflake.exactOptional(),
  /** What a thread that is opened is called. */
  threadName: z.string().min(1).max(100),
});
export type MessageRef = z.infer<typeof MessageRef>;

/** Whom a job answers. */
export const Origin = z.union([InteractionRef, MessageRef]);
export type Origin = z.infer<typeof Origin>;

/** Look for signs of compromise in one account. `tenant` is a domain, a tenant id or a client's name. */
const BreachCheckWork = z.object({
  kind: z.literal("breach-check"),
  tenant: TenantReference,
  upn: Upn,
});
export type BreachCheckWork = z.infer<typeof BreachCheckWork>;

/** Look for signs of a break-in in a whole tenant, which is a domain, a tenant id or a client's name. */
const TenantSweepWork = z.object({
  kind: z.literal("tenant-sweep"),
  tenant: TenantReference,
});
export type TenantSweepWork = z.infer<typeof TenantSweepWork>;

/** Show a finished case again, to the person who asked for it. */
const ShowResultWork = z.object({ kind: z.literal("show-result"), caseId: JobId });

/** What the findings of a finished case rest on. */
const ShowEvidenceWork = z.object({ kind: z.literal("show-evidence"), caseId: JobId });

/** One finding of a finished case in detail. */
const ShowFindingWork = z.object({
  kind: z.literal("show-finding"),
  caseId: JobId,
  findingId: z.string().min(1).max(100),
});

/** The case file once more, to the person who asked for it. */
const DownloadWork = z.object({ kind: z.literal("download"), caseId: JobId });

/** Do what an earlier case did once more, or what it could not do before somebody had said which tenant. */
const RunAgainWork = z.object({
  kind: z.literal("run-again"),
  caseId: JobId,
  tenant: Guid.exactOptional(),
});

/** From 0. */
export const Page = z.coerce.number().int().min(0).max(100_000);

/** Another page of the tenants that a case may have meant. */
const TenantPageWork = z.object({ kind: z.literal("tenant-page"), caseId: JobId, page: Page });

/** Ask ClaudeTools, or show what would be changed in it. `params` are a query string or a JSON object, `body` is JSON; both are read by the worker. */
const QueryWork = z.object({
  kind: z.literal("query"),
  method: Method,
  endpoint: z.string().trim().min(1).max(500),
  params: z.string().max(6000).exactOptional(),
  body: z.string().max(6000).exactOptional(),
});
export type QueryWork = z.infer<typeof QueryWork>;

/** Another page of an answer; the query is known by its job. */
const QueryPageWork = z.object({ kind: z.literal("query-page"), caseId: JobId, page: Page });

/** An answer as it came, as a file. */
const QueryRawWork = z.object({ kind: z.literal("query-raw"), caseId: JobId });

/** Send the change that a query has shown, or never; the query is known by its job. */
const QuerySendWork = z.object({ kind: z.literal("query-send"), caseId: JobId });
const QueryCancelWork = z.object({ kind: z.literal("query-cancel"), caseId: JobId });

/** Say what the person who asks may do, and why. */
const WhoamiWork = z.object({ kind: z.literal("whoami") });

/**
 * Answer a question in plain words. `threadId`: the conversation that it continues. `messageId`: the message that asked
 * it, where that is not an interaction. `quoted`: the message that it is about, as somebody wrote it.
 */
const AskWork = z.object({
  kind: z.literal("ask"),
  question: z.string().min(1).max(6000),
  quoted: z.object({ author: z.string().max(100), content: z.string().max(4000) }).exactOptional(),
  threadId: Snowflake.exactOptional(),
  messageId: Snowflake.exactOptional(),
});
export type AskWork = z.infer<typeof AskWork>;

/** Forget a conversation: that of a thread, else the private one that the person has in this channel. */
const ForgetWork = z.object({ kind: z.literal("forget"), threadId: Snowflake.exactOptional() });

/** Say what the assistant has cost today. */
const UsageWork = z.object({ kind: z.literal("usage") });

/** Say how the installation is. */
const StatusWork = z.object({ kind: z.literal("status") });

export const Work = z.discriminatedUnion("kind", [
  BreachCheckWork,
  TenantSweepWork,
  ShowResultWork,
  ShowEvidenceWork,
  ShowFindingWork,
  DownloadWork,
  RunAgainWork,
  AskWork,
  ForgetWork,
  UsageWork,
  TenantPageWork,
  QueryWork,
  QueryPageWork,
  QueryRawWork,
  QuerySendWork,
  QueryCancelWork,
  StatusWork,
  WhoamiWork,
]);
export type Work = z.infer<typeof Work>;

/** A job as it lies in the queue. Both sides parse it; times are milliseconds since 1970. */
export const Job = z.object({
  contract: z.literal(1),
  id: JobId,
  interaction: Origin,
  enqueuedAt: z.number().int(),
  /** A job that could not start before this asks instead of acting. */
  deadlineAt: z.number().int(),
  work: Work,
});
export type Job = z.infer<typeof Job>;

/** Whoever waited this long for a worker is asked again instead. Shorter than the 15 minutes of an interaction token. */
export const START_WITHIN_MS = 10 * 60_000;

/** @param now - Milliseconds since 1970. */
export function createJob(interaction: Origin, work: Work, { now }: { now: number }): Job {
  return {
    contract: 1,
    id: `${"interactionToken" in interaction ? "ix" : "msg"}-${interaction.id}`,
    interaction,
    enqueuedAt: now,
    deadlineAt: now + START_WITHIN_MS,
    work,
  };
}

/** Which promise about crashes holds for a job. */
export const queues: Record<Work["kind"], QueueName> = {
  "breach-check": "investigations",
  "tenant-sweep": "investigations",
  "run-again": "investigations",
  "show-result": "lookups",
  "show-evidence": "lookups",
  "show-finding": "lookups",
  download: "lookups",
  ask: "lookups",
  forget: "lookups",
  usage: "lookups",
  "tenant-page": "lookups",
  query: "lookups",
  "query-page": "lookups",
  "query-raw": "lookups",
  // Run again after a crash, to say what is known: what is sent is taken out of the store first, and that succeeds once.
  "query-send": "lookups",
  "query-cancel": "lookups",
  status: "lookups",
  whoami: "lookups",
};
