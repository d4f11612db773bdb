import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Timings } from "../../../src/jobs/consume-queue.ts";
import type { Job } from "../../../src/jobs/contract.ts";
import {
  type Consumer,
  type ConsumerOptions,
  JobCancelled,
  type JobContext,
  JobInterrupted,
  type Jobs,
  type QueueName,
} from "../../../src/jobs/queue.ts";
import { createTestJob, idOf } from "./create-test-job.ts";
import { openPlace, type Place } from "./open-place.ts";
import { type Errand, type JobProcess, startProcess } from "./start-process.ts";

export const timings: Timings = {
  lockMs: 1_500,
  stalledEveryMs: 400,
  cancelEveryMs: 50,
  tellEveryMs: 200,
  tellLeaseMs: 1_000,
  drainDelayMs: 300,
};

interface Backend {
  /** Where the tests within this process work, one after the other; never closed by them. */
  open(): Promise<Jobs>;
  /** A new, empty place for a test that kills a process. */
  createPlace(): Promise<Place>;
}

/** What `Jobs` promises, whatever is behind it. */
export function describeJobs({ open, createPlace }: Backend): void {
  let place: Place | undefined;
  let opened: Jobs[];
  let consumers: Consumer[];
  let processes: JobProcess[];
  /** Jobs that earlier tests left behind are taken and forgotten. */
  let mine: Set<string>;

  beforeEach(() => {
    place = undefined;
    opened = [];
    consumers = [];
    processes = [];
    mine = new Set();
  });
  afterEach(async () => {
    await Promise.all(processes.map((child) => child.kill()));
    await Promise.all(consumers.map((consumer) => consumer.close({ graceMs: 0 })));
    await Promise.all(opened.map((jobs) => jobs.close()));
  });

  function newJob(): Job {
    const job = createTestJob();
    mine.add(job.id);
    return job;
  }

  /** What the next process of the installation sees after one was killed. */
  async function openKilled(): Promise<Jobs> {
    const jobs = await openPlace(place ?? (await createPlace()), timings);
    opened.push(jobs);
    return jobs;
  }

  /** Takes jobs of `queue`. What is not given does nothing. */
  async function consume(jobs: Jobs, options: Partial<ConsumerOptions> & { queue?: QueueName } = {}) {
    const { queue = "investigations", ...rest } = options;
    const ran: { id: string; attempt: number }[] = [];
    const told: string[] = [];
    const consumer = jobs.consumer(queue, {
      concurrency: 1,
      onInterrupted: async (job) => void told.push(idOf(job)),
      ...rest,
      async run(job, context) {
        if (!mine.has(idOf(job))) return;
        ran.push({ id: idOf(job), attempt: context.attempt });
        await rest.run?.(job, context);
      },
    });
    consumers.push(consumer);
    await consumer.ready();
    return { consumer, ran, told };
  }

  /** Starts a process that is killed in the test, and waits for what it reports. */
  async function runUntil(
    event: "queued" | "started" | "telling",
    errand: Omit<Errand, "place" | "timings">,
  ) {
    place ??= await createPlace();
    const child = startProcess({ place, timings, ...errand });
    processes.push(child);
    await expect
      .poll(() => child.reports.map((report) => report.event), { timeout: 30_000 })
      .toContain(event);
    return child;
  }

  describe("enqueue", () => {
    test("runs the jobs in the order in which they were enqueued", async () => {
      const jobs = await open();
      const list = Array.from({ length: 10 }, newJob);
      for (const job of list) await jobs.producer("investigations").enqueue(job);
      const { ran } = await consume(jobs);
      await expect.poll(() => ran.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
    });

    test("hands the job to the consumer as it was enqueued", async () => {
      const jobs = await open();
      const job = newJob();
      const seen: unknown[] = [];
      await consume(jobs, { run: async (data) => void seen.push(data) });
      await jobs.producer("investigations").enqueue(job);
      await expect.poll(() => seen).toEqual([job]);
    });

    test("keeps the queues apart", async () => {
      const jobs = await open();
      const job = newJob();
      await jobs.producer("lookups").enqueue(job);
      expect(await jobs.inspect("lookups", job.id)).toMatchObject({ state: "waiting" });
      expect(await jobs.inspect("investigations", job.id)).toBeUndefined();
    });

    test("is counted by the outlook while it waits and while it runs", async () => {
      const jobs = await open();
      const depth = async () => {
        const counted = await jobs.outlook.depths();
        if (counted.kind === "unavailable") throw new Error(counted.reason);
        return counted.depths.lookups;
      };
      const left = await depth();
      const job = newJob();
      await jobs.producer("lookups").enqueue(job);
      expect(await depth()).toEqual({ ...left, waiting: left.waiting + 1 });
      await consume(jobs, { queue: "lookups", run: (_, context) => untilAborted(context, []) });
      await expect.poll(depth, { timeout: 10_000 }).toEqual({ waiting: 0, active: 1 });
      await jobs.producer("lookups").cancel(job.id);
      await expect.poll(depth, { timeout: 10_000 }).toEqual({ waiting: 0, active: 0 });
    });

    test("the outlook reads what lies in the store, in the order asked for", async () => {
      const { store, outlook } = await open();
      await store.set("outlook:a", "1", { ttlMs: 60_000 });
      await store.set("outlook:b", "2", { ttlMs: 60_000 });
      expect(await outlook.read(["outlook:b", "outlook:none", "outlook:a"])).toEqual({
        kind: "read",
        values: ["2", undefined, "1"],
      });
    });

    test("the same job five times at once is queued five times and runs once", async () => {
      const jobs = await open();
      const { ran } = await consume(jobs, { concurrency: 5 });
      const job = newJob();
      const last = newJob();
      const producer = jobs.producer("investigations");
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => producer.enqueue(job)));
      expect(outcomes).toEqual(Array.from({ length: 5 }, () => ({ kind: "queued" })));
      await producer.enqueue(last);
      await expect.poll(() => ran.map(({ id }) => id)).toContain(last.id);
      expect(ran.filter(({ id }) => id === job.id)).toHaveLength(1);
    });

    test("a job delivered again after it has ended is queued and does not run again", async () => {
      const jobs = await open();
      const { ran } = await consume(jobs);
      const producer = jobs.producer("investigations");
      const job = newJob();
      await producer.enqueue(job);
      await expect.poll(() => jobs.inspect("investigations", job.id)).toMatchObject({ state: "completed" });
      const last = newJob();
      expect(await producer.enqueue(job)).toEqual({ kind: "queued" });
      await producer.enqueue(last);
      await expect.poll(() => ran.map(({ id }) => id)).toEqual([job.id, last.id]);
    });

    test("jobs that wait survive a kill -9 of the whole process", { timeout: 60_000 }, async () => {
      const list = Array.from({ length: 20 }, newJob);
      const child = await runUntil("queued", { queue: "investigations", enqueue: list, consume: false });
      await child.kill();
      const acknowledged = child.reports.map(({ jobId }) => jobId);
      const { ran } = await consume(await openKilled());
      await expect.poll(() => ran.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
    });
  });

  describe("run", () => {
    test("runs no more jobs at once than it was told to", async () => {
      const jobs = await open();
      const ends: (() => void)[] = [];
      const { consumer } = await consume(jobs, {
        concurrency: 2,
        run: () => new Promise((resolve) => ends.push(resolve)),
      });
      for (let i = 0; i < 4; i += 1) await jobs.producer("investigations").enqueue(newJob());
      await expect.poll(() => ends.length).toBe(2);
      expect(consumer.running()).toBe(2);
      for (const end of ends.splice(0)) end();
      await expect.poll(() => ends.length).toBe(2);
      expect(consumer.running()).toBe(2);
      for (const end of ends) end();
      await expect.poll(() => consumer.running()).toBe(0);
    });

    test("shows the newest progress while the job runs and afterwards", async () => {
      const jobs = await open();
      let end = () => {};
      await consume(jobs, {
        async run(_job, { progress }) {
          for (let step = 1; step < 20; step += 1) void progress({ step });
          await progress({ step: 20 });
          await new Promise<void>((resolve) => {
            end = resolve;
          });
        },
      });
      const job = newJob();
      await jobs.producer("investigations").enqueue(job);
      await expect
        .poll(() => jobs.inspect("investigations", job.id))
        .toEqual({ state: "active", progress: { step: 20 } });
      end();
      await expect
        .poll(() => jobs.inspect("investigations", job.id))
        .toEqual({ state: "completed", progress: { step: 20 } });
    });

    test.for<QueueName>(["investigations", "lookups"])(
      "a job of %s whose run rejects has failed, is not run again and was not interrupted",
      async (queue) => {
        const jobs = await open();
        const { ran, told } = await consume(jobs, {
          queue,
          async run() {
            throw new Error("no such tenant");
          },
        });
        const job = newJob();
        await jobs.producer(queue).enqueue(job);
        await expect.poll(() => jobs.inspect(queue, job.id)).toMatchObject({ state: "failed" });
        // Long enough for a look at the failed jobs, and for the job to be taken again.
        const next = newJob();
        await jobs.producer(queue).enqueue(next);
        await expect.poll(() => jobs.inspect(queue, next.id)).toMatchObject({ state: "failed" });
        await new Promise((resolve) => setTimeout(resolve, 2 * timings.tellEveryMs));
        expect(ran.map(({ id }) => id)).toEqual([job.id, next.id]);
        expect(told).toEqual([]);
      },
    );

    test("an unknown job cannot be inspected", async () => {
      expect(await (await open()).inspect("lookups", "ix-1")).toBeUndefined();
    });
  });

  describe("cancel", () => {
    test("a running job's signal is aborted with JobCancelled", async () => {
      const jobs = await open();
      const reasons: unknown[] = [];
      const { ran } = await consume(jobs, {
        run: (_job, context) => untilAborted(context, reasons),
      });
      const job = newJob();
      await jobs.producer("investigations").enqueue(job);
      await expect.poll(() => ran.length).toBe(1);
      expect(await jobs.producer("investigations").cancel(job.id)).toEqual({ kind: "queued" });
      await expect.poll(() => reasons).toEqual([expect.any(JobCancelled)]);
    });

    test("a waiting job is run with a signal that is already aborted", async () => {
      const jobs = await open();
      const job = newJob();
      const untouched = newJob();
      await jobs.producer("investigations").enqueue(job);
      await jobs.producer("investigations").enqueue(untouched);
      await jobs.producer("investigations").cancel(job.id);
      const reasons = new Map<string, unknown>();
      await consume(jobs, { run: async (data, { signal }) => void reasons.set(idOf(data), signal.reason) });
      await expect.poll(() => reasons.size).toBe(2);
      expect(reasons.get(job.id)).toBeInstanceOf(JobCancelled);
      expect(reasons.get(untouched.id)).toBeUndefined();
    });
  });

  describe("close", () => {
    test("waits for a job that ends within the grace period and takes no other", async () => {
      const jobs = await open();
      let end = () => {};
      const signals: AbortSignal[] = [];
      const { consumer, ran } = await consume(jobs, {
        run(_job, { signal }) {
          signals.push(signal);
          return new Promise((resolve) => {
            end = resolve;
          });
        },
      });
      const job = newJob();
      const other = newJob();
      await jobs.producer("investigations").enqueue(job);
      await jobs.producer("investigations").enqueue(other);
      await expect.poll(() => signals.length).toBe(1);
      const closed = consumer.close({ graceMs: 20_000 });
      end();
      await closed;
      expect(signals[0]?.aborted).toBe(false);
      expect(ran.map(({ id }) => id)).toEqual([job.id]);
      expect(await jobs.inspect("investigations", job.id)).toMatchObject({ state: "completed" });
      expect(await jobs.inspect("investigations", other.id)).toMatchObject({ state: "waiting" });
    });

    test("aborts with JobInterrupted what still runs after the grace period, and waits for its end", async () => {
      const jobs = await open();
      const reasons: unknown[] = [];
      const { consumer, ran } = await consume(jobs, {
        run: (_job, context) => untilAborted(context, reasons),
      });
      const job = newJob();
      await jobs.producer("investigations").enqueue(job);
      await expect.poll(() => ran.length).toBe(1);
      await consumer.close({ graceMs: 50 });
      expect(reasons).toEqual([expect.any(JobInterrupted)]);
      expect(consumer.running()).toBe(0);
      expect(await jobs.inspect("investigations", job.id)).toMatchObject({ state: "completed" });
    });

    test("an idle consumer closes without waiting for its grace period", async () => {
      const { consumer } = await consume(await open());
      const startedAt = performance.now();
      await consumer.close({ graceMs: 20_000 });
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    });
  });

  describe("a worker that dies", { timeout: 60_000 }, () => {
    test("leaves an investigation that is told once and never run again", async () => {
      const job = newJob();
      const child = await runUntil("started", { queue: "investigations", enqueue: [job], consume: true });
      await child.kill();
      const { ran, told } = await consume(await openKilled());
      await expect.poll(() => told, { timeout: 20_000 }).toEqual([job.id]);
      const [jobs] = opened;
      await expect.poll(() => jobs?.inspect("investigations", job.id)).toMatchObject({ state: "failed" });
      await new Promise((resolve) => setTimeout(resolve, 2 * timings.tellEveryMs));
      expect(told).toEqual([job.id]);
      expect(ran).toEqual([]);
    });

    test("leaves a lookup that is run again", async () => {
      const job = newJob();
      const child = await runUntil("started", { queue: "lookups", enqueue: [job], consume: true });
      await child.kill();
      const { ran, told } = await consume(await openKilled(), { queue: "lookups" });
      await expect.poll(() => ran, { timeout: 20_000 }).toEqual([{ id: job.id, attempt: 2 }]);
      expect(told).toEqual([]);
    });

    test("is told about although the process that found it died while telling", async () => {
      const job = newJob();
      const worker = await runUntil("started", { queue: "investigations", enqueue: [job], consume: true });
      await worker.kill();
      const finder = await runUntil("telling", { queue: "investigations", enqueue: [], consume: true });
      await finder.kill();
      const { told } = await consume(await openKilled());
      await expect.poll(() => told, { timeout: 20_000 }).toEqual([job.id]);
    });

    test("is told about again until the telling succeeds, even with every slot busy", async () => {
      const job = newJob();
      const busy = newJob();
      const child = await runUntil("started", {
        queue: "investigations",
        enqueue: [job, busy],
        consume: true,
      });
      await expect.poll(() => child.reports.filter(({ event }) => event === "queued")).toHaveLength(2);
      await child.kill();
      const onInterrupted = vi
        .fn(async (_job: unknown) => {})
        .mockRejectedValueOnce(new Error("Discord is away"));
      const { ran } = await consume(await openKilled(), {
        onInterrupted,
        run: (_job, context) => untilAborted(context, []),
      });
      await expect.poll(() => ran.map(({ id }) => id)).toEqual([busy.id]);
      await expect.poll(() => onInterrupted.mock.calls.length, { timeout: 20_000 }).toBe(2);
      expect(onInterrupted.mock.calls.map(([data]) => idOf(data))).toEqual([job.id, job.id]);
    });
  });
}

/** A run that ends when it is told to, and says why; told before it begins, at once. */
export function untilAborted({ signal }: JobContext, reasons: unknown[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      reasons.push(signal.reason);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
