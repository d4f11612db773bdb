import { readConfig } from "../../src/config.ts";
import { startHeartbeat } from "../../src/jobs/heartbeat.ts";
import { openJobs } from "../../src/jobs/open.ts";
import { createLog } from "../../src/pino-log.ts";
import { startWebhook } from "../../src/webhook.ts";

// The real webhook with its real log, without a worker: jobs stay in the queue.
const config = readConfig("webhook", process.env);
const log = createLog({ level: "info", secrets: [] });
const jobs = await openJobs(config, { log });
// To the callers there is a worker: without one they get a message in place of the deferral.
await startHeartbeat({
  store: jobs.store,
  processId: "bench",
  onError: (thrown) => log.error({ err: thrown }, "no heartbeat"),
});
const webhook = await startWebhook({ config, jobs, log });
process.send?.(webhook.url);

// The bench that started it is gone.
process.on("disconnect", () => process.exit());
