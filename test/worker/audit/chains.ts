import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Chain, type ChainOptions, openChain } from "../../../worker/audit/chain.ts";
import { chainFolders } from "../../../worker/audit/open-chains.ts";
import { readChain } from "../../../worker/audit/read-chain.ts";
import type { AuditRecord, Entry } from "../../../worker/audit/record.ts";
import { collectLog } from "../../log.ts";

/** An entry that can be told apart. */
export const entryOf = (pid: number): Entry => ({ kind: "opened", host: "test \ufffd", pid });

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "audit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a chain that has to be whole. */
export async function openWhole(folder: string, options: Partial<ChainOptions> = {}): Promise<Chain> {
  const opened = await openChain(folder, { log: collectLog().log, ...options });
  if (opened.kind === "broken") throw new Error(`${opened.problem.file}: ${opened.problem.problem}`);
  return opened.chain;
}

/** Writes `count` records to a new chain and closes it. */
export async function writeChain(
  folder: string,
  count: number,
  options: Partial<ChainOptions> = {},
): Promise<void> {
  const chain = await openWhole(folder, options);
  for (let number = 1; number <= count; number += 1) await chain.append(entryOf(number));
  await chain.close();
}

/** What all records below `dir` say, chain after chain; throws where a chain is not whole. */
export async function readEntries(dir: string): Promise<AuditRecord["entry"][]> {
  const entries: AuditRecord["entry"][] = [];
  for (const folder of await chainFolders(dir)) {
    for await (const item of readChain(join(dir, folder))) {
      if (item.kind === "invalid") throw new Error(item.problem);
      entries.push(item.record.entry);
    }
  }
  return entries;
}
