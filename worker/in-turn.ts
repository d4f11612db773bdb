import { setTimeout as wait } from "node:timers/promises";
import type { Store } from "../src/store/store.ts";
import { withLease } from "./lease.ts";

const TTL_MS = 30_000;

export interface InTurnOptions {
  store: Store;
  /** A Discord id: the older one is first. */
  ticket: string;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Called once if others are before. */
  onWait: () => void;
  pollMs?: number;
  /** How long a place in the line outlives a process that died. */
  ttlMs?: number;
}

/**
 * Runs `use` while nobody else runs under the same key, in the order of the tickets, across processes. A lease alone goes
 * to whoever looks first.
 */
export async function inTurn<T>(
  key: string,
  { store, ticket, signal, onWait, pollMs = 250, ttlMs = TTL_MS }: InTurnOptions,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const line = `line:${key}:`;
  const place = `${line}${ticket.padStart(20, "0")}`;
  const stand = () => store.set(place, "1", { ttlMs });
  await stand();
  const renewal = setInterval(() => void stand().catch(() => undefined), ttlMs / 3);
  try {
    let announced = false;
    const isFirst = async () => (await store.keys(line)).toSorted()[0] === place;
    while (!(await isFirst())) {
      if (!announced) onWait();
      announced = true;
      await wait(pollMs, undefined, { signal });
    }
    // The first place may outlive its process by a moment, and then two would be first one after the other.
    return await withLease(
      `turn:${key}`,
      { store, signal, onWait: announced ? () => undefined : onWait, pollMs },
      use,
    );
  } finally {
    clearInterval(renewal);
    await store.delete(place).catch(() => undefined);
  }
}
