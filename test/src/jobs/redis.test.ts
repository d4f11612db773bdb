import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Consumer, JobInterrupted, type Jobs } from "../../../src/jobs/queue.ts";
import { createRedisJobs } from "../../../src/jobs/redis.ts";
import { collectLog } from "../../log.ts";
import { createRedisServer, type RedisServer, redisMissing } from "../../redis-server.ts";
import { createTestJob, idOf } from "./create-test-job.ts";
import { describeJobs, timings, untilAborted } from "./jobs-contract.ts";
import { createProxy } from "./redis-proxy.ts";

const ANSWER_MS = 1_500;

describe.skipIf(redisMissing)("jobs on Redis", () => {
  let server: RedisServer;
  let jobs: Jobs;
  let count = 0;
  beforeAll(async () => {
    server = await createRedisServer();
    jobs = createRedisJobs({ url: server.url, log: collectLog().log, timings });
  });
  afterAll(async () => {
    await jobs.close();
    await server.stop();
  });

  describeJobs({
    open: async () => jobs,
    createPlace: async () => ({ kind: "redis", url: server.url, prefix: `test-${++count}` }),
  });
});

describe.skipIf(redisMissing)("a Redis that is away", () => {
  let server: RedisServer;
  let opened: Jobs[];
  let consumers: Consumer[];
  let lines: ReturnType<typeof collectLog>["lines"];
  beforeEach(async () => {
    server = await createRedisServer({ running: false });
    opened = [];
    consumers = [];
  });
  afterEach(async () => {
    server.thaw();
    await Promise.all(consumers.map((consumer) => consumer.close({ graceMs: 0 })));
    await Promise.all(opened.map((jobs) => jobs.close()));
    await server.stop();
  });

  function open(url = server.url): Jobs {
    const collected = collectLog();
    lines = collected.lines;
    const jobs = createRedisJobs({ url, log: collected.log, timings });
    opened.push(jobs);
    return jobs;
  }
  function consume(jobs: Jobs) {
    const ran: string[] = [];
    consumers.push(
      jobs.consumer("lookups", {
        concurrency: 5,
        run: async (job) => void ran.push(idOf(job)),
        onInterrupted: async () => {},
      }),
    );
    return ran;
  }
  async function ready(jobs: Jobs) {
    await expect.poll(() => jobs.producer("lookups").isReady(), { timeout: 8_000 }).toBe(true);
  }
  /** Enqueues, and checks that it is refused in time. */
  async function refused(jobs: Jobs, job = createTestJob()) {
    const startedAt = performance.now();
    expect(await jobs.producer("lookups").enqueue(job)).toMatchObject({ kind: "unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS);
    return job.id;
  }
  /** Enqueues until it works, and waits for the run: whatever was to run before has run by then. */
  async function recovered(jobs: Jobs, ran: string[]) {
    const job = createTestJob();
    await expect
      .poll(() => jobs.producer("lookups").enqueue(job), { timeout: 8_000 })
      .toEqual({ kind: "queued" });
    await expect.poll(() => ran, { timeout: 8_000 }).toContain(job.id);
    return job.id;
  }

  test("refuses jobs from the start, runs none of them later, and takes jobs once it is there", async () => {
    const jobs = open();
    const ran = consume(jobs);
    await refused(jobs);
    await refused(jobs);
    await server.start();
    const job = await recovered(jobs, ran);
    expect(ran).toEqual([job]);
  });

  test("refuses jobs when it is stopped later, and comes back after longer than a worker waits for jobs", async () => {
    await server.start();
    const jobs = open();
    const ran = consume(jobs);
    const before = await recovered(jobs, ran);
    await server.kill();
    await refused(jobs);
    await new Promise((resolve) => setTimeout(resolve, 4 * timings.drainDelayMs));
    await refused(jobs);
    await server.start();
    const after = await recovered(jobs, ran);
    expect(ran).toEqual([before, after]);
  });

  test("refuses jobs when it is frozen, and runs none of them when it thaws", async () => {
    await server.start();
    const jobs = open();
    const ran = consume(jobs);
    await ready(jobs);
    server.freeze();
    await Promise.all(Array.from({ length: 20 }, () => refused(jobs)));
    await refused(jobs);
    server.thaw();
    const after = await recovered(jobs, ran);
    expect(ran).toEqual([after]);
  });

  test("refuses jobs when it was frozen before the first connection, and runs none of them", async () => {
    await server.start();
    server.freeze();
    const jobs = open();
    const ran = consume(jobs);
    await refused(jobs);
    await refused(jobs);
    server.thaw();
    const after = await recovered(jobs, ran);
    expect(ran).toEqual([after]);
  });

  test("a job that was refused can be enqueued again later, and runs", async () => {
    await server.start();
    const jobs = open();
    const ran = consume(jobs);
    await ready(jobs);
    server.freeze();
    const job = createTestJob();
    await refused(jobs, job);
    server.thaw();
    await expect
      .poll(() => jobs.producer("lookups").enqueue(job), { timeout: 8_000 })
      .toEqual({ kind: "queued" });
    await expect.poll(() => ran).toEqual([job.id]);
  });

  test("a freeze shorter than the deadline only delays the answer", async () => {
    await server.start();
    const jobs = open();
    const ran = consume(jobs);
    await ready(jobs);
    server.freeze();
    setTimeout(server.thaw, 300);
    const job = createTestJob();
    expect(await jobs.producer("lookups").enqueue(job)).toEqual({ kind: "queued" });
    await expect.poll(() => ran).toEqual([job.id]);
  });

  test("a job whose confirmation was lost is withdrawn before it runs", async () => {
    await server.start();
    const proxy = await createProxy(server.port);
    const jobs = open(proxy.url);
    await ready(jobs);
    proxy.mute = true;
    const lost = await refused(jobs);
    // It is in the queue all the same; a worker that starts now would take it.
    const direct = open();
    await expect.poll(() => direct.inspect("lookups", lost)).toMatchObject({ state: "waiting" });
    proxy.mute = false;
    await ready(jobs);
    const ran = consume(direct);
    const after = await recovered(jobs, ran);
    expect(ran).toEqual([after]);
    expect(lines).toContainEqual(expect.objectContaining({ level: "warn", jobId: lost }));
    proxy.close();
  });

  test("a connection whose first answer was lost is given up for another", async () => {
    await server.start();
    const proxy = await createProxy(server.port);
    proxy.mute = true;
    const jobs = open(proxy.url);
    await refused(jobs);
    await expect.poll(() => proxy.connections()).toBe(1);
    proxy.mute = false;
    await ready(jobs);
    proxy.close();
  });

  test("cancels, readiness and the outlook answer in time while it is frozen", async () => {
    await server.start();
    const jobs = open();
    await ready(jobs);
    server.freeze();
    const startedAt = performance.now();
    const [cancelled, isReady, read, depths] = await Promise.all([
      jobs.producer("lookups").cancel("ix-1"),
      jobs.producer("lookups").isReady(),
      jobs.outlook.read(["a"]),
      jobs.outlook.depths(),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS);
    expect(cancelled).toMatchObject({ kind: "unavailable" });
    expect(isReady).toBe(false);
    expect(read).toMatchObject({ kind: "unavailable" });
    expect(depths).toMatchObject({ kind: "unavailable" });
  });

  test("is one log line when it goes and one when it is back, for each connection", async () => {
    await server.start();
    const jobs = open();
    await ready(jobs);
    await server.kill();
    await refused(jobs);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await server.start();
    await ready(jobs);
    expect(lines.map(({ message }) => message)).toEqual([
      "connection to Redis lost",
      "connection to Redis is back",
    ]);
  });

  test("a job whose lock is lost is aborted with JobInterrupted", async () => {
    await server.start();
    const jobs = open();
    const reasons: unknown[] = [];
    const consumer = jobs.consumer("lookups", {
      concurrency: 1,
      run: (_job, context) => untilAborted(context, reasons),
      onInterrupted: async () => {},
    });
    consumers.push(consumer);
    await ready(jobs);
    const job = createTestJob();
    await jobs.producer("lookups").enqueue(job);
    await expect.poll(() => consumer.running()).toBe(1);
    const client = new Redis(server.url);
    await client.del(`msp:lookups:${job.id}:lock`);
    client.disconnect();
    await expect.poll(() => reasons, { timeout: 5_000 }).toEqual([expect.any(JobInterrupted)]);
  });

  test("a consumer closes although it is frozen", async () => {
    await server.start();
    const jobs = open();
    const consumer = jobs.consumer("lookups", {
      concurrency: 1,
      run: async () => {},
      onInterrupted: async () => {},
    });
    await consumer.ready();
    server.freeze();
    const startedAt = performance.now();
    await consumer.close({ graceMs: 100 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
