import * as z from "zod";
import type { Store } from "../../src/store/store.ts";

/** A job that has ended: nothing of whom it was about. */
const RecentJob = z.object({
  kind: z.string(),
  outcome: z.string(),
  durationMs: z.number(),
  /** Milliseconds since 1970. */
  endedAt: z.number(),
});
type RecentJob = z.infer<typeof RecentJob>;
const Kept = z.array(RecentJob);

export interface RecentJobs {
  /** Never rejects: a job must not fail over its place in a list. */
  add(job: RecentJob): Promise<void>;
  /** Newest first, of every worker. */
  list(): Promise<RecentJob[]>;
}

const PREFIX = "recent:";
const SHOWN = 5;
const TTL_MS = 24 * 60 * 60_000;

/** The last jobs of each process under a key of its own, so that no two have to agree on an order. */
export function createRecentJobs({
  store,
  processId,
}: {
  store: Pick<Store, "keys" | "getMany" | "set">;
  processId: string;
}): RecentJobs {
  let own: RecentJob[] = [];
  return {
    async add(job) {
      own = [job, ...own].slice(0, SHOWN);
      await store.set(PREFIX + processId, JSON.stringify(own), { ttlMs: TTL_MS }).catch(() => undefined);
    },
    async list() {
      const values = await store.getMany(await store.keys(PREFIX));
      return values
        .flatMap((text) => (text === undefined ? [] : (Kept.safeParse(JSON.parse(text)).data ?? [])))
        .toSorted((a, b) => b.endedAt - a.endedAt)
        .slice(0, SHOWN);
    },
  };
}
