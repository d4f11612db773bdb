import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { JobInterrupted } from "../src/jobs/queue.ts";
import type { Store } from "../src/store/store.ts";

const TTL_MS = 30_000;
const STORE_PATIENCE_MS = 30_000;

export interface LeaseOptions {
  store: Store;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** How long the lease outlives a process that died. */
  ttlMs?: number;
}

type Use<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Runs `use` while no other process of the installation runs under the same key. The signal that `use` gets is also
 * aborted when the lease is lost, for instance because the machine slept.
 * @param onWait - Called once if somebody else holds the lease.
 */
export async function withLease<T>(
  key: string,
  { onWait, pollMs = 500, ...options }: LeaseOptions & { onWait?: () => void; pollMs?: number },
  use: Use<T>,
): Promise<T> {
  const owner = randomUUID();
  let announced = false;
  let awaySince: number | undefined;
  for (;;) {
    try {
      if (await acquire(key, owner, options)) break;
      awaySince = undefined;
      if (!announced) onWait?.();
      announced = true;
    } catch (thrown) {
      // A store that is away for a moment is waited for, as it is while the lease is held.
      awaySince ??= performance.now();
      if (performance.now() - awaySince > STORE_PATIENCE_MS) throw thrown;
    }
    await wait(pollMs, undefined, { signal: options.signal });
  }
  return hold(key, owner, options, use);
}

/** Runs `use` if nobody holds the lease now, and does nothing otherwise. */
export async function tryLease(key: string, options: LeaseOptions, use: Use<void>): Promise<void> {
  const owner = randomUUID();
  if (await acquire(key, owner, options)) await hold(key, owner, options, use);
}

function acquire(key: string, owner: string, { store, ttlMs = TTL_MS }: LeaseOptions): Promise<boolean> {
  return store.add(key, owner, { ttlMs });
}

async function hold<T>(
  key: string,
  owner: string,
  { store, signal, ttlMs = TTL_MS }: LeaseOptions,
  use: Use<T>,
): Promise<T> {
  const lost = new AbortController();
  const renewal = setInterval(() => {
    store.renew(key, owner, { ttlMs }).then(
      (held) => {
        if (!held) lost.abort(new JobInterrupted("The lease was lost."));
      },
      // The store may be away for a moment; the next renewal tells whether the lease outlived it.
      () => undefined,
    );
  }, ttlMs / 3);
  try {
    return await use(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(renewal);
    await store.release(key, owner).catch(() => undefined);
  }
}
