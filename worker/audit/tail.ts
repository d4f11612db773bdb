import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { summarise } from "./incident.ts";
import { chainFolders } from "./open-chains.ts";
import { CHAIN_START, chainFiles, type Position, readChain } from "./read-chain.ts";
import { type AuditRecord, Entry } from "./record.ts";
import { visible } from "./visible.ts";

/** Where reading ended in each chain's folder. */
type Ends = Map<string, Position>;

/** The last `count` records of all chains below `dir`, by time. Of each chain, the last two files are looked at. */
export async function readLastRecords(
  dir: string,
  count: number,
): Promise<{ records: AuditRecord[]; ends: Ends }> {
  const ends: Ends = new Map();
  for (const folder of await chainFolders(dir)) {
    const files = await chainFiles(join(dir, folder));
    ends.set(folder, { ...CHAIN_START, file: files.at(-2) ?? 1 });
  }
  const records = await readOn(dir, ends);
  return { records: records.slice(Math.max(0, records.length - count)), ends };
}

/** Records as they come, until `signal` is aborted. */
export async function* followRecords(
  dir: string,
  { ends, signal, pollMs = 500 }: { ends: Ends; signal: AbortSignal; pollMs?: number },
): AsyncGenerator<AuditRecord, void, undefined> {
  while (!signal.aborted) {
    yield* await readOn(dir, ends);
    await wait(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Moves `ends` to the end. A place that is not whole ends its chain; `verify` says what is wrong there. */
async function readOn(dir: string, ends: Ends): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const folder of await chainFolders(dir)) {
    for await (const item of readChain(join(dir, folder), { from: ends.get(folder) ?? CHAIN_START })) {
      if (item.kind === "invalid") break;
      records.push(item.record);
      ends.set(folder, item.after);
    }
  }
  return records.sort((a, b) => (a.time < b.time ? -1 : 1));
}

/** One line for a person at a terminal. */
export function renderRecord(record: AuditRecord): string {
  const { title, act } = summarise(record);
  const entry = Entry.safeParse(record.entry).data;
  const duration =
    entry?.kind === "outcome" && entry.durationMs !== undefined ? ` in ${entry.durationMs} ms` : "";
  const { userId, level } = act?.actor ?? {};
  const who = userId === undefined ? "" : ` by ${userId}${level === undefined ? "" : ` (${level})`}`;
  const id = act?.ids.jobId ?? act?.ids.requestId;
  return visible(
    `${record.time} #${record.seq} ${title}${duration}${who}${id === undefined ? "" : ` ${id}`}`,
  );
}
