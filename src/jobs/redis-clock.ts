import type { Redis } from "ioredis";

/** A slower answer says too little about the server's clock to be used. */
const MAX_ROUND_TRIP_MS = 400;

/** Where the server's clock stands. Never ahead of it, so that a deadline made from it never comes too late. */
export interface RedisClock {
  /** The server's milliseconds since 1970 at `localMs`, a time of `performance.now()`; at most a round trip too low. */
  at(localMs: number): number;
}

/**
 * Asks the server for its time. The clocks of two machines differ by more than the second that an enqueue has, and
 * ours may be set while we run; hence `performance.now()` on our side.
 * @returns `undefined` if the answer took too long to mean anything.
 */
export async function readRedisClock(client: Redis): Promise<RedisClock | undefined> {
  const askedAt = performance.now();
  const [seconds, microseconds] = await client.time();
  const answeredAt = performance.now();
  if (answeredAt - askedAt > MAX_ROUND_TRIP_MS) return undefined;

  // The server read its clock before `answeredAt`, so at that moment it shows this much or more.
  const atAnswer = Math.floor(Number(seconds) * 1_000 + Number(microseconds) / 1_000);
  return { at: (localMs) => Math.floor(atAnswer + (localMs - answeredAt)) };
}
