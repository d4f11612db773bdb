import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Progress, Report } from "../report.ts";
import { renderAnswerProgress } from "./answer.ts";
import type { Attempt, Discord } from "./api.ts";
import { type Delivery, deliver, isShown } from "./deliver.ts";
import type { Original } from "./original.ts";
import { PERSISTENCE, type Persistence } from "./persist.ts";
import { readPicture, sendReport } from "./picture.ts";
import { renderProgress } from "./render.ts";

export interface ReplyOptions {
  discord: Discord;
  interaction: Origin;
  original: Original;
  jobId: string;
  log: Log;
  now?: () => number;
  /** When the process ends; not when a person stops the job, because that too ends in a report. */
  signal?: AbortSignal;
  pace?: Partial<Pace>;
  persistence?: Persistence;
}

interface Pace {
  /** No progress before this: a quick job goes straight to its report. */
  firstMs: number;
  /** From the end of one edit to the next. Discord allows about five in two seconds per interaction. */
  everyMs: number;
}

/** What a job says to the person who asked. */
export interface Reply {
  /** Shows how far the job is. Returns at once, never throws; only the newest is shown. */
  progress(progress: Progress): void;
  /** No more progress from now on. Resolves when none is on its way to Discord any more, and never rejects. */
  endProgress(): Promise<void>;
  /**
   * Ends the reply with the report. Nothing is shown after it.
   * @throws {AppError} `DISCORD_UNDELIVERED` (retryable): nothing arrived, keep the report.
   */
  finish(report: Report, context: { durationMs: number }): Promise<Delivery>;
}

const LAST_WORDS = {
  public:
    "Discord lets this message be edited for 15 minutes only. The job goes on; its result will be a new message.",
  private:
    "Discord lets this message be edited for 15 minutes only. The job goes on; its result will be a direct message.",
};

/** One reply for one job. A report that was kept is delivered by a new reply's `finish`. */
export function createReply(options: ReplyOptions): Reply {
  const { discord, interaction, original, jobId, log } = options;
  const { now = Date.now, signal, persistence = PERSISTENCE } = options;
  const whose = interaction.ephemeral ? "private" : "public";
  const { firstMs, everyMs }: Pace = { firstMs: 500, everyMs: 1_000, ...options.pace };

  let newest: Progress | undefined;
  let shown: Progress = { title: "Working", steps: [] };
  let timer: NodeJS.Timeout | undefined;
  let inFlight: Promise<void> | undefined;
  /** No more progress: the report is on its way, or Discord will not take any. */
  let closed = false;
  let originalId: string | undefined;
  /** An edit that we gave up on may still arrive, and after the report it would take its place. */
  let abandoned = false;
  let unknownWebhook = 0;
  /** When the next edit may be made, in `performance.now()`. */
  let nextAt = performance.now() + firstMs;
  /** The first words of an answer go out at once, unless Discord has asked us to wait. */
  let mayHurry = true;
  let hasWords = false;
  /** The token is about to end: the next edit is the last, and says where the result will be. */
  let isLast = false;

  const lastWordsMs = original.expiresAt - now();
  // A timer without an end would be over at once.
  const lastWords = Number.isFinite(lastWordsMs)
    ? setTimeout(sayLastWords, Math.max(lastWordsMs, 0)).unref()
    : undefined;
  // A report that was kept is delivered without progress.
  if (lastWordsMs <= 0) close();

  function close(): void {
    closed = true;
    clearTimeout(timer);
    clearTimeout(lastWords);
  }

  function sayLastWords(): void {
    isLast = true;
    newest ??= shown;
    schedule();
  }

  function schedule(): void {
    if (closed || timer || inFlight || !newest) return;
    timer = setTimeout(() => {
      timer = undefined;
      inFlight = sendNewest().finally(() => {
        inFlight = undefined;
        schedule();
      });
    }, nextAt - performance.now());
    timer.unref();
  }

  /** Nothing is in flight where this has an effect: an edit that is comes first, and the words follow at the usual pace. */
  function hurry(): void {
    const hadWords = hasWords;
    hasWords = newest?.draft?.hasBegun ?? false;
    if (!hasWords || hadWords || !mayHurry || inFlight) return;
    nextAt = performance.now();
    clearTimeout(timer);
    timer = undefined;
  }

  async function sendNewest(): Promise<void> {
    const progress = newest;
    newest = undefined;
    if (!progress) return;
    shown = progress;
    const said = isLast;
    try {
      const context = { jobId, ...(said && { note: LAST_WORDS[whose] }) };
      const { draft } = progress;
      const body = draft
        ? renderAnswerProgress({ ...progress, draft }, context)
        : renderProgress(progress, context);
      settle(await original.edit(body, { signal }), progress);
      if (said) close();
    } catch (error) {
      close();
      log.debug({ reason: String(error) }, "progress was interrupted");
    }
  }

  function settle(attempt: Attempt, progress: Progress): void {
    nextAt = performance.now() + everyMs;
    mayHurry = attempt.kind === "sent";
    if (attempt.kind === "sent") {
      originalId = attempt.messageId;
      return;
    }
    log.warn({ failure: attempt.kind, reason: attempt.reason }, "progress was not shown");
    // Unless something newer has come, what could not be shown is shown at the next turn.
    newest ??= progress;
    switch (attempt.kind) {
      case "unknown-webhook": {
        const waitMs = persistence.unknownWebhookMs[unknownWebhook++];
        if (waitMs === undefined) close();
        else nextAt = performance.now() + waitMs;
        return;
      }
      case "rate-limited":
        // Also a limit without an end, which no timer can hold.
        if (attempt.retryAfterMs > persistence.patienceMs) close();
        else nextAt = performance.now() + Math.max(attempt.retryAfterMs, everyMs);
        return;
      case "unreachable":
        abandoned ||= attempt.perhapsDone;
        return;
      case "deleted":
      case "expired":
      case "refused":
      case "too-large":
        close();
    }
  }

  async function endProgress(): Promise<void> {
    close();
    // Waited for and not cancelled: a cancelled edit can still arrive, and then it would arrive last.
    await inFlight;
  }

  async function finish(report: Report, { durationMs }: { durationMs: number }): Promise<Delivery> {
    await endProgress();
    const delivery = await deliver(report, {
      discord,
      interaction,
      original,
      jobId,
      durationMs,
      log,
      now,
      signal,
      persistence,
      originalId,
    });
    if (abandoned && delivery.kind === "edited") await keepReport(report, durationMs);
    log.info({ delivery: delivery.kind, missing: delivery.missing.length }, "report delivered");
    return delivery;
  }

  /** Looks whether an abandoned progress edit came after the report, and puts the report back. */
  async function keepReport(report: Report, durationMs: number): Promise<void> {
    // Without the process's signal, which would turn a report that has arrived into one that has not.
    if (await isShown(report, { original, jobId, durationMs })) return;
    const pictures = await readPicture(report, log);
    const attempt = await sendReport(report, { jobId, durationMs, pictures }, (body, files) =>
      original.edit(body, { files }),
    );
    if (attempt.kind !== "sent") log.warn({ failure: attempt.kind }, "progress may cover the report");
  }

  return {
    progress(progress) {
      newest = progress;
      hurry();
      schedule();
    },
    endProgress,
    finish,
  };
}
