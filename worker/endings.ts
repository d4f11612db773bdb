import { AppError } from "../src/errors.ts";
import { JobCancelled, JobInterrupted } from "../src/jobs/queue.ts";
import type { Report } from "./report.ts";

/** What has ended: a check, which is kept as a case and can be run again by a button, or a lookup, which is asked for anew. */
export interface Ended {
  jobId: string;
  isCase: boolean;
}

/** The endings that every kind of job has in common. Each says what is known and what to do next. */
function ending(report: Pick<Report, "outcome" | "title" | "lead" | "tone">, ended?: Ended): Report {
  return {
    ...report,
    sections: [],
    files: [],
    buttons: ended?.isCase ? [{ action: "run-again", caseId: ended.jobId }] : [],
  };
}

function stopped(ended: Ended): Report {
  return ending(
    {
      outcome: "Stopped",
      title: "Stopped on request",
      tone: "neutral",
      lead: `Somebody pressed Stop, so there is no result. ${ended.isCase ? "A check only reads: nothing" : "Nothing"} was changed.`,
    },
    ended,
  );
}

export function interrupted(ended: Ended): Report {
  const next = ended.isCase
    ? "A check only reads: nothing was changed. It is not started again by itself: press Run again."
    : "Nothing was changed. Ask again.";
  return ending(
    {
      outcome: "Interrupted",
      title: "Interrupted before it finished",
      tone: "warning",
      lead: `The worker stopped while this was running, so there is no result, good or bad. ${next}`,
    },
    ended,
  );
}

/** @param waitedMs - How long the job lay in the queue. */
export function expired(ended: Ended, waitedMs: number): Report {
  const minutes = Math.round(waitedMs / 60_000);
  const next = ended.isCase ? "press Run again" : "ask again";
  return ending(
    {
      outcome: "Expired",
      title: "Waited too long to start",
      tone: "warning",
      lead: `No worker took this within its time (it waited ${minutes} min), so it was not started. If it is still needed, ${next}.`,
    },
    ended,
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
export function failed(thrown: unknown, ended: Ended): Report {
  if (thrown instanceof JobCancelled) return stopped(ended);
  if (thrown instanceof JobInterrupted) return interrupted(ended);
  const lead =
    thrown instanceof AppError
      ? thrown.userMessage
      : `Something went wrong in the bot, so there is no result. The details are in the worker's log under ${ended.jobId}.`;
  const title = ended.isCase ? "The check failed" : "That failed";
  return ending({ outcome: "Failed", title, tone: "warning", lead }, ended);
}
