import { join } from "node:path";
import type { Log } from "../log.ts";
import { createEmbeddedJobs } from "./embedded.ts";
import type { Jobs } from "./queue.ts";
import { createRedisJobs } from "./redis.ts";

/** Redis when there is one, otherwise a database of this process alone in the data folder. */
export async function openJobs(
  { REDIS_URL: url, DATA_DIR: dataDir }: { REDIS_URL?: string | undefined; DATA_DIR: string },
  { log }: { log: Log },
): Promise<Jobs> {
  if (url !== undefined) return createRedisJobs({ url, log });
  return createEmbeddedJobs({ dataDir: join(dataDir, "queue"), log });
}
