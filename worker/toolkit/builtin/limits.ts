import { CheckError } from "./check-error.ts";
import type { RunClock } from "./run-clock.ts";

/** A limit of Graph, kept on our side so that it is not met on theirs. */
export interface Limit {
  /**
   * Sends when there is room.
   * @throws {CheckError} `THROTTLED` if there will be none before the run's deadline.
   */
  pass: <T>(send: () => Promise<T>) => Promise<T>;
  /** Lets nobody in before then: what a `Retry-After` asks for concerns everyone behind the same limit. */
  closeUntil: (atMs: number) => void;
}

export interface LimitsOptions {
  /** In which five audit reports may be asked for. Less only where there is no such limit, as in a benchmark. */
  reportsRestMs?: number;
}

/**
 * The limits that the checks run into.
 * @see https://learn.microsoft.com/graph/throttling-limits
 */
export function createLimits(clock: RunClock, { reportsRestMs = 10_000 }: LimitsOptions = {}) {
  return {
    /** Mailboxes: four requests at a time per app. */
    outlook: createLimit(clock, { places: 4, restMs: 0 }),
    /** Audit reports: five requests in ten seconds per app and tenant. */
    reports: createLimit(clock, { places: 5, restMs: reportsRestMs }),
    /** Identity protection: one request a second per tenant, all apps together, and its 429 names no time to wait. */
    risk: createLimit(clock, { places: 1, restMs: 1000 }),
    /** Exchange's cmdlets. Their limits are not published; the checks ask for three at once. */
    exchange: createLimit(clock, { places: 4, restMs: 0 }),
    /** Everything else has limits so wide that a run cannot reach them. */
    directory: createLimit(clock, { places: 8, restMs: 0 }),
  } satisfies Record<string, Limit>;
}
export type Limits = ReturnType<typeof createLimits>;

/**
 * Each request takes a place and leaves it free `restMs` after its answer. Counted from the answer and not from the
 * departure, since Microsoft counts arrivals and a slow request may arrive late.
 */
export function createLimit(clock: RunClock, { places, restMs }: { places: number; restMs: number }): Limit {
  const freeAt = new Array<number>(places).fill(0);
  let closedUntil = 0;
  let waiting: (() => void)[] = [];

  async function enter(): Promise<number> {
    for (;;) {
      const soonest = Math.min(...freeAt);
      const opensAt = Math.max(soonest, closedUntil);
      if (opensAt === Number.POSITIVE_INFINITY) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        clock.check();
      } else if (opensAt > clock.now()) {
        if (!(await clock.pause(opensAt - clock.now()))) throw throttled();
      } else {
        const place = freeAt.indexOf(soonest);
        freeAt[place] = Number.POSITIVE_INFINITY;
        return place;
      }
    }
  }

  return {
    async pass(send) {
      const place = await enter();
      try {
        return await send();
      } finally {
        freeAt[place] = clock.now() + restMs;
        const wake = waiting;
        waiting = [];
        for (const resolve of wake) resolve();
      }
    },
    closeUntil(atMs) {
      closedUntil = Math.max(closedUntil, atMs);
    },
  };
}

export function throttled(cause?: unknown): CheckError {
  return new CheckError("THROTTLED", "Microsoft was throttling and the time for the run did not suffice.", {
    status: "throttled",
    howToFix: "Wait some minutes and run it again; other tools may be using the same limits.",
    cause,
  });
}
