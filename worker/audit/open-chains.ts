import { mkdir, readdir, rename } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/errors.ts";
import { lockFolder } from "../../src/jobs/folder-lock.ts";
import { type Chain, type ChainOptions, openChain } from "./chain.ts";
import { renderProblem } from "./inspect-chain.ts";

const BROKEN = "-broken";

export interface Chains {
  /** Where this process writes. */
  own: Chain;
  /** What processes that are gone left behind; to be delivered, not to be written to. */
  others: Chain[];
  close(): Promise<void>;
}

/**
 * Takes every chain below `dir` that no other process has: each process writes to a chain of its own, so that several may
 * share a `DATA_DIR`. A chain that is not whole is put aside as it is, and the next one begins by saying so.
 */
export async function openChains(dir: string, options: ChainOptions): Promise<Chains> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const unlocks: (() => void)[] = [];
  const opened: Chain[] = [];
  const broken: { folder: string; problem: string; unlock: () => void }[] = [];
  // A number is never given again, not even that of a chain that was put aside.
  let next = 1;
  for (const folder of await chainFolders(dir)) {
    next = Number.parseInt(folder, 10) + 1;
    if (folder.endsWith(BROKEN)) continue;
    const unlock = tryLock(join(dir, folder));
    if (unlock === undefined) continue;
    const outcome = await openChain(join(dir, folder), options);
    if (outcome.kind === "broken") {
      broken.push({ folder, problem: renderProblem(outcome.problem), unlock });
    } else {
      opened.push(outcome.chain);
      unlocks.push(unlock);
    }
  }

  let [own] = opened;
  const others = opened.slice(1);
  for (; own === undefined; next += 1) {
    const unlock = tryLock(join(dir, String(next)));
    if (unlock === undefined) continue;
    const outcome = await openChain(join(dir, String(next)), options);
    if (outcome.kind === "broken") throw new Error("A folder that was not there holds a broken chain.");
    own = outcome.chain;
    unlocks.push(unlock);
  }

  await own.append({ kind: "opened", host: hostname().slice(0, 255), pid: process.pid });
  for (const { folder, problem, unlock } of broken) {
    options.log.error(
      { folder: join(dir, folder), problem },
      "audit chain is broken: somebody changed it, or the disk did. It is kept as it is, and a new one was begun",
    );
    await own.append({ kind: "broken-chain", folder, problem: problem.slice(0, 500) });
    unlock();
    await rename(join(dir, folder), join(dir, folder + BROKEN));
  }

  const all = [own, ...others];
  return {
    own,
    others,
    async close() {
      for (const chain of all) await chain.close();
      for (const unlock of unlocks) unlock();
    },
  };
}

/** The folders of chains below `dir`, those that were put aside included, in the order they were begun. */
export async function chainFolders(dir: string): Promise<string[]> {
  const names = await readdir(dir);
  return names
    .filter((name) => /^[1-9]\d{0,8}(-broken)?$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function tryLock(folder: string): (() => void) | undefined {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof AppError && error.code === "DATA_DIR_IN_USE") return undefined;
    throw error;
  }
}
