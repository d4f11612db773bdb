import { AppError } from "../src/errors.ts";
import { queues, type Work } from "../src/jobs/contract.ts";
import { JobCancelled, JobInterrupted } from "../src/jobs/queue.ts";
import type { Report } from "./report.ts";

/** A job, as far as its ending depends on it. */
export interface Ended {
  id: string;
  /** Not known: of another release. */
  kind?: Work["kind"];
}

/** A check is kept as a case, which a button starts again; a lookup is asked for anew. */
const isCase = ({ kind }: Ended) => kind !== undefined && queues[kind] === "investigations";

/** The endings that every kind of job has in common. Each says what is known and what to do next. */
function ending(report: Pick<Report, "outcome" | "title" | "lead" | "tone">, ended?: Ended): Report {
  return {
    ...report,
    sections: [],
    files: [],
    buttons: ended && isCase(ended) ? [{ action: "run-again", caseId: ended.id }] : [],
  };
}

function stopped(ended: Ended): Report {
  const known = isCase(ended) ? "A check only reads: nothing was changed." : "Nothing was changed.";
  const unknown = "Whether the change was sent is not known: look the record up with /query.";
  return ending(
    {
      outcome: "Stopped",
      title: "Stopped on request",
      tone: "neutral",
      lead: `Somebody pressed Stop, so there is no result. ${ended.kind === "query-send" ? unknown : known}`,
    },
    ended,
  );
}

export function interrupted(ended: Ended): Report {
  if (ended.kind === "query-send") return unknownChange();
  const next = isCase(ended)
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

/** In the words of somebody who knows neither the call nor how far it came; the handler itself knows more. */
function unknownChange(): Report {
  return ending({
    outcome: "Interrupted",
    title: "Not known whether it was done",
    tone: "critical",
    lead: "The worker stopped while this change was to be sent. It may have been done, and is not sent again by itself. Look the record up with /query before you do it again.",
  });
}

/** @param waitedMs - How long the job lay in the queue. */
export function expired(ended: Ended, waitedMs: number): Report {
  const minutes = Math.round(waitedMs / 60_000);
  const next = isCase(ended) ? "press Run again" : "ask again";
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
  if (ended.kind === "query-send" && !(thrown instanceof AppError)) return unknownChange();
  const lead =
    thrown instanceof AppError
      ? thrown.userMessage
      : `Something went wrong in the bot, so there is no result. The details are in the worker's log under ${ended.id}.`;
  const title = isCase(ended) ? "The check failed" : "That failed";
  return ending({ outcome: "Failed", title, tone: "warning", lead }, ended);
}
