import { execFile, spawnSync } from "node:child_process";
import { win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { bashCommand } from "./bash.ts";
import type { ProcessTree } from "./kill-tree.ts";
import { systemEnvironment } from "./script-environment.ts";

const STEP_TIMEOUT_MS = 5_000;

/**
 * Windows knows no process groups, and `taskkill /T` follows parent ids that MSYS breaks: its fork goes through
 * intermediates that are gone, so children of pipelines and of `&` are not found from the root
 * (https://github.com/anthropics/claude-code/issues/95242). So what taskkill leaves is looked up from inside
 * MSYS, by the run's id in the environment, and ended one by one. Only a job object that owned the program from
 * its start could promise more.
 *
 * `graceMs` is not used: console programs ignore the soft form of taskkill.
 */
export function createWindowsTree({
  pid,
  runId,
  bash,
}: {
  pid: number;
  runId: string;
  bash: string | undefined;
}): ProcessTree {
  return {
    async kill() {
      await run(taskkill(), ["/PID", String(pid), "/T", "/F"]);
      if (bash === undefined) return isAlive(pid) ? 1 : 0;

      const left = await msysProcesses(bash, runId);
      if (left === undefined) return "unknown";
      if (left.length === 0) return 0;
      await Promise.all(left.map((winPid) => run(taskkill(), ["/PID", winPid, "/T", "/F"])));
      return (await msysProcesses(bash, runId))?.length ?? "unknown";
    },
    killNow() {
      // libuv's job object ends the program itself with us, but not what it has started.
      spawnSync(taskkill(), ["/PID", String(pid), "/T", "/F"], {
        windowsHide: true,
        timeout: STEP_TIMEOUT_MS,
        stdio: "ignore",
      });
    },
  };
}

// By its full path: a program of that name in the current folder would be found first.
function taskkill(): string {
  return win32.join(process.env.SYSTEMROOT ?? "C:\\Windows", "System32", "taskkill.exe");
}

/** Prints the Windows process ids of a run. Runs on Linux too, where its test is. */
export const FIND_RUN_SCRIPT = fileURLToPath(new URL("./msys/find-run.sh", import.meta.url));

async function msysProcesses(bash: string, runId: string): Promise<string[] | undefined> {
  const command = bashCommand({ bash, script: FIND_RUN_SCRIPT, args: [runId], platform: "win32" });
  const found = await run(command.file, command.args);
  return found?.split(/\s+/).filter((word) => /^\d+$/.test(word));
}

/** Output of a program, or `undefined` if it failed or took too long. */
function run(file: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      env: systemEnvironment(process.env, "win32"),
      windowsHide: true,
      timeout: STEP_TIMEOUT_MS,
    };
    execFile(file, args, options, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
