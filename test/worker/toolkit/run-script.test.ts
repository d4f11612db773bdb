import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { bashCommand, findBash } from "../../../worker/toolkit/bash.ts";
import { FIND_RUN_SCRIPT } from "../../../worker/toolkit/kill-tree-windows.ts";
import { type RunScriptOptions, runScript } from "../../../worker/toolkit/run-script.ts";
import { systemEnvironment } from "../../../worker/toolkit/script-environment.ts";

const scripts = fileURLToPath(new URL("../../fixtures/scripts/", import.meta.url));
const WORKER = fileURLToPath(new URL("../../fixtures/scripts/worker-without-handlers.ts", import.meta.url));
const bash = await findBash({ configured: process.env.GIT_BASH_PATH, env: process.env });
const never = new AbortController().signal;

async function run(
  script: string,
  { args = [], ...options }: Partial<RunScriptOptions> & { args?: string[] } = {},
) {
  const lines: string[] = [];
  const program = bashCommand({ bash, script: join(scripts, script), args, platform: process.platform });
  const ended = await runScript(program, {
    cwd: scripts,
    env: systemEnvironment(process.env, process.platform),
    signal: never,
    deadlineMs: 20_000,
    graceMs: 200,
    lingerMs: 200,
    bash,
    ...options,
    onLine(line, stream) {
      lines.push(line);
      options.onLine?.(line, stream);
    },
  });
  return { ...ended, lines };
}

function pidIn(lines: string[]): number {
  const pid = Number(lines.find((line) => line.startsWith("pid "))?.slice(4));
  expect(pid).toBeGreaterThan(1);
  return pid;
}

