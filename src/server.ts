import { AppError } from "./errors.ts";
import { createRedisJobs } from "./jobs/redis.ts";
import { runProgram } from "./run-program.ts";
import { startWebhook } from "./webhook.ts";

// The webhook alone; workers are other processes, so the queue has to be a Redis.
await runProgram("webhook", async ({ config, log }) => {
  if (config.REDIS_URL === undefined) {
    throw new AppError(
      "CONFIG_INVALID",
      "The webhook alone needs REDIS_URL to reach the workers. Set it in .env, or run `npm start` for both in one process.",
    );
  }
  const jobs = createRedisJobs({ url: config.REDIS_URL, log });
  const webhook = await startWebhook({ config, jobs, log });
  return {
    async close() {
      await webhook.close();
      await jobs.close();
    },
  };
});
