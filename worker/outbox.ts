import { coerceError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Store } from "../src/store/store.ts";
import type { Cases, Delivery } from "./cases/cases.ts";
import type { Reply } from "./discord/reply.ts";
import { tryLease } from "./lease.ts";

export type OpenReply = (job: Pick<Delivery, "jobId" | "interaction"> & { log: Log }) => Reply;

export interface OutboxOptions {
  cases: Cases;
  store: Store;
  /** For a report whose job has no reply any more, because the process that ran it is gone. */
  openReply: OpenReply;
  log: Log;
  /** How often reports that could not be delivered are tried again. */
  retryEveryMs?: number;
}

export interface Outbox {
  /**
   * Puts the report on record and tries to deliver it at once. Resolves in both cases; what failed is tried again.
   * @param reply - The one that has shown the job's progress, so that nothing comes after its report.
   */
  send(delivery: Delivery, reply?: Reply): Promise<void>;
  /** Stops trying; what is on record is delivered by the next process. */
  close(): Promise<void>;
}

/**
 * Reports on their way to Discord. A report is on record before the first attempt, so that neither an outage of Discord
 * nor a crash of this process loses the words that a job has to end in.
 */
export function createOutbox({ cases, store, openReply, log, retryEveryMs = 30_000 }: OutboxOptions): Outbox {
  const closing = new AbortController();
  // What an earlier process left behind comes first.
  let sweeping = sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, retryEveryMs);
  timer.unref();

  async function deliver({ jobId, interaction, report, durationMs }: Delivery, reply?: Reply): Promise<void> {
    const { finish } = reply ?? openReply({ jobId, interaction, log: log.child({ jobId }) });
    await finish(report, { durationMs });
  }

  async function attempt(jobId: string, reply?: Reply): Promise<void> {
    await tryLease(`delivering:${jobId}`, { store, signal: closing.signal }, async () => {
      // Read under the lease: another process may just have delivered it.
      const delivery = await cases.readOwed(jobId);
      if (delivery === undefined) return;
      await deliver(delivery, reply);
      await cases.delivered(jobId);
    });
  }

  async function sweep(): Promise<void> {
    try {
      for (const jobId of await cases.owed()) {
        await attempt(jobId).catch((thrown) => {
          log.warn({ jobId, err: coerceError(thrown) }, "report still not delivered");
        });
      }
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, "reports waiting for delivery could not be read");
    }
  }

  return {
    async send(delivery, reply) {
      const { jobId } = delivery;
      // What is on record may be delivered by any process, and then nothing of ours may come after it.
      await reply?.endProgress();
      const recorded = await cases.owe(delivery).then(
        () => true,
        (thrown) => {
          log.error({ jobId, err: coerceError(thrown) }, "report could not be put on record");
          return false;
        },
      );
      const sending = recorded ? attempt(jobId, reply) : deliver(delivery, reply);
      await sending.catch((thrown) => {
        log.error({ jobId, recorded, err: coerceError(thrown) }, "report not delivered");
      });
    },
    async close() {
      clearInterval(timer);
      closing.abort();
      await sweeping;
    },
  };
}
