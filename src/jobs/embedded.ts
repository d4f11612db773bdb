import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { dataDir as prepopulatedImage } from "@electric-sql/pglite-prepopulatedfs";
import { createPostgresBackend, type PostgresQueueBackend, runMigrations, Worker } from "bullmq";
import { coerceError } from "../errors.ts";
import type { Log } from "../log.ts";
import { createEmbeddedStore } from "../store/embedded.ts";
import { consumeQueue, defaultTimings, type Timings } from "./consume-queue.ts";
import { ADD_WITHIN_MS, ANSWER_WITHIN_MS, addJob, settleWithin } from "./enqueue.ts";
import { lockFolder } from "./folder-lock.ts";
import { inspectJob } from "./inspect.ts";
import { cancelKey, KEY_TTL_MS } from "./keys.ts";
import { countAll, inSight } from "./outlook.ts";
import { createPglitePool, SCHEMA, startingBefore } from "./pglite-pool.ts";
import { crashPolicies, type EnqueueOutcome, type Jobs, type QueueDepth, type QueueName } from "./queue.ts";

interface EmbeddedJobsOptions {
  /** A folder of this process alone; created when missing. */
  dataDir: string;
  log: Log;
  timings?: Partial<Timings>;
}

/**
 * Queue and store in a database inside this process, on disk. What was acknowledged survives a kill of the process.
 * @throws {AppError} `DATA_DIR_IN_USE` if another process has the folder.
 */
export async function createEmbeddedJobs({ dataDir, log, timings }: EmbeddedJobsOptions): Promise<Jobs> {
  const unlock = lockFolder(dataDir);
  const db = await openDatabase(join(dataDir, "database")).catch((error) => {
    unlock();
    throw error;
  });
  const pool = createPglitePool(db);
  await runMigrations(await pool.connect(), SCHEMA);
  await pool.query(`SET search_path TO ${SCHEMA}`);
  // The folder is ours alone, so what runs by its account died with an earlier process. Marked like this the
  // first look at stalled jobs acts, and not the second one after the lock has expired: seconds instead of twenty.
  await pool.query("UPDATE job SET locked_until_ms = 0, stalled_marked = true WHERE state = 'active'");
  const store = await createEmbeddedStore({ query: pool.query });

  async function openBackend(queue: QueueName) {
    const backend = createPostgresBackend(queue, { connection: pool });
    backend.on("error", (error: Error) =>
      log.warn({ queue, error: error.message }, "embedded queue had an error"),
    );
    // Its first statements check the tables. Left to the first enqueue they would have that one's deadline, and a
    // backend whose check failed stays broken.
    await backend.waitUntilReady();
    return backend;
  }
  const backends: Record<QueueName, PostgresQueueBackend> = {
    lookups: await openBackend("lookups"),
    investigations: await openBackend("investigations"),
  };

  async function count(queue: QueueName): Promise<QueueDepth> {
    const [waiting = 0, active = 0] = await backends[queue].getCounts(["waiting", "active"]);
    return { waiting, active };
  }

  return {
    store,
    outlook: {
      read: (keys) => inSight(store.getMany(keys).then((values) => ({ kind: "read", values }))),
      depths: () => inSight(countAll(count)),
    },
    producer(queue) {
      return {
        enqueue(job) {
          // Judged in this process: the statement starts before the deadline or never.
          const added = startingBefore(performance.now() + ADD_WITHIN_MS, () =>
            addJob(backends[queue], job, Date.now()),
          );
          return answered(added);
        },
        async isReady() {
          return (await answered(pool.query("SELECT 1"))).kind === "queued";
        },
        cancel: (jobId) => answered(store.set(cancelKey(jobId), "1", { ttlMs: KEY_TTL_MS })),
        async close() {},
      };
    },
    consumer(queue, options) {
      return consumeQueue({
        ...options,
        queue,
        policy: crashPolicies[queue],
        backend: backends[queue],
        store,
        log,
        timings: { ...defaultTimings, ...timings },
        createWorker: (processor, workerOptions) =>
          new Worker(queue, processor, { ...workerOptions, connection: pool }, createPostgresBackend),
        disconnect() {},
      });
    },
    inspect: (queue, jobId) => inspectJob(backends[queue], jobId),
    async close() {
      await pool.end();
      await db.close();
      unlock();
    },
  };
}

/**
 * Opens the database, or lays it out from the image that PGlite publishes: `initdb` in WebAssembly takes six seconds of a
 * processor, the image one. A folder whose making was cut short holds nothing that anybody was promised.
 * @see https://pglite.dev/docs/api#main-constructor (`loadDataDir`)
 */
async function openDatabase(folder: string): Promise<PGlite> {
  const madeMark = `${folder}.made`;
  if (existsSync(madeMark)) return PGlite.create(folder, { startParams });
  rmSync(folder, { recursive: true, force: true });
  const db = await PGlite.create(folder, { startParams, loadDataDir: await prepopulatedImage() });
  writeFileSync(madeMark, "");
  return db;
}
// PostgreSQL's own 128 MB are written with zeros at every start, and all that we keep is smaller than this.
const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=8MB"];

/** Turns the end of a statement into an outcome, within the time that a producer has. */
function answered(statement: Promise<unknown>): Promise<EnqueueOutcome> {
  return settleWithin<EnqueueOutcome>(
    ANSWER_WITHIN_MS,
    statement.then(
      () => ({ kind: "queued" }),
      (error) => ({ kind: "unavailable", reason: coerceError(error).message }),
    ),
    () => ({ kind: "unavailable", reason: "no answer in time" }),
  );
}
