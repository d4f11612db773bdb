import * as z from "zod";
import type { Store } from "../store/store.ts";
import type { Outlook } from "./queue.ts";

/** Kept for as long as a worker is alive, by the clock of the store: two machines' own clocks may differ by more. */
const ALIVE_KEY = "worker:alive";
/** One for each process; the value is when it started. */
const PROCESS_PREFIX = "worker:process:";
/** When one was last alive, for the sentence to whoever waits for it. */
const LAST_SEEN_KEY = "worker:last-seen";

const EVERY_MS = 10_000;
/** Two missed beats are a slow machine, three are a worker that is gone. */
const ALIVE_TTL_MS = 30_000;
const LAST_SEEN_TTL_MS = 30 * 24 * 60 * 60_000;
/** How long the webhook believes what it has seen; much less than it takes a worker to be missed. */
const BELIEVED_MS = 5_000;

const Time = z.coerce.number().int();

export interface Heartbeat {
  /** The worker is gone from now on. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Says that a worker takes jobs, now and every ten seconds. With several workers, any of them keeps it alive.
 * @param onError - A beat that could not be written; the next one is tried all the same.
 */
export async function startHeartbeat({
  store,
  processId,
  now = Date.now,
  onError,
}: {
  store: Store;
  /** Of this process, unlike any other's. */
  processId: string;
  now?: () => number;
  onError: (thrown: unknown) => void;
}): Promise<Heartbeat> {
  const processKey = PROCESS_PREFIX + processId;
  const startedAt = String(now());
  async function beat(): Promise<void> {
    try {
      await store.set(LAST_SEEN_KEY, String(now()), { ttlMs: LAST_SEEN_TTL_MS });
      await store.set(ALIVE_KEY, "1", { ttlMs: ALIVE_TTL_MS });
      await store.set(processKey, startedAt, { ttlMs: ALIVE_TTL_MS });
    } catch (thrown) {
      onError(thrown);
    }
  }
  await beat();
  const timer = setInterval(() => void beat(), EVERY_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      // Another worker's next beat says that not all are gone.
      await store.delete(ALIVE_KEY).catch(onError);
      await store.delete(processKey).catch(onError);
    },
  };
}

/** How many worker processes take jobs now. */
export async function countWorkers(store: Pick<Store, "keys">): Promise<number> {
  return (await store.keys(PROCESS_PREFIX)).length;
}

/**
 * - `alive`: a worker takes jobs; `seenAt` in milliseconds since 1970, by the worker's clock.
 * - `away`: none does; without `since`, none has ever been seen.
 * - `unknown`: nobody could be asked.
 */
export type Attendance =
  | { kind: "alive"; seenAt: number | undefined }
  | { kind: "away"; since: number | undefined }
  | { kind: "unknown"; reason: string };

/** Is a worker there? Settles in the time of `Outlook.read`. */
async function readAttendance(outlook: Outlook): Promise<Attendance> {
  const seen = await outlook.read([ALIVE_KEY, LAST_SEEN_KEY]);
  if (seen.kind === "unavailable") return { kind: "unknown", reason: seen.reason };
  const [alive, lastSeen] = seen.values;
  const at = Time.safeParse(lastSeen).data;
  return alive === undefined ? { kind: "away", since: at } : { kind: "alive", seenAt: at };
}

/** `readAttendance`, not asked again for some seconds after a worker was there: it stands in the way of every command. */
export function watchAttendance(outlook: Outlook, { now = Date.now } = {}): () => Promise<Attendance> {
  let believed: { attendance: Attendance; until: number } | undefined;
  return async () => {
    if (believed && now() < believed.until) return believed.attendance;
    const attendance = await readAttendance(outlook);
    believed = attendance.kind === "alive" ? { attendance, until: now() + BELIEVED_MS } : undefined;
    return attendance;
  };
}
