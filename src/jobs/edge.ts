import { Redis } from "ioredis";
import type { Job } from "./contract.ts";
import { ANSWER_WITHIN_MS, settleWithin } from "./enqueue.ts";
import { inSight } from "./outlook.ts";
import type { Outlook, Producer, QueueName } from "./queue.ts";
import { createRedisBackend, defineGuardedAdd } from "./redis-backend.ts";
import { cancelOnRedis } from "./redis-cancel.ts";
import { readRedisClock } from "./redis-clock.ts";
import { enqueueOnRedis } from "./redis-enqueue.ts";
import { answers, failFast } from "./redis-link.ts";
import { createRedisOutlook } from "./redis-outlook.ts";

interface EdgeOptions {
  url: string;
  /** As in `createRedisJobs`. */
  prefix?: string;
}

/**
 * Runs `use` with a connection that is closed when `use` has settled, because workerd ties a socket to the request that
 * opened it: a connection kept for later hangs from the second request on.
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 */
async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, {
    ...failFast,
    lazyConnect: true,
    // The ready check costs a round trip; the first command says the same.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
  });
  // The reason reaches us with the command that fails, and without a listener ioredis prints it.
  client.on("error", () => {});
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

/** The webhook's half on Cloudflare Workers: a connection for each call. */
export function createEdgeProducer({
  url,
  queue,
  prefix = "msp",
}: EdgeOptions & { queue: QueueName }): Producer {
  return {
    enqueue: (job: Job) =>
      withClient(url, (client) => {
        defineGuardedAdd(client, prefix);
        const readClock = () => readRedisClock(client);
        return enqueueOnRedis(job, {
          backend: createRedisBackend({ client, queue, prefix }),
          clock: () => client.connect().then(readClock),
          readClock,
        });
      }),
    isReady: () =>
      withClient(url, (client) =>
        settleWithin(
          ANSWER_WITHIN_MS,
          client.connect().then(
            () => answers(client, ANSWER_WITHIN_MS),
            () => false,
          ),
          () => false,
        ),
      ),
    cancel: (jobId) =>
      withClient(url, (client) => cancelOnRedis(jobId, { client, prefix, connected: client.connect() })),
    async close() {},
  };
}

/** What the webhook sees from Cloudflare Workers. */
export function createEdgeOutlook({ url, prefix = "msp" }: EdgeOptions): Outlook {
  return createRedisOutlook({
    prefix,
    look: (use) => withClient(url, (client) => inSight(client.connect().then(() => use(client)))),
  });
}
