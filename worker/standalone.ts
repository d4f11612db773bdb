import { openJobs } from "../src/jobs/open.ts";
import { runProgram } from "../src/run-program.ts";
import { startWebhook } from "../src/webhook.ts";
import { startWorker } from "./worker.ts";

// Webhook and worker in one process, with the embedded queue where no Redis is configured.
await runProgram("standalone", async ({ config, environment, log, secrets }) => {
  const jobs = await openJobs(config, { log });
  const worker = await startWorker({ config, environment, jobs, log, secrets });
  const webhook = await startWebhook({ config, jobs, log });
  return {
    async close() {
      await webhook.close();
      await worker.close();
      await jobs.close();
    },
  };
});
