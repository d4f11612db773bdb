import { AppError } from "../../src/errors.ts";
import { JobCancelled, JobInterrupted } from "../../src/jobs/queue.ts";
import type { Act } from "./act.ts";
import type { Audit, Ending } from "./audit.ts";

export interface AuditedOptions<T> {
  audit: Audit;
  /** Of the job; its reason tells why an act that was aborted ended. */
  signal: AbortSignal;
  /** For a value that itself says how it went. */
  endingOf?: (value: T) => Ending;
}

/** Does `perform` with its attempt on record before, and its outcome after. What it throws is thrown on. */
export async function audited<T>(
  act: Act,
  { audit, signal, endingOf = () => ({ result: "SUCCESS" }) }: AuditedOptions<T>,
  perform: () => Promise<T>,
): Promise<T> {
  const attempt = await audit.attempt(act);
  let value: T;
  try {
    value = await perform();
  } catch (thrown) {
    await attempt.outcome(endingOfError(signal.aborted ? signal.reason : thrown));
    throw thrown;
  }
  await attempt.outcome(endingOf(value));
  return value;
}

function endingOfError(thrown: unknown): Ending {
  if (thrown instanceof JobCancelled) return { result: "STOPPED" };
  if (thrown instanceof JobInterrupted) return { result: "INTERRUPTED" };
  return { result: "FAILURE", code: thrown instanceof AppError ? thrown.code : "UNEXPECTED" };
}
