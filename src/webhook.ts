import { accessLists } from "./access.ts";
import { createApp } from "./app.ts";
import { closeServer } from "./close-server.ts";
import type { Config } from "./config.ts";
import { createGuard } from "./interactions/guard.ts";
import type { Jobs, Producer, QueueName } from "./jobs/queue.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";

export interface Webhook {
  /** Where it listens, for instance `http://127.0.0.1:8787`. */
  url: string;
  close(): Promise<void>;
}

/** The webhook on Node: one producer for each queue, kept for the life of the process. */
export async function startWebhook({
  config,
  jobs,
  log,
}: {
  config: Config<"webhook">;
  jobs: Jobs;
  log: Log;
}): Promise<Webhook> {
  const producers: Record<QueueName, Producer> = {
    lookups: jobs.producer("lookups"),
    investigations: jobs.producer("investigations"),
  };
  const app = createApp({
    guard: createGuard({ publicKeys: config.DISCORD_PUBLIC_KEY }),
    access: accessLists(config),
    producer: (queue) => producers[queue],
    outlook: jobs.outlook,
    log,
  });

  const { server, address: bound } = await listen({
    fetch: app.fetch,
    hostname: config.HOST,
    port: config.PORT,
    settings: "HOST and PORT",
  });
  const { address, port } = bound;
  const url = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  log.info({ url }, "webhook listening");

  return {
    url,
    async close() {
      await closeServer(server);
      await Promise.all(Object.values(producers).map((producer) => producer.close()));
    },
  };
}
