import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createEmbeddedJobs } from "../../../src/jobs/embedded.ts";
import type { Jobs } from "../../../src/jobs/queue.ts";
import { layOutQueue } from "../../lay-out-queue.ts";
import { collectLog } from "../../log.ts";
import { createTestJob, idOf } from "./create-test-job.ts";
import { describeJobs, timings } from "./jobs-contract.ts";
import type { Place } from "./open-place.ts";
import { startProcess } from "./start-process.ts";

let jobs: Jobs;
let closed: Jobs;
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "embedded-"));
  closed = await createEmbeddedJobs({ dataDir: join(folder, "new"), log: collectLog().log });
  await closed.close();
  jobs = await createEmbeddedJobs({ dataDir: await createDataDir(), log: collectLog().log, timings });
});
afterAll(async () => {
  await jobs.close();
  await rm(folder, { recursive: true, force: true });
});

async function createDataDir(): Promise<string> {
  count += 1;
  const dataDir = join(folder, String(count));
  await layOutQueue(dataDir);
  return dataDir;
}

describe("jobs in the embedded database", () => {
  describeJobs({
    open: async () => jobs,
    createPlace: async () => ({ kind: "embedded", dataDir: await createDataDir() }),
  });

  test("a statement that would start too late is refused, and its job never runs", async () => {
    const producer = jobs.producer("lookups");
    const job = createTestJob();
    const outcome = producer.enqueue(job);
    blockThisProcess(1_600);
    expect(await outcome).toMatchObject({ kind: "unavailable" });
    expect(await producer.enqueue(createTestJob())).toEqual({ kind: "queued" });
    expect(await jobs.inspect("lookups", job.id)).toBeUndefined();
  });

  test("a closed queue refuses a job", async () => {
    const producer = closed.producer("lookups");
    expect(await producer.enqueue(createTestJob())).toMatchObject({ kind: "unavailable" });
    expect(await producer.isReady()).toBe(false);
  });

  test.skipIf(process.platform === "win32")("only this user can read the folder", async () => {
    expect((await stat(join(folder, "new"))).mode & 0o777).toBe(0o700);
  });

  test("what an earlier process left running is found without waiting for its lock to expire", {
    timeout: 60_000,
  }, async () => {
    const place: Place = { kind: "embedded", dataDir: await createDataDir() };
    const longLock = { ...timings, lockMs: 600_000 };
    const job = createTestJob();
    const first = startProcess({
      place,
      queue: "investigations",
      enqueue: [job],
      consume: true,
      timings: longLock,
    });
    onTestFinished(first.kill);
    await expect
      .poll(() => first.reports.map(({ event }) => event), { timeout: 30_000 })
      .toContain("started");
    await first.kill();
    const next = await createEmbeddedJobs({
      dataDir: place.dataDir,
      log: collectLog().log,
      timings: longLock,
    });
    const told: string[] = [];
    const consumer = next.consumer("investigations", {
      concurrency: 1,
      run: async () => {},
      onInterrupted: async (data) => void told.push(idOf(data)),
    });
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([job.id]);
    await consumer.close({ graceMs: 0 });
    await next.close();
  });

  test("a second process is refused the folder while the first lives, and gets it afterwards", {
    timeout: 60_000,
  }, async () => {
    const dataDir = await createDataDir();
    const enqueue = [createTestJob()];
    const place: Place = { kind: "embedded", dataDir };
    const first = startProcess({ place, queue: "lookups", enqueue, consume: false, timings });
    onTestFinished(first.kill);
    await expect.poll(() => first.reports, { timeout: 30_000 }).toHaveLength(1);
    const open = () => createEmbeddedJobs({ dataDir, log: collectLog().log });
    await expect(open()).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
    await first.kill();
    await (await open()).close();
  });
});

function blockThisProcess(ms: number) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
