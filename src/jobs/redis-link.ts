import { Redis, type RedisOptions } from "ioredis";
import { coerceError } from "../errors.ts";
import type { Log } from "../log.ts";
import { storeKey } from "../store/redis-key.ts";
import { settleWithin } from "./enqueue.ts";
import { KEY_TTL_MS, withdrawnKey } from "./keys.ts";
import { defineGuardedAdd } from "./redis-backend.ts";
import { type RedisClock, readRedisClock } from "./redis-clock.ts";

/** For every connection that lives on. An outage of minutes is over for us two seconds after it is over for Redis. */
export const retryStrategy = (times: number): number => Math.min(200 * times, 2_000);

/** What every connection of a producer has in common: a command is answered at once or it fails. */
export const failFast = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 1,
  connectTimeout: 1_000,
  disconnectTimeout: 500,
} satisfies RedisOptions;

const CLOCK_EVERY_MS = 10_000;

export interface RedisLink {
  client: Redis;
  /** The server's clock while the connection can be used. Waits for the first attempt to connect, not for later ones. */
  clock(): Promise<RedisClock | undefined>;
  readClock(): Promise<RedisClock | undefined>;
  /** Drops a connection that does not answer and connects anew. */
  reset(): void;
  /** Sees to it that the job with this id never runs, although its `add` may have reached the server. */
  withdraw(jobId: string): void;
  close(): void;
}

interface RedisLinkOptions {
  url: string;
  prefix: string;
  log: Log;
}

/** The connection that producers share. It is usable while the clock is known, and comes back by itself. */
export function createRedisLink({ url, prefix, log }: RedisLinkOptions): RedisLink {
  // Not `enableAutoPipelining`, although it saves a third of the work at fifty requests at once (measured): after one
  // answer that never came, it holds back every later command, also over the next connection.
  const client = new Redis(url, { ...failFast, retryStrategy });
  defineGuardedAdd(client, prefix);
  watchConnection(client, log);

  let clock: RedisClock | undefined;
  let resetting = false;
  const withdrawn = new Set<string>();
  let endFirstAttempt = () => {};
  const firstAttempt = new Promise<void>((resolve) => {
    endFirstAttempt = resolve;
  });

  async function readClock(): Promise<RedisClock | undefined> {
    // A refresh that fails keeps the old reading: an outage ends in "close", which discards it.
    const reading = await readRedisClock(client).catch(() => undefined);
    if (reading && client.status === "ready") clock = reading;
    return clock;
  }

  client.on("ready", async () => {
    // Before the clock is known nothing is added, so a withdrawal can't hit a later job of the same id.
    for (const jobId of withdrawn) {
      const key = storeKey(prefix, withdrawnKey(jobId));
      await client.set(key, "1", "PX", KEY_TTL_MS).then(
        () => withdrawn.delete(jobId),
        (error) => log.warn({ jobId, error: coerceError(error).message }, "could not withdraw a job yet"),
      );
    }
    await readClock();
    endFirstAttempt();
  });
  client.on("close", () => {
    clock = undefined;
    resetting = false;
    endFirstAttempt();
  });
  const refresh = setInterval(() => void (client.status === "ready" && readClock()), CLOCK_EVERY_MS);
  refresh.unref();

  return {
    client,
    readClock,
    async clock() {
      if (clock) {
        gatherWrites(client);
        return clock;
      }
      if (resetting) return undefined;
      if (client.status === "ready") return readClock();
      await firstAttempt;
      return clock;
    },
    reset() {
      clock = undefined;
      // ioredis says "ready" until the socket is closed, which a frozen server delays.
      if (resetting || client.status !== "ready") return;
      resetting = true;
      client.disconnect(true);
    },
    withdraw(jobId) {
      withdrawn.add(jobId);
    },
    close() {
      clearInterval(refresh);
      client.disconnect();
    },
  };
}

/**
 * Lets the commands of one turn of the event loop leave in one packet: under load, writing each on its own costs as much as
 * the rest of an enqueue. Not ioredis's `enableAutoPipelining`, see above. A socket that is closed meanwhile drops what it
 * holds, and the commands fail with the connection.
 */
function gatherWrites({ stream }: Redis): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** How long a new connection may take to say that it is ready. */
const READY_WITHIN_MS = 2_000;

/**
 * Logs when the connection is lost and when it is back, not each attempt, and gives up an attempt that hangs: ioredis
 * waits without limit for the first answer, and one that got lost on the way would be the last we hear.
 */
export function watchConnection(client: Redis, log: Log): void {
  let hanging: NodeJS.Timeout | undefined;
  client.on("connect", () => {
    hanging = setTimeout(() => client.disconnect(true), READY_WITHIN_MS).unref();
  });
  client.on("ready", () => clearTimeout(hanging));
  client.on("close", () => clearTimeout(hanging));
  logOutages(client, log);
}

/** One line when the connection is lost and one when it is back, not one for each attempt. */
function logOutages(client: Redis, log: Log): void {
  let lost = false;
  const onLoss = (error: string) => {
    if (!lost) log.warn({ error }, "connection to Redis lost");
    lost = true;
  };
  client.on("error", (error: Error) => onLoss(error.message));
  client.on("reconnecting", () => onLoss("closed by the server"));
  client.on("ready", () => {
    if (lost) log.info({}, "connection to Redis is back");
    lost = false;
  });
}

/** Does the server answer now? */
export function answers(client: Redis, withinMs: number): Promise<boolean> {
  const ping = client.ping().then(
    () => true,
    () => false,
  );
  return settleWithin(withinMs, ping, () => false);
}
