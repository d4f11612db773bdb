import { randomUUID } from "node:crypto";
import { execa } from "execa";
import type { Program } from "./bash.ts";
import { endWithThisProcess } from "./end-with-this-process.ts";
import { processTree } from "./kill-tree.ts";
import { RUN_ID } from "./script-environment.ts";
import { createScriptOutput, type StreamName } from "./script-output.ts";
import type { RunOptions, ScriptEnding, ScriptRun } from "./toolkit.ts";

export interface RunScriptOptions extends Omit<RunOptions, "onLine"> {
  cwd: string;
  /** All that the script sees; nothing is inherited. */
  env: Readonly<Record<string, string>>;
  /** Must not throw. */
  onLine?: ((line: string, stream: StreamName) => void) | undefined;
  /** What is done to each line before anyone sees it. Default: secrets are redacted. */
  clean?: (line: string) => string;
  /** Ends the script as `flooded`. Default: 8 MiB, or some 30,000 lines, a hundred times what a thorough script prints. */
  outputLimitBytes?: number;
  /** From SIGTERM to SIGKILL. POSIX only. */
  graceMs?: number;
  /** How long a script that has ended may leave its output open, for helpers that write on. */
  lingerMs?: number;
  /** The Git Bash that runs the script, if one does. */
  bash?: string | undefined;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs one program and sees to it that nothing of it is left: whatever way it ends, its descendants end with it.
 * Resolves within `deadlineMs + graceMs` and a few seconds, even when a process can't be ended or keeps the
 * output open, which execa's own timeout would wait for. Never rejects.
 */
export async function runScript(program: Program, options: RunScriptOptions): Promise<ScriptRun> {
  const { signal, deadlineMs, cwd, env, onLine, clean, bash } = options;
  const { outputLimitBytes = 8 * 1024 * 1024, graceMs = 3_000, lingerMs = 2_000 } = options;
  const startedAt = performance.now();
  const limits = createLimits({ signal, deadlineMs });
  const output = createScriptOutput({
    onLine,
    clean,
    limitBytes: outputLimitBytes,
    onFlood: () => limits.stop({ kind: "flooded", limitBytes: outputLimitBytes }),
  });
  function result(ending: ScriptEnding, survivors: ScriptRun["survivors"]): ScriptRun {
    limits.clear();
    output.end();
    const durationMs = Math.round(performance.now() - startedAt);
    return { ending, durationMs, transcript: output.transcript(), survivors };
  }

  if (signal.aborted) return result({ kind: "aborted" }, 0);

  const runId = randomUUID();
  const { file, args, ...spawnOptions } = program;
  const script = execa(file, args, {
    ...spawnOptions,
    cwd,
    env: { ...env, [RUN_ID]: runId },
    extendEnv: false,
    stdin: "ignore",
    encoding: "buffer",
    buffer: false,
    reject: false,
    // A process group of its own, to be ended as a whole; on Windows it would only open a console.
    detached: process.platform !== "win32",
    // Has no effect on a detached process: see endWithThisProcess below.
    cleanup: false,
  });
  const { pid } = script;
  if (pid === undefined) {
    // Not the message, which holds the path: the reason may be shown in Discord.
    const { code = "unknown error" } = await script;
    return result({ kind: "not-started", reason: `the system refused to start it: ${code}` }, 0);
  }

  const tree = processTree({ pid, runId, bash });
  const release = endWithThisProcess(() => tree.killNow());
  script.stdout.on("data", (chunk: Uint8Array) => output.push("stdout", chunk));
  script.stderr.on("data", (chunk: Uint8Array) => output.push("stderr", chunk));

  const exited = new Promise<ScriptEnding>((resolve) => {
    script.once("exit", (code, name) =>
      resolve(code === null ? { kind: "killed-by-signal", signal: String(name) } : { kind: "exited", code }),
    );
  });
  // After the exit, and only when nobody holds the other ends of the pipes any more.
  const closed = new Promise<void>((resolve) => void script.once("close", () => resolve()));

  const ending = await Promise.race([exited, limits.stopped]);
  if (ending.kind === "exited" || ending.kind === "killed-by-signal") {
    await within(lingerMs, Promise.race([closed, limits.stopped]));
  }
  const survivors = await tree.kill({ graceMs });
  release();
  // With everyone gone the rest of the output is there at once; a survivor could hold the pipes for ever.
  await within(lingerMs, closed);
  script.stdout.destroy();
  script.stderr.destroy();
  return result(ending, survivors);
}

/** The first of deadline, signal and whatever calls `stop`. */
function createLimits({ signal, deadlineMs }: Pick<RunOptions, "signal" | "deadlineMs">) {
  let stop: (ending: ScriptEnding) => void = () => {};
  const stopped = new Promise<ScriptEnding>((resolve) => {
    stop = resolve;
  });
  const onAbort = () => stop({ kind: "aborted" });
  const onDeadline = () => stop({ kind: "timed-out", afterMs: deadlineMs });

  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(onDeadline, Math.min(deadlineMs, LONGEST_TIMER_MS));
  return {
    stopped,
    stop: (ending: ScriptEnding) => stop(ending),
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Waits for `promise`, but no longer than `ms`. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, tooLong]);
  clearTimeout(timer);
}
