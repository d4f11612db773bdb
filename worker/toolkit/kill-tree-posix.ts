import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { ProcessTree } from "./kill-tree.ts";
import { RUN_ID } from "./script-environment.ts";

// A process that is still there so long after SIGKILL hangs inside the kernel; waiting longer doesn't help.
const KILL_WAIT_MS = 2_000;

/**
 * A process belongs to the tree if it is in the program's process group, has a parent in the tree, or (on Linux,
 * where it can be read) carries the run's id in its environment. What escapes all three, a daemon that has
 * emptied its environment, is not found. Elsewhere than on Linux a daemon is found only while its parent lives.
 */
export function createPosixTree({ pid: root, runId }: { pid: number; runId: string }): ProcessTree {
  // Parents die before their children, so what once belonged to the tree does so for good.
  const seen = new Set<string>();

  async function members(): Promise<number[]> {
    const processes = await listProcesses(`${RUN_ID}=${runId}`);
    const pids = new Set([root]);
    for (const entry of processes)
      if (entry.group === root || entry.isMarked || seen.has(entry.key)) pids.add(entry.pid);
    for (let before = 0; before < pids.size; ) {
      before = pids.size;
      for (const entry of processes) if (pids.has(entry.parent)) pids.add(entry.pid);
    }

    // A zombie has ended; it only waits for its parent to ask how.
    const alive = processes.filter((entry) => pids.has(entry.pid) && !entry.isZombie);
    for (const entry of alive) seen.add(entry.key);
    return alive.map((entry) => entry.pid);
  }

  /** Signals the tree until it is gone, since it may fork while we look. */
  async function signalUntilGone(name: "SIGTERM" | "SIGKILL", waitMs: number): Promise<number> {
    const giveUpAt = performance.now() + waitMs;
    const signalled = new Set<number>();
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      const pids = await members();
      if (pids.length === 0 || performance.now() > giveUpAt) return pids.length;
      for (const pid of pids) {
        if (signalled.has(pid) && name === "SIGTERM") continue;
        signalled.add(pid);
        signal(pid, name);
      }
      await delay(pauseMs);
    }
  }

  return {
    async kill({ graceMs }) {
      if ((await signalUntilGone("SIGTERM", graceMs)) === 0) return 0;
      return signalUntilGone("SIGKILL", KILL_WAIT_MS);
    },
    killNow: () => signal(-root, "SIGKILL"),
  };
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime, or is not ours to end: the next look counts who is left.
  }
}

interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  isZombie: boolean;
  isMarked: boolean;
  /** The pid with the time of its start where that is known: pids come round again. */
  key: string;
}

async function listProcesses(marker: string): Promise<ProcessEntry[]> {
  if (process.platform !== "linux") return listWithPs();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map((pid) => readProcess(pid, marker)));
  return entries.filter((entry) => entry !== undefined);
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function readProcess(pid: string, marker: string): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;

  // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  // Another user's environment can't be read, and that user's processes are not ours.
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    isZombie: state === "Z",
    isMarked: environment.split("\0").includes(marker),
    key: `${pid} ${fields[19]}`,
  };
}

async function listWithPs(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, group, state = ""] = line.trim().split(/\s+/);
      return {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        isZombie: state.startsWith("Z"),
        isMarked: false,
        key: String(pid),
      };
    });
}
