import type * as z from "zod";
import { AppError, coerceError } from "../src/errors.ts";
import { Job, queues, type Work } from "../src/jobs/contract.ts";
import type { ConsumerOptions, JobContext } from "../src/jobs/queue.ts";
import type { Log } from "../src/log.ts";
import type { Audit } from "./audit/audit.ts";
import { audited } from "./audit/audited.ts";
import { actOfJob, endingOfReport } from "./audit/job-act.ts";
import type { Case, Cases } from "./cases/cases.ts";
import { denied, type Ended, expired, failed, interrupted } from "./endings.ts";
import type { Afterword } from "./explain-case.ts";
import { type HandledWork, type HandlerContext, type Handlers, handle } from "./handlers/handler.ts";
import type { RecentJobs } from "./ops/recent-jobs.ts";
import type { OpenReply, Outbox } from "./outbox.ts";
import type { Permit } from "./permit.ts";
import type { Progress, Report } from "./report.ts";

export interface ConsumeOptions {
  handlers: Handlers;
  permit: Permit;
  audit: Audit;
  cases: Cases;
  outbox: Outbox;
  recent: Pick<RecentJobs, "add">;
  openReply: OpenReply;
  log: Log;
  now?: () => number;
  afterword?: Afterword;
  /** Called before anything else is done for a job; what it gives is called at its end. Neither may reject. */
  lineUp?: (job: Job) => Promise<() => Promise<void>>;
}

/**
 * What happens to a job once a worker has taken it: validated, authorised again, run, and ended in words that a person
 * sees, whatever came in between.
 */
