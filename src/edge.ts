import { accessLists } from "./access.ts";
import { createApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { AppError, coerceError } from "./errors.ts";
import { createGuard, type Guard } from "./interactions/guard.ts";
import { createEdgeOutlook, createEdgeProducer } from "./jobs/edge.ts";
import type { Log } from "./log.ts";
import { redact } from "./redact.ts";

type Environment = Record<string, string | undefined>;

/**
 * The webhook on Cloudflare Workers: the same app as on Node. Only what holds no connection outlives a request: the
 * configuration and the imported keys. Workers hands over the variables with each request, and the same object while
 * the isolate lives.
 * @see https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/
 */
const prepared = new WeakMap<Environment, { config: Config<"webhook">; guard: Guard; redisUrl: string }>();

export default {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const log = createConsoleLog({});
    try {
      const { config, guard, redisUrl } = prepare(environment);
      const app = createApp({
        guard,
        access: accessLists(config),
        producer: (queue) => createEdgeProducer({ url: redisUrl, queue }),
        outlook: createEdgeOutlook({ url: redisUrl }),
        log,
      });
      return await app.fetch(request);
    } catch (thrown) {
      // Only a wrong configuration comes here, and Discord's own check of the endpoint should show it.
      log.error({ reason: coerceError(thrown).message }, "webhook is not configured");
      return new Response("The webhook is not configured.", { status: 503 });
    }
  },
};

function prepare(environment: Environment) {
  const known = prepared.get(environment);
  if (known) return known;
  const config = readConfig("webhook", environment);
  if (config.REDIS_URL === undefined) {
    throw new AppError(
      "CONFIG_INVALID",
      "Expected REDIS_URL, got nothing. Set it with `wrangler secret put`.",
    );
  }
  const guard = createGuard({ publicKeys: config.DISCORD_PUBLIC_KEY });
  const value = { config, guard, redisUrl: config.REDIS_URL };
  prepared.set(environment, value);
  return value;
}

function createConsoleLog(bound: object): Log {
  const write = (level: "debug" | "info" | "warn" | "error") => (fields: object, message: string) => {
    const line = { level, time: new Date().toISOString(), ...bound, ...fields, message };
    console[level](redact(JSON.stringify(line, errorsAsText)));
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => createConsoleLog({ ...bound, ...fields }),
  };
}

/** `JSON.stringify` shows an `Error` as `{}`. */
function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}\n${value.stack ?? ""}` : value;
}
