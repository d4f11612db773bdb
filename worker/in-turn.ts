import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../src/errors.ts";
import type { Store } from "../src/store/store.ts";
import { withLease } from "./lease.ts";

const TTL_MS = 30_000;
/** Whoever waits keeps a worker from other jobs meanwhile. */
const LINE_MAX = 4;

interface PlaceOptions {
  store: Store;
  /** A Discord id: the older one is first. */
  ticket: string;
  /** How long a place in the line outlives a process that died. */
  ttlMs?: number;
}

export interface InTurnOptions extends PlaceOptions {
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Called once if others are before. */
  onWait: () => void;
  pollMs?: number;
}

const lineOf = (key: string) => `line:${key}:`;
const placeOf = (key: string, ticket: string) => lineOf(key) + ticket.padStart(20, "0");

/**
 * Takes a place in the line, which `inTurn` with the same ticket then finds; for whoever has something to do before, and must
 * not be overtaken meanwhile.
 * @returns Gives the place up. Never rejects.
 */
export async function standInLine(
  key: string,
  { store, ticket, ttlMs = TTL_MS }: PlaceOptions,
): Promise<() => Promise<void>> {
  const place = placeOf(key, ticket);
  const stand = () => store.set(place, "1", { ttlMs });
  await stand();
  const renewal = setInterval(() => void stand().catch(() => undefined), ttlMs / 3);
  return async () => {
    clearInterval(renewal);
    await store.delete(place).catch(() => undefined);
  };
}

/**
 * Runs `use` while nobody else runs under the same key, in the order of the tickets, across processes. A lease alone goes
 * to whoever looks first.
 * @throws {AppError} `LINE_FULL` if so many are before that there is no waiting for them.
 */
export async function inTurn<T>(
  key: string,
  { store, ticket, signal, onWait, pollMs = 250, ttlMs = TTL_MS }: InTurnOptions,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leave = await standInLine(key, { store, ticket, ttlMs });
  try {
    let announced = false;
    const before = async () => (await store.keys(lineOf(key))).toSorted().indexOf(placeOf(key, ticket));
    if ((await before()) >= LINE_MAX) {
      throw new AppError(
        "LINE_FULL",
        `${LINE_MAX} questions are waiting in this conversation, so this one was not asked. Ask again when some of them are answered.`,
      );
    }
    while ((await before()) !== 0) {
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
    await leave();
  }
}
