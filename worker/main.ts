import { AppError } from "../src/errors.ts";
import { createRedisJobs } from "../src/jobs/redis.ts";
import { runProgram } from "../src/run-program.ts";
import { startWorker } from "./worker.ts";

// The worker alone; the webhook is another process, so the queue has to be a Redis.
await runProgram("worker", async ({ config, environment, log, secrets }) => {
  if (config.REDIS_URL === undefined) {
    throw new AppError(
      "CONFIG_INVALID",
      "The worker alone needs REDIS_URL to reach the webhook. Set it in .env, or run `npm start` for both in one process.",
    );
  }
  const jobs = createRedisJobs({ url: config.REDIS_URL, log });
  const worker = await startWorker({ config, environment, jobs, log, secrets });
  return {
    async close() {
      await worker.close();
      await jobs.close();
    },
  };
});
