import { Worker } from "bullmq";
import { getRanges, getStateV2, removeJob } from "bullmq/dist/cjs/scripts/index.js";
import { Redis } from "ioredis";
import type { Log } from "../log.ts";
import { createRedisStore } from "../store/redis.ts";
import { consumeQueue, defaultTimings, type Timings } from "./consume-queue.ts";
import { ANSWER_WITHIN_MS } from "./enqueue.ts";
import { inspectJob } from "./inspect.ts";
import { inSight } from "./outlook.ts";
import { crashPolicies, type Jobs } from "./queue.ts";
import { createRedisBackend, defineScript } from "./redis-backend.ts";
import { cancelOnRedis } from "./redis-cancel.ts";
import { enqueueOnRedis } from "./redis-enqueue.ts";
import { answers, createRedisLink, type RedisLink, retryStrategy, watchConnection } from "./redis-link.ts";
import { createRedisOutlook } from "./redis-outlook.ts";

/** How long a command of the store may take, waiting for a lost connection included. */
const STORE_COMMAND_WITHIN_MS = 5_000;

export interface RedisJobsOptions {
  /** `redis://` or `rediss://`, as ioredis takes it. */
  url: string;
  log: Log;
  /** Before every key, so that two installations can share a server. Producers and consumers must agree. */
  prefix?: string;
  timings?: Partial<Timings>;
}

/**
 * Queue and store on Redis 6.2 or newer. Works while the server is away: producers refuse at once, everything else
 * waits a little, and all of it comes back by itself.
 */
export function createRedisJobs({ url, log, prefix = "msp", timings }: RedisJobsOptions): Jobs {
  // Opened when first needed: the webhook enqueues and never needs the second.
  let link: RedisLink | undefined;
  let shared: Redis | undefined;

  function openLink(): RedisLink {
    link ??= createRedisLink({ url, prefix, log });
    return link;
  }
  async function withLink<T>(use: (client: Redis) => Promise<T>): Promise<T> {
    const { client, clock } = openLink();
    if ((await clock()) === undefined) throw new Error("no connection");
    return use(client);
  }
  function openShared(): Redis {
    if (shared) return shared;
    shared = new Redis(url, {
      autoResendUnfulfilledCommands: false,
      commandTimeout: STORE_COMMAND_WITHIN_MS,
      maxRetriesPerRequest: null,
      retryStrategy,
    });
    for (const script of [getRanges, getStateV2, removeJob]) defineScript(shared, script);
    watchConnection(shared, log);
    return shared;
  }
  const store = createRedisStore({ client: openShared, prefix });

  return {
    store,
    outlook: createRedisOutlook({ prefix, look: (use) => inSight(withLink(use)) }),
    producer(queue) {
      const { client, clock, readClock, reset, withdraw } = openLink();
      const backend = createRedisBackend({ client, queue, prefix });
      return {
        enqueue: (job) =>
          enqueueOnRedis(job, {
            backend,
            clock,
            readClock,
            onUnknown() {
              withdraw(job.id);
              reset();
            },
          }),
        async isReady() {
          const ready = await answers(client, ANSWER_WITHIN_MS);
          if (!ready) reset();
          return ready;
        },
        cancel: (jobId) => cancelOnRedis(jobId, { client, prefix }),
        async close() {},
      };
    },
    consumer(queue, options) {
      // Its own connection: the worker waits on it for jobs, for as long as an outage lasts.
      const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
      watchConnection(client, log);
      return consumeQueue({
        ...options,
        queue,
        policy: crashPolicies[queue],
        backend: createRedisBackend({ client: openShared(), queue, prefix }),
        store,
        log,
        timings: { ...defaultTimings, ...timings },
        createWorker: (processor, workerOptions) =>
          new Worker(queue, processor, { ...workerOptions, prefix, connection: client }),
        disconnect: () => client.disconnect(),
      });
    },
    inspect: (queue, jobId) => inspectJob(createRedisBackend({ client: openShared(), queue, prefix }), jobId),
    async close() {
      link?.close();
      shared?.disconnect();
    },
  };
}
