import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEdgeProducer } from "../../../src/jobs/edge.ts";
import type { Jobs } from "../../../src/jobs/queue.ts";
import { createRedisJobs } from "../../../src/jobs/redis.ts";
import { collectLog } from "../../log.ts";
import { createRedisServer, type RedisServer, redisMissing } from "../../redis-server.ts";
import { createTestJob, idOf } from "./create-test-job.ts";
import { createProxy, type RedisProxy } from "./redis-proxy.ts";

// In workerd itself: test/edge. Here is what needs a server to be frozen at the right moment.
describe.skipIf(redisMissing)("the edge producer", () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  let jobs: Jobs;
  beforeEach(async () => {
    server = await createRedisServer();
    proxy = await createProxy(server.port);
    jobs = createRedisJobs({ url: server.url, log: collectLog().log });
  });
  afterEach(async () => {
    server.thaw();
    await jobs.close();
    proxy.close();
    await server.stop();
  });

  test("enqueues what a consumer then runs", async () => {
    const job = createTestJob();
    expect(await createEdgeProducer({ url: proxy.url, queue: "lookups" }).enqueue(job)).toEqual({
      kind: "queued",
    });
    const ran: string[] = [];
    const consumer = jobs.consumer("lookups", {
      concurrency: 1,
      run: async (data) => void ran.push(idOf(data)),
      onInterrupted: async () => {},
    });
    await expect.poll(() => ran, { timeout: 5_000 }).toEqual([job.id]);
    await consumer.close({ graceMs: 0 });
  });

  test("leaves no connection behind", async () => {
    const producer = createEdgeProducer({ url: proxy.url, queue: "lookups" });
    await producer.enqueue(createTestJob());
    await producer.isReady();
    await producer.cancel("ix-1");
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  test("a job that lay in the socket of a frozen Redis is refused when it thaws", async () => {
    const job = createTestJob();
    let sent = false;
    proxy.onCommand = (command) => {
      if (sent || !command.includes("eval")) return;
      server.freeze();
      sent = true;
    };
    const producer = createEdgeProducer({ url: proxy.url, queue: "lookups" });
    expect(await producer.enqueue(job)).toMatchObject({ kind: "unavailable" });
    expect(sent).toBe(true);
    server.thaw();
    // The server has read the old connection to its end once a later one was answered.
    await expect.poll(() => producer.enqueue(createTestJob())).toEqual({ kind: "queued" });
    expect(await jobs.inspect("lookups", job.id)).toBeUndefined();
  });
});
