import { readConfig } from "../../src/config.ts";
import { openJobs } from "../../src/jobs/open.ts";
import { createLog } from "../../src/pino-log.ts";
import { startWebhook } from "../../src/webhook.ts";

// The real webhook with its real log, without a worker: jobs stay in the queue.
const config = readConfig("webhook", process.env);
const log = createLog({ level: "info", secrets: [] });
const webhook = await startWebhook({ config, jobs: await openJobs(config, { log }), log });
process.send?.(webhook.url);

// The bench that started it is gone.
process.on("disconnect", () => process.exit());