export function createConsume({
  handlers,
  permit,
  audit,
  cases,
  outbox,
  recent,
  openReply,
  log,
  now = Date.now,
  afterword = async () => undefined,
  lineUp = async () => async () => undefined,
}: ConsumeOptions): Pick<ConsumerOptions, "run" | "onInterrupted"> {
  return { run, onInterrupted };

  async function run(raw: unknown, context: JobContext): Promise<void> {
    const parsed = parseJob(raw);
    if (parsed.kind === "unreadable") return refuse(parsed);
    const { job } = parsed;
    const jobLog = logOf(job);
    // A store that does not say so is no reason to leave anybody without an answer.
    if (context.attempt > 1 && (await hasReport(job.id).catch(() => false))) {
      return jobLog.warn({ attempt: context.attempt }, "job has its report already and is not run again");
    }
    const leave = await lineUp(job);
    const startedAt = now();
    jobLog.info({ waitedMs: startedAt - job.enqueuedAt, attempt: context.attempt }, "job started");

    const reply = openReply({ jobId: job.id, interaction: job.interaction, log: jobLog });
    const progress = (value: Progress) => {
      reply.progress(value);
      // An answer grows by a word at a time, and is a customer's: nothing to be written into the queue again and again.
      if (value.draft === undefined) void context.progress(value);
    };
    const { signal, attempt } = context;
    const report = await finish({ job, signal, log: jobLog, progress }, attempt).finally(leave);

    const durationMs = now() - startedAt;
    jobLog.info({ outcome: report.outcome, title: report.title, durationMs }, "job ended");
    await recent.add({ kind: job.work.kind, outcome: report.outcome, durationMs, endedAt: now() });
    await outbox.send({ jobId: job.id, interaction: job.interaction, report, durationMs }, reply);
    await afterword({ job, report, signal: context.signal, log: jobLog });
  }

  /** Never rejects: whatever goes wrong is an ending, too. */
  async function finish(context: Omit<HandlerContext, "permission">, attempt: number): Promise<Report> {
    const { job } = context;
    try {
      context.signal.throwIfAborted();
      const work = await resolve(job.work);
      // A click on "Send" has a time of its own, and what an earlier start of it has done is told however late it is.
      const isLate = now() > job.deadlineAt && work.kind !== "query-send";
      if (isLate) return await tooLate(job, work, context.log);
      const permission = await permit(job.interaction, handlers[work.kind].access, context.signal);
      if (permission.kind === "denied") {
        context.log.warn({ code: permission.code }, "refused");
        await audit.refused(actOfJob(job, work), permission.code);
        // Not "you may not": before the crash they might, and it may have been done.
        const isUnknown = attempt > 1 && work.kind === "query-send";
        return isUnknown ? interrupted(endedOf(job)) : denied(permission.reason);
      }
      const { userId: requesterId, ephemeral } = job.interaction;
      await remember(job.id, { requesterId, ephemeral, work }, context.log);
      const act = actOfJob(job, work, permission.level);
      const report = await audited(act, { audit, signal: context.signal, endingOf: endingOfReport }, () =>
        handle(handlers, work.kind, work, { ...context, permission }),
      );
      await remember(job.id, { requesterId, ephemeral, work, report }, context.log);
      return report;
    } catch (thrown) {
      const cause = context.signal.aborted ? context.signal.reason : thrown;
      if (!context.signal.aborted) context.log.error({ err: coerceError(thrown) }, "job failed");
      return failed(cause, endedOf(job));
    }
  }

  /** Remembered, since its "Run again" is what starts it. */
  async function tooLate(job: Job, work: HandledWork, log: Log): Promise<Report> {
    const { userId: requesterId, ephemeral } = job.interaction;
    await remember(job.id, { requesterId, ephemeral, work }, log);
    return expired(endedOf(job), now() - job.enqueuedAt);
  }

  /** For the buttons, also of a job that does not come to its end. A convenience: no report is lost over it. Lookups are no cases. */
  async function remember(caseId: string, value: Case, log: Log): Promise<void> {
    if (queues[value.work.kind] === "lookups") return;
    await cases.save(caseId, value).catch((thrown) => {
      log.warn({ err: coerceError(thrown) }, "case not remembered");
    });
  }

  /** "Run again" becomes what the earlier case did, for the tenant that was chosen if one was. */
  async function resolve(work: Work): Promise<HandledWork> {
    if (work.kind !== "run-again") return work;
    const earlier = await cases.read(work.caseId);
    if (earlier === undefined || earlier.work.kind === "run-again") {
      throw new AppError(
        "CASE_FORGOTTEN",
        `That case is no longer kept (cases are deleted after ${cases.keepDays} days). Use the slash command again.`,
      );
    }
    const { tenant } = work;
    return tenant !== undefined && "tenant" in earlier.work ? { ...earlier.work, tenant } : earlier.work;
  }

  /** Its process may have died while the report was on its way, or just after; what is owed, the outbox delivers. */
  async function hasReport(jobId: string): Promise<boolean> {
    return (await cases.isDelivered(jobId)) || (await cases.readOwed(jobId)) !== undefined;
  }

  async function onInterrupted(raw: unknown): Promise<void> {
    const parsed = parseJob(raw);
    if (parsed.kind === "unreadable") return refuse(parsed);
    const { job } = parsed;
    logOf(job).warn({}, "job was interrupted");
    if (await hasReport(job.id)) return;
    const earlier = await cases.read(job.id);
    if (earlier?.report === undefined) await audit.interrupted(actOfJob(job, earlier?.work ?? job.work));
    const report = earlier?.report ?? interrupted(endedOf(job));
    await outbox.send({ jobId: job.id, interaction: job.interaction, report, durationMs: 0 });
  }

  /** A job of another release may still say whom to answer, and then nobody is left waiting. */
  async function refuse({ addressee, issues }: Unreadable): Promise<void> {
    log.error({ issues }, "job not understood: run the webhook and the worker from the same release");
    if (addressee === undefined) return;
    const { id: jobId, interaction } = addressee;
    await outbox.send({ jobId, interaction, report: failed(NOT_UNDERSTOOD, { id: jobId }), durationMs: 0 });
  }

  function logOf(job: Job): Log {
    return log.child({ jobId: job.id, interactionId: job.interaction.id, command: job.work.kind });
  }
}

function endedOf({ id, work }: Job): Ended {
  return { id, kind: work.kind };
}

const NOT_UNDERSTOOD = new AppError(
  "JOB_INVALID",
  "The worker did not understand this request, because it runs another release than the webhook. Nothing was started. Tell whoever runs this bot.",
);

const Addressee = Job.pick({ id: true, interaction: true });

type Unreadable = { kind: "unreadable"; addressee: z.infer<typeof Addressee> | undefined; issues: object[] };

function parseJob(raw: unknown): { kind: "readable"; job: Job } | Unreadable {
  const result = Job.safeParse(raw);
  if (result.success) return { kind: "readable", job: result.data };
  // Without the values, which may hold the interaction token.
  const issues = result.error.issues.map(({ path, code }) => ({ path, code }));
  return { kind: "unreadable", addressee: Addressee.safeParse(raw).data, issues };
}
