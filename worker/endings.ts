import { AppError } from "../src/errors.ts";
import type { Work } from "../src/jobs/contract.ts";
import { JobCancelled, JobInterrupted } from "../src/jobs/queue.ts";
import type { Report } from "./report.ts";

/** A job, as far as its ending depends on it. */
interface Ended {
  id: string;
  /** Not known: of another release. */
  kind?: Work["kind"];
}

/** The endings that every kind of job has in common. Each says what is known and what to do next. */
function ending(report: Pick<Report, "outcome" | "title" | "lead" | "tone">, caseId?: string): Report {
  return {
    ...report,
    sections: [],
    files: [],
    buttons: caseId === undefined ? [] : [{ action: "run-again", caseId }],
  };
}

function stopped(caseId: string): Report {
  return ending(
    {
      outcome: "Stopped",
      title: "Stopped on request",
      tone: "neutral",
      lead: "Somebody pressed Stop, so there is no result. A check only reads: nothing was changed.",
    },
    caseId,
  );
}

export function interrupted({ id: caseId, kind }: Ended): Report {
  if (kind === "query-send") return unknownChange();
  return ending(
    {
      outcome: "Interrupted",
      title: "Interrupted before it finished",
      tone: "warning",
      lead: "The worker stopped while this was running, so there is no result, good or bad. A check only reads: nothing was changed. It is not started again by itself: press Run again.",
    },
    caseId,
  );
}

/** In the words of somebody who knows neither the call nor how far it came; the handler itself knows more. */
function unknownChange(): Report {
  return ending({
    outcome: "Interrupted",
    title: "Not known whether it was done",
    tone: "critical",
    lead: "The worker stopped while this change was to be sent. It may have been done, and is not sent again by itself. Look the record up with /query before you do it again.",
  });
}

/**
 * @param waitedMs - How long the job lay in the queue.
 * @param canRunAgain - It has a button for that.
 */
export function expired(
  caseId: string,
  { waitedMs, canRunAgain }: { waitedMs: number; canRunAgain: boolean },
): Report {
  const next = canRunAgain ? "press Run again" : "ask again";
  const minutes = Math.round(waitedMs / 60_000);
  return ending(
    {
      outcome: "Expired",
      title: "Waited too long to start",
      tone: "warning",
      lead: `No worker took this within its time (it waited ${minutes} min), so it was not started. If it is still needed, ${next}.`,
    },
    caseId,
  );
}

/** No button: whoever lost their role should not be offered another try. */
export function denied(reason: string): Report {
  return ending({ outcome: "Failed", title: "Not allowed", tone: "warning", lead: reason });
}

/** For what was asked of an earlier case and is not given: it is gone, or another's. */
export function notShown(reason: string): Report {
  return ending({ outcome: "Failed", title: "Nothing to show", tone: "neutral", lead: reason });
}

/** @param thrown - Only the text of an `AppError` is written for people; anything else stays in the log. */
export function failed(thrown: unknown, job: Ended): Report {
  const { id: caseId, kind } = job;
  if (thrown instanceof JobCancelled) return stopped(caseId);
  if (thrown instanceof JobInterrupted) return interrupted(job);
  if (kind === "query-send" && !(thrown instanceof AppError)) return unknownChange();
  const lead =
    thrown instanceof AppError
      ? thrown.userMessage
      : `Something went wrong in the bot, so there is no result. The details are in the worker's log under ${caseId}.`;
  return ending({ outcome: "Failed", title: "The check failed", tone: "warning", lead }, caseId);
}
