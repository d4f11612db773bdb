import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createAudit } from "../../../worker/audit/audit.ts";
import { audited } from "../../../worker/audit/audited.ts";
import { collectLog } from "../../log.ts";
import { actOf } from "./act-of.ts";
import { openWhole, temporaryFolder, writeChain } from "./chains.ts";

/** `npm run audit -- ...`, in a folder that has no `.env`. */
async function start(args: string[], environment: Record<string, string> = {}) {
  const script = join(process.cwd(), "worker/audit/main.ts");
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, script, ...args], {
    cwd: await temporaryFolder(),
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  return { child, output, ended: endOf(child) };
}
async function endOf(child: ChildProcess): Promise<number | null> {
  await once(child, "close");
  return child.exitCode;
}
async function run(args: string[], environment?: Record<string, string>) {
  const { output, ended } = await start(args, environment);
  const exitCode = await ended;
  return { ...output, exitCode };
}

/** A `DATA_DIR` with one chain of three records. */
async function dataDir(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "audit/1"), { recursive: true });
  await writeChain(join(folder, "audit/1"), 3);
  return folder;
}

test("verify says that a chain is whole, and ends with 0", async () => {
  const { stdout, exitCode } = await run(["verify"], { DATA_DIR: await dataDir() });
  expect(stdout).toMatch(/^1: whole, 3 records in 1 file, the last is [\w-]+:3 with hash [0-9a-f]{64}\n$/);
  expect(exitCode).toBe(0);
});

test("verify says where a chain breaks, and ends with 1", async () => {
  const dir = join(await dataDir(), "audit");
  const file = join(dir, "1/audit-1.jsonl");
  await writeFile(file, (await readFile(file, "utf8")).replace('"pid":2', '"pid":7'));
  const { stdout, exitCode } = await run(["verify", "--dir", dir]);
  expect(stdout).toMatch(
    /^1: BROKEN at audit-1\.jsonl, line 2 \(seq 2\): expected its hash to be [0-9a-f]{64}, found [0-9a-f]{64}\n$/,
  );
  expect(exitCode).toBe(1);
});

test("verify misses a cut end, and tells an unfinished one from it", async () => {
  const dir = join(await dataDir(), "audit");
  const file = join(dir, "1/audit-1.jsonl");
  await appendFile(file, "torn");
  const unfinished = await run(["verify", "--dir", dir]);
  expect(unfinished.stdout).toContain("whole, 3 records");
  expect(unfinished.stdout).toContain("unfinished");
  expect(unfinished.exitCode).toBe(0);
  await truncate(file, 200);
  expect(await run(["verify", "--dir", dir])).toMatchObject({ exitCode: 1 });
});

test("tail shows the last records to a person, and --follow those to come", async () => {
  const folder = await dataDir();
  const dir = join(folder, "audit");
  const tail = await start(["tail", "-n", "2", "--follow"], { DATA_DIR: folder });
  await vi.waitFor(() => expect(tail.output.stdout.split("\n")).toHaveLength(3), { timeout: 25_000 });
  expect(tail.output.stdout).toMatch(/^\S+Z #2 .*\n\S+Z #3 Audit log opened on test . by process 3\n$/);

  const { log } = collectLog();
  const chain = await openWhole(join(dir, "1"));
  const audit = createAudit({ chain, log, secrets: [] });
  await audited(actOf(), { audit, signal: new AbortController().signal }, async () => undefined);
  await chain.close();
  await vi.waitFor(() => expect(tail.output.stdout).toContain("SUCCESS"), { timeout: 25_000 });
  expect(tail.output.stdout).toMatch(
    /#4 ATTEMPT command breach-check: contoso\.com adele@contoso\.com by 1100000000000000001 \(tech\) ix-\d+\n\S+Z #5 SUCCESS command breach-check: contoso\.com adele@contoso\.com in \d+ ms by /,
  );
  tail.child.kill("SIGINT");
  expect(await tail.ended).toBe(0);
});

test.for<[args: string[], exitCode: number, channel: "stdout" | "stderr", text: string]>([
  [["--help"], 0, "stdout", "npm run audit -- verify"],
  [[], 1, "stderr", "npm run audit -- verify"],
  [["erase"], 1, "stderr", "npm run audit -- verify"],
  [["tail", "-n", "many"], 1, "stderr", "npm run audit -- verify"],
  [["verify", "--force"], 1, "stderr", "Unknown option"],
  [["verify", "--dir", "/nowhere"], 1, "stderr", "There is no folder /nowhere. Set DATA_DIR"],
])("called with %j it ends with %i and says what to do", async ([args, exitCode, channel, text]) => {
  const outcome = await run(args);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome[channel]).toContain(text);
});
