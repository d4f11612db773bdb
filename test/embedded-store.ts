import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { createEmbeddedJobs } from "../src/jobs/embedded.ts";
import type { Jobs } from "../src/jobs/queue.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";

/** The embedded queue and store in a folder of the test file's own, from before its first test to after its last. */
export function useEmbeddedJobs(): () => Jobs {
  let jobs: Jobs | undefined;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "embedded-"));
    await layOutQueue(dataDir);
    jobs = await createEmbeddedJobs({ dataDir, log: collectLog().log });
  });
  afterAll(async () => {
    await jobs?.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return () => {
    if (jobs === undefined) throw new Error("Use it in a test, not beside one.");
    return jobs;
  };
}
