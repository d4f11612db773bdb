import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import { openChains } from "../../../worker/audit/open-chains.ts";
import { verifyChains } from "../../../worker/audit/verify.ts";
import { collectLog } from "../../log.ts";
import { readEntries, temporaryFolder, writeChain } from "./chains.ts";

const { log } = collectLog();
const Told = z.union([z.literal("open"), z.object({ jobId: z.string(), recorded: z.boolean() })]);

/** Another process that writes to `dir` without end. @param limitKb - Of any file that it writes. */
function startWriter(dir: string, prefix: string, { limitKb }: { limitKb?: number } = {}) {
  const script = fileURLToPath(new URL("./writer-process.ts", import.meta.url));
  const node = [process.execPath, "--import", "tsx", script, dir, prefix];
  const [command = "", ...args] =
    limitKb === undefined ? node : ["bash", "-c", `ulimit -S -f ${limitKb} && exec "$0" "$@"`, ...node];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const recorded: string[] = [];
  const refused: string[] = [];
  child.on("message", (message) => {
    const told = Told.parse(message);
    if (told !== "open") (told.recorded ? recorded : refused).push(told.jobId);
  });
  async function kill() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  onTestFinished(kill);
  return { pid: child.pid, recorded, refused, kill };
}

const AttemptEntry = z.object({ act: z.object({ ids: z.object({ jobId: z.string() }) }) });
async function recordedJobIds(dir: string): Promise<string[]> {
  const entries = await readEntries(dir);
  return entries.flatMap((entry) => AttemptEntry.safeParse(entry).data?.act.ids.jobId ?? []);
}

test("whenever a writer is killed, the chain is whole and holds all that it was told is on record", async () => {
  const dir = await temporaryFolder();
  const told: string[] = [];
  for (const round of [1, 2, 3, 4, 5, 6]) {
    const writer = startWriter(dir, `round-${round}`);
    await vi.waitFor(() => expect(writer.recorded.length).toBeGreaterThan(40 * round), { timeout: 20_000 });
    await writer.kill();
    told.push(...writer.recorded);
    expect(await verifyChains(dir)).toMatchObject({ isWhole: true });
  }
  await (await openChains(dir, { log })).close();
  const { text, isWhole } = await verifyChains(dir);
  expect(isWhole, text).toBe(true);
  expect(text).not.toContain("unfinished");
  expect(await readdir(dir)).toEqual(["1"]);
  const found = await recordedJobIds(dir);
  expect(new Set(found).size).toBe(found.length);
  expect(told.filter((jobId) => !found.includes(jobId))).toEqual([]);
}, 90_000);

test.skipIf(process.platform !== "linux")(
  "on a disk that fills up, a change is refused, and writing goes on when there is room",
  async () => {
    const dir = await temporaryFolder();
    const writer = startWriter(dir, "full", { limitKb: 20 });
    await vi.waitFor(() => expect(writer.refused.length).toBeGreaterThan(10), { timeout: 20_000 });
    const before = writer.recorded.length;
    expect(await verifyChains(dir)).toMatchObject({ isWhole: true });

    await promisify(execFile)("prlimit", ["--pid", String(writer.pid), "--fsize=unlimited:unlimited"]);
    await vi.waitFor(() => expect(writer.recorded.length).toBeGreaterThan(before + 10), { timeout: 20_000 });
    await writer.kill();
    expect(await verifyChains(dir)).toMatchObject({ isWhole: true });
    const found = await recordedJobIds(dir);
    expect(writer.recorded.filter((jobId) => !found.includes(jobId))).toEqual([]);
    expect(writer.refused.filter((jobId) => found.includes(jobId))).toEqual([]);
  },
);

test("two processes that share a folder write to chains of their own", async () => {
  const dir = await temporaryFolder();
  const writers = [startWriter(dir, "a"), startWriter(dir, "b")];
  await vi.waitFor(() => expect(writers.every(({ recorded }) => recorded.length > 50)).toBe(true), {
    timeout: 20_000,
  });
  for (const writer of writers) await writer.kill();
  expect(await readdir(dir)).toEqual(["1", "2"]);
  expect(await verifyChains(dir)).toMatchObject({ isWhole: true });

  const chains = await openChains(dir, { log });
  expect([chains.own, ...chains.others].map(({ folder }) => folder)).toEqual([
    join(dir, "1"),
    join(dir, "2"),
  ]);
  await chains.close();
});

test("a broken chain is put aside as it is, and the next one begins by saying so", async () => {
  const dir = await temporaryFolder();
  await mkdir(join(dir, "1"));
  await writeChain(join(dir, "1"), 3);
  await writeFile(join(dir, "1", "head.json"), "junk");
  const { log, lines } = collectLog();
  await (await openChains(dir, { log })).close();
  expect(lines).toMatchObject([{ level: "error", problem: expect.stringContaining("head.json") }]);
  expect((await readdir(dir)).sort()).toEqual(["1-broken", "2"]);
  const { text, isWhole } = await verifyChains(dir);
  expect(isWhole).toBe(false);
  expect(text).toMatch(/^1-broken: BROKEN at head\.json, line 1 .*\n2: whole, 2 records/);

  await rename(join(dir, "1-broken"), join(dir, "elsewhere"));
  expect(await readEntries(dir)).toMatchObject([
    { kind: "opened" },
    { kind: "broken-chain", folder: "1", problem: expect.stringContaining("head.json") },
  ]);
});
