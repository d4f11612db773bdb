import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { coerceError } from "../../src/errors.ts";
import { JobId } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Cases } from "./cases.ts";

const DAY_MS = 24 * 60 * 60_000;

export interface RetentionOptions {
  cases: Cases;
  log: Log;
  now?: () => number;
  everyMs?: number;
}

export interface Retention {
  /** Resolves when the look at the start is over; it never rejects. */
  first: Promise<void>;
  close(): Promise<void>;
}

/**
 * Deletes cases that are older than they are kept, at the start and daily. Artifacts are personal data of a customer's
 * people, so what is not needed any more must not lie about; each deletion is on record, without a word about whose case it was.
 */
export function startRetention({
  cases,
  log,
  now = Date.now,
  everyMs = DAY_MS,
}: RetentionOptions): Retention {
  const sweep = () =>
    deleteOldCases({ cases, log, now: now() }).catch((thrown) => {
      log.error({ err: coerceError(thrown) }, "old cases could not be looked for");
    });
  const first = sweep();
  let sweeping = first;
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, everyMs);
  timer.unref();
  return {
    first,
    async close() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/**
 * One look at the folder of cases. Only plain folders that are called like a case are touched; a link is neither followed
 * nor removed, and nothing in a folder is followed out of it. One that cannot be deleted costs the others nothing.
 */
async function deleteOldCases({ cases, log, now }: { cases: Cases; log: Log; now: number }): Promise<void> {
  for (const entry of await entriesOf(cases.root)) {
    const caseId = JobId.safeParse(entry).data;
    if (caseId === undefined || cases.isInUse(caseId)) continue;
    const folder = join(cases.root, caseId);
    try {
      const ageMs = now - (await lastChange(folder, now));
      if (ageMs < cases.keepDays * DAY_MS) continue;
      // The store first: what a button then says is true, whether the folder goes or not.
      await cases.forget(caseId);
      await rm(folder, { recursive: true, maxRetries: 3 });
      log.info({ caseId, ageDays: Math.floor(ageMs / DAY_MS) }, "case deleted");
    } catch (thrown) {
      log.error({ caseId, err: coerceError(thrown) }, "case could not be deleted");
    }
  }
}

async function entriesOf(root: string): Promise<string[]> {
  return readdir(root).catch((error) => {
    // Nobody has asked for anything yet.
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

/**
 * When anything in the folder was last written. Of what is not a folder `now`, so that it never counts as old. A running case writes at its
 * end, within minutes of its start, so that no case of another process is taken for an old one either.
 */
async function lastChange(folder: string, now: number): Promise<number> {
  const stats = await lstat(folder);
  if (!stats.isDirectory()) return now;
  const inside = await Promise.all(
    (await readdir(folder)).map((name) => lstat(join(folder, name)).catch(() => undefined)),
  );
  return Math.max(stats.mtimeMs, ...inside.map((each) => each?.mtimeMs ?? 0));
}
