import { Redis } from "ioredis";
import type { Job } from "./contract.ts";
import { ANSWER_WITHIN_MS, settleWithin } from "./enqueue.ts";
import type { Producer, QueueName } from "./queue.ts";
import { createRedisBackend, defineGuardedAdd } from "./redis-backend.ts";
import { cancelOnRedis } from "./redis-cancel.ts";
import { readRedisClock } from "./redis-clock.ts";
import { enqueueOnRedis } from "./redis-enqueue.ts";
import { answers, failFast } from "./redis-link.ts";

interface EdgeProducerOptions {
  url: string;
  queue: QueueName;
  /** As in `createRedisJobs`. */
  prefix?: string;
}

/**
 * The webhook's half on Cloudflare Workers. Each call opens a connection and closes it before it returns, because
 * workerd ties a socket to the request that opened it: a connection kept for later hangs from the second request on.
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 */
export function createEdgeProducer({ url, queue, prefix = "msp" }: EdgeProducerOptions): Producer {
  /** Runs `use` with a connection that is closed when `use` has settled. */
  async function withClient<T>(use: (client: Redis) => Promise<T>): Promise<T> {
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

  return {
    enqueue: (job: Job) =>
      withClient((client) => {
        defineGuardedAdd(client, prefix);
        const readClock = () => readRedisClock(client);
        return enqueueOnRedis(job, {
          backend: createRedisBackend({ client, queue, prefix }),
          clock: () => client.connect().then(readClock),
          readClock,
        });
      }),
    isReady: () =>
      withClient((client) =>
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
      withClient((client) => cancelOnRedis(jobId, { client, prefix, connected: client.connect() })),
    async close() {},
  };
}
