import type { IQueueBackend } from "bullmq";
import { coerceError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { Timings } from "./consume-queue.ts";

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** Longer than a failed job is kept, so that none is told twice. */
const TOLD_TTL_MS = 8 * 86_400_000;

const toldKey = (jobId: string) => `told:${jobId}`;

interface TellerOptions {
  backend: Pick<IQueueBackend, "getJobData" | "getRanges">;
  store: Store;
  log: Log;
  timings: Pick<Timings, "tellEveryMs" | "tellLeaseMs">;
  onInterrupted(job: unknown): Promise<void>;
  /** Does this reason of a failed job say that its worker died? */
  isCrash(failedReason: string): boolean;
}

/**
 * Sees to it that `onInterrupted` is called, at least once, for each job whose worker died. Who moves such a job to
 * failed can die before telling, so failed jobs are looked through at the start and now and then; a mark in the store
 * says which were told. While one process tells, the mark is a lease that keeps the others from telling too.
 */
export function createTeller({ backend, store, log, timings, onInterrupted, isCrash }: TellerOptions) {
  const busy = new Set<string>();
  const settled = new Set<string>();
  let closed = false;
  let scan: NodeJS.Timeout | undefined;

  async function findUntold() {
    const failedIds = (await backend.getRanges(["failed"], 0, -1)).flat();
    for (const jobId of failedIds.filter((id) => !settled.has(id))) {
      const job = await backend.getJobData(jobId);
      if (job && isCrash(job.failedReason)) tell(jobId);
      else settled.add(jobId);
    }
    const kept = new Set(failedIds);
    for (const jobId of settled) if (!kept.has(jobId)) settled.delete(jobId);
  }

  async function scanOnce() {
    await findUntold().catch((error) =>
      log.debug({ error: coerceError(error).message }, "no look at failed jobs"),
    );
    if (!closed) scan = setTimeout(scanOnce, timings.tellEveryMs).unref();
  }

  function tell(jobId: string) {
    if (closed || busy.has(jobId) || settled.has(jobId)) return;
    busy.add(jobId);
    void tellUntilItWorks(jobId).finally(() => busy.delete(jobId));
  }

  async function tellUntilItWorks(jobId: string) {
    for (let retryMs = FIRST_RETRY_MS; !closed; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
      try {
        const outcome = await tellOnce(jobId);
        if (outcome === "told") return settled.add(jobId);
        // Another process is at it; should that one die, the next scan finds the job again.
        if (outcome === "leased") return;
      } catch (error) {
        log.warn(
          { jobId, retryMs, error: coerceError(error).message },
          "could not tell about an interrupted job yet",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  }

  async function tellOnce(jobId: string): Promise<"told" | "leased"> {
    const key = toldKey(jobId);
    if (!(await store.add(key, "telling", { ttlMs: timings.tellLeaseMs }))) {
      return (await store.get(key)) === "told" ? "told" : "leased";
    }
    try {
      const job = await backend.getJobData(jobId);
      // JSON.parse gives `any`; whoever is told parses it properly.
      const data: unknown = job && JSON.parse(job.data);
      if (data !== undefined) await onInterrupted(data);
      await store.set(key, "told", { ttlMs: TOLD_TTL_MS });
      return "told";
    } catch (error) {
      await store.release(key, "telling");
      throw error;
    }
  }

  return {
    start: scanOnce,
    tell,
    close() {
      closed = true;
      clearTimeout(scan);
    },
  };
}
