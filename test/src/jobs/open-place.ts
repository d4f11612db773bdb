import type { Timings } from "../../../src/jobs/consume-queue.ts";
import { createEmbeddedJobs } from "../../../src/jobs/embedded.ts";
import type { Jobs } from "../../../src/jobs/queue.ts";
import { createRedisJobs } from "../../../src/jobs/redis.ts";
import { collectLog } from "../../log.ts";

/** Where the jobs are; both kinds can be opened by this process and by the test. */
export type Place = { kind: "redis"; url: string; prefix: string } | { kind: "embedded"; dataDir: string };

export async function openPlace(place: Place, timings: Timings): Promise<Jobs> {
  const { log } = collectLog();
  if (place.kind === "redis") return createRedisJobs({ ...place, log, timings });
  return createEmbeddedJobs({ ...place, log, timings });
}