/** A zombie has ended, even if nobody has asked for its exit code: some containers have nobody who does. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

// Process ids inside Git Bash are not those of Windows, so these tests can't ask whether a process is gone.
const onWindows = process.platform === "win32";

describe("a script that ends by itself", () => {
  test("its lines come in order from both streams, and its last one needs no line break", async () => {
    const { ending, transcript, lines, survivors } = await run("ok.sh");
    expect(ending).toEqual({ kind: "exited", code: 0 });
    expect(lines.toSorted()).toEqual(["first line", "last line, without an end", "to stderr"]);
    expect(transcript).toBe(lines.join("\n"));
    expect(survivors).toBe(0);
  });

  test("a failure is its exit code and what it said", async () => {
    const { ending, transcript } = await run("fail.sh");
    expect(ending).toEqual({ kind: "exited", code: 3 });
    expect(transcript).toBe("no such mailbox");
  });

  test("its stdin is closed, so it can't wait for an answer", async () => {
    expect((await run("reads-stdin.sh")).lines).toEqual(["stdin is closed"]);
  });

  test("its arguments arrive as they were given, whatever they look like", async () => {
    const args = ["$(id)", "a b", "'; rm -rf /;`x`'", "*", ""];
    const { lines } = await run("prints-arguments.sh", { args });
    expect(lines).toEqual(args.map((arg) => `<${arg}>`));
  });

  test("it sees only the environment that it was given", async () => {
    const { lines } = await run("prints-env.sh", {
      env: { PATH: process.env.PATH ?? "", VAULT_PATH: "/vault" },
    });
    const names = lines.map((line) => line.split("=")[0]);
    const fromBash = ["PWD", "OLDPWD", "SHLVL", "_"];
    expect(names.filter((name) => !fromBash.includes(name ?? "")).toSorted()).toEqual(
      expect.arrayContaining(["PATH", "TOOLKIT_RUN_ID", "VAULT_PATH"]),
    );
    if (!onWindows) expect(names.length).toBeLessThanOrEqual(3 + fromBash.length);
  });

  test("a program that doesn't exist is not started, and says so", async () => {
    const ended = await runScript(
      { file: join(scripts, "no-such-program"), args: [] },
      { cwd: scripts, env: {}, signal: never, deadlineMs: 1_000 },
    );
    expect(ended.ending).toEqual({ kind: "not-started", reason: "the system refused to start it: ENOENT" });
  });
});

describe("what it prints", () => {
  test("secrets are redacted in every line and in the transcript, keys over several lines as well", async () => {
    const { transcript, lines } = await run("prints-secrets.sh", {
      clean: (line) => line.replaceAll("canary-7f3a9c", "[known]"),
    });
    expect(lines).toContain("known [known]");

    const redacted = await run("prints-secrets.sh");
    const shown = redacted.lines.join("\n") + redacted.transcript;
    expect(shown).not.toMatch(/c2lnbmF0dXJl|abcdefghijklmnop|V3ry|MIIEowIBAAKCAQEA|PRIVATE KEY/);
    expect(redacted.lines.at(-1)).toBe("after the key");
    expect(transcript).not.toContain("MIIEowIBAAKCAQEA");
  });

  test("line ends, colours, progress bars, bells and broken characters are cleaned away", async () => {
    const { lines } = await run("prints-odd-bytes.sh");
    expect(lines).toEqual(["crlf", "red", "20%", "bro\ufffdken", "bell null reversed"]);
  });

  test("a line of megabytes is cut, and the next one comes", async () => {
    const { ending, lines } = await run("prints-huge-line.sh");
    expect(ending).toEqual({ kind: "exited", code: 0 });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^x{2000}… \[cut\]$/);
    expect(lines[1]).toBe("after");
  });

  test.skipIf(onWindows)("100 MB end it as flooded, with memory flat (POSIX)", async () => {
    const before = process.memoryUsage.rss();
    let highest = before;
    const { ending, transcript, lines, survivors } = await run("floods.sh", {
      onLine: () => {
        highest = Math.max(highest, process.memoryUsage.rss());
      },
    });
    expect(ending).toEqual({ kind: "flooded", limitBytes: 8 * 1024 * 1024 });
    expect(transcript.split("\n")).toHaveLength(200);
    expect(survivors).toBe(0);
    expect(isAlive(pidIn(lines))).toBe(false);
    // The test itself holds the 8 MiB of lines.
    expect(highest - before).toBeLessThan(120 * 1024 * 1024);
  });
});

// A second is enough for bash to start on a busy machine. They wait at the same time.
describe.skipIf(onWindows).concurrent("a script that does not end (POSIX)", () => {
  test("is ended at the deadline, and nothing of it is left", async () => {
    const { ending, durationMs, lines, survivors } = await run("forever.sh", { deadlineMs: 1_000 });
    expect(ending).toEqual({ kind: "timed-out", afterMs: 1_000 });
    expect(durationMs).toBeLessThan(5_000);
    expect(survivors).toBe(0);
    expect(isAlive(pidIn(lines))).toBe(false);
  });

  test("is ended by force when it ignores TERM, a grace later", async () => {
    const { ending, durationMs, lines } = await run("ignores-term.sh", { deadlineMs: 1_000 });
    expect(ending).toEqual({ kind: "timed-out", afterMs: 1_000 });
    expect(durationMs).toBeGreaterThanOrEqual(1_200);
    expect(durationMs).toBeLessThan(6_000);
    expect(isAlive(pidIn(lines))).toBe(false);
  });

  test("has a grace for its last words, and has still timed out", async () => {
    const { ending, transcript } = await run("says-goodbye.sh", { deadlineMs: 1_000, graceMs: 20_000 });
    expect(ending).toEqual({ kind: "timed-out", afterMs: 1_000 });
    expect(transcript).toBe("ready\ngoodbye");
  });

  test("is ended when its signal is aborted", async () => {
    const stop = new AbortController();
    const { ending, lines } = await run("forever.sh", {
      signal: stop.signal,
      onLine: (line) => {
        if (line === "ready") stop.abort();
      },
    });
    expect(ending).toEqual({ kind: "aborted" });
    expect(isAlive(pidIn(lines))).toBe(false);
  });

  test("is not even started when the signal was aborted before", async () => {
    const { ending, lines } = await run("ok.sh", { signal: AbortSignal.abort() });
    expect(ending).toEqual({ kind: "aborted" });
    expect(lines).toEqual([]);
  });
});

describe.skipIf(onWindows)("what a script leaves running (POSIX)", () => {
  test("a child that holds stdout open is ended soon after the script, which has ended well", async () => {
    const { ending, durationMs, lines, survivors } = await run("backgrounds-child.sh");
    expect(ending).toEqual({ kind: "exited", code: 0 });
    expect(durationMs).toBeLessThan(5_000);
    expect(survivors).toBe(0);
    expect(isAlive(pidIn(lines))).toBe(false);
  });

  const daemon = test.skipIf(process.platform !== "linux");
  daemon("a daemon in a session of its own is found and ended as well (Linux)", async () => {
    const file = join(await createFolder(), "pid");
    const { ending, lines, survivors } = await run("daemonises.sh", { args: [file] });
    expect(ending).toEqual({ kind: "exited", code: 0 });
    expect(survivors).toBe(0);
    expect(pidIn(lines)).toBe(Number(await readFile(file, "utf8")));
    expect(isAlive(pidIn(lines))).toBe(false);
  });

  daemon("the search from inside MSYS prints the processes of that run and no others (Linux)", async () => {
    const file = join(await createFolder(), "pid");
    const stop = new AbortController();
    let found: Promise<string[]> | undefined;
    const { lines } = await run("daemonises.sh", {
      args: [file, "stay"],
      signal: stop.signal,
      onLine(line) {
        if (line !== "ready") return;
        const environment = readFileSync(`/proc/${readFileSync(file, "utf8").trim()}/environ`, "utf8");
        const runId = /TOOLKIT_RUN_ID=([^\0]+)/.exec(environment)?.[1] ?? "";
        found = outputOf(bash, ["--noprofile", "--norc", FIND_RUN_SCRIPT, runId]).finally(() => stop.abort());
      },
    });
    expect(await found).toContain(String(pidIn(lines)));
    expect(await found).not.toContain(String(process.pid));
  });
});

describe.skipIf(onWindows)("when the worker itself is ended (POSIX)", () => {
  test("by TERM, with nobody handling it, its script ends as well", async () => {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const worker = spawn(process.execPath, ["--import", tsx, WORKER, join(scripts, "forever.sh")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: worker.stdout })) {
      lines.push(line);
      if (line === "ready") worker.kill("SIGTERM");
    }
    const [, signal] =
      worker.exitCode === null && worker.signalCode === null ? await once(worker, "exit") : [];
    expect(signal ?? worker.signalCode).toBe("SIGTERM");
    // Nobody was left to wait until the signal had arrived.
    await expect.poll(() => isAlive(pidIn(lines))).toBe(false);
  });
});

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "run-script-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function outputOf(file: string, args: string[]): Promise<string[]> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  return lines;
}
