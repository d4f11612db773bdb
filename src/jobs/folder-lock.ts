import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../errors.ts";

const Owner = z.object({ pid: z.number().int(), startedAt: z.number(), bootedAt: z.number() });
type Owner = z.infer<typeof Owner>;

/** Clocks are set now and then; two boots are further apart. */
const SAME_BOOT_MS = 60_000;

/**
 * Makes this process the only one that uses `folder`, which is created for this user alone. PGlite does not notice a
 * second process and both would damage the data.
 * @returns Gives the folder free. A process that dies without it leaves a lock that the next one recognises as dead.
 * @throws {AppError} `DATA_DIR_IN_USE`
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "lock.json");
  const me = { pid: process.pid, startedAt: performance.timeOrigin, bootedAt: Date.now() - uptime() * 1_000 };
  try {
    writeFileSync(file, JSON.stringify(me), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const owner = readOwner(file);
    if (owner && isAlive(owner, me)) {
      throw new AppError(
        "DATA_DIR_IN_USE",
        `Expected to be the only program that uses ${folder}, but process ${owner.pid} has it open. Stop that one, or ` +
          "set REDIS_URL, which lets several programs share one queue.",
      );
    }
    rmSync(file);
    return lockFolder(folder);
  }
  return () => rmSync(file, { force: true });
}

function readOwner(file: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Half written by a process that was killed.
    return undefined;
  }
}

function isAlive(owner: Owner, me: Owner): boolean {
  // Ids are given out again after a restart of the machine or of the container.
  if (Math.abs(owner.bootedAt - me.bootedAt) > SAME_BOOT_MS) return false;
  if (owner.pid === me.pid) return owner.startedAt === me.startedAt;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
