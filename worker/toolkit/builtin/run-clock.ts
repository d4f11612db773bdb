import { setTimeout as delay } from "node:timers/promises";
import { CheckError } from "./check-error.ts";

export interface RunClockOptions {
  /** Aborts when the run is to be stopped from outside. */
  stop: AbortSignal;
  /** For everything together. Default: four minutes, less than whoever started the run will wait. */
  deadlineMs?: number;
  /** For one answer. Default: 20 seconds. */
  answerTimeoutMs?: number;
  now?: () => number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** The time that a run has, and the only way in which it waits. */
export interface RunClock {
  now: () => number;
  /** Microsoft's time: ours, put right by the `Date` of its latest answer. What is asked of Microsoft goes by it. */
  serverNow: () => number;
  /** @param atMs - The moment that an answer which just came claims to be from. */
  hearTime: (atMs: number) => void;
  /**
   * Waits, unless that would outlast the deadline: then `false` comes back at once and nothing was waited for.
   * @throws {CheckError} when the run was stopped or its time ended meanwhile.
   */
  pause: (ms: number) => Promise<boolean>;
  /** A signal for one request: stopped, deadline, or no answer in time, whichever comes first. */
  forOneAnswer: () => AbortSignal;
  /** @throws {CheckError} `STOPPED` or `OUT_OF_TIME`. */
  check: () => void;
}

export function createRunClock({
  stop,
  deadlineMs = 240_000,
  answerTimeoutMs = 20_000,
  now = Date.now,
  sleep = (ms, signal) => delay(ms, undefined, { signal }),
}: RunClockOptions): RunClock {
  const deadlineAt = now() + deadlineMs;
  const end = AbortSignal.any([stop, AbortSignal.timeout(deadlineMs)]);
  let aheadMs = 0;

  function check(): void {
    if (stop.aborted) {
      throw new CheckError("STOPPED", "The run was stopped before this check was finished.", {
        status: "skipped",
        howToFix: "Run it again.",
      });
    }
    if (end.aborted || now() >= deadlineAt) {
      throw new CheckError("OUT_OF_TIME", `The run's ${Math.round(deadlineMs / 1000)} seconds were over.`, {
        status: "timeout",
        howToFix: "Run it again; Microsoft Graph was slow to answer.",
      });
    }
  }

  return {
    now,
    serverNow: () => now() + aheadMs,
    hearTime(atMs) {
      aheadMs = atMs - now();
    },
    check,
    forOneAnswer: () => AbortSignal.any([end, AbortSignal.timeout(answerTimeoutMs)]),
    async pause(ms) {
      check();
      if (now() + ms >= deadlineAt) return false;
      // An aborted sleep is told apart by check().
      await sleep(ms, end).catch(() => {});
      check();
      return true;
    },
  };
}
