import { createPosixTree } from "./kill-tree-posix.ts";
import { createWindowsTree } from "./kill-tree-windows.ts";

/** A program that we started, with everything that it has started. */
export interface ProcessTree {
  /**
   * Ends them all, and resolves when they are gone or when no more can be done: a little after `graceMs` at worst.
   * @returns How many are known to be still there.
   */
  kill(options: { graceMs: number }): Promise<number | "unknown">;
  /** As much of that as can be done at once, without waiting: this process is ending. */
  killNow(): void;
}

interface ProcessTreeOptions {
  /** Of the program we started; on POSIX it leads a process group of its own. */
  pid: number;
  runId: string;
  /** The Git Bash that runs the program, if one does. Windows only. */
  bash?: string | undefined;
  platform?: NodeJS.Platform;
}

export function processTree({
  pid,
  runId,
  bash,
  platform = process.platform,
}: ProcessTreeOptions): ProcessTree {
  return platform === "win32" ? createWindowsTree({ pid, runId, bash }) : createPosixTree({ pid, runId });
}
