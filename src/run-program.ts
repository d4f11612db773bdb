import { existsSync } from "node:fs";
import { type Config, type Program, readConfig } from "./config.ts";
import { AppError, coerceError } from "./errors.ts";
import type { Log } from "./log.ts";
import { createLog } from "./pino-log.ts";
import { redact } from "./redact.ts";

/** Exit codes a service manager can act on: 78 (EX_CONFIG) must not be started again before someone corrected it. */
const EXIT = { stopped: 0, crashed: 1, misconfigured: 78 };

interface Running {
  close(): Promise<void>;
}

interface ProgramContext<P extends Program> {
  config: Config<P>;
  environment: NodeJS.ProcessEnv;
  log: Log;
  /** What the log removes from its lines. Whoever learns of another secret adds it. */
  secrets: Set<string>;
}

/**
 * The life of a process: `.env`, configuration, log, start, and an orderly end on SIGINT or SIGTERM (Ctrl-C is what a
 * Windows service manager sends). A second signal ends it at once.
 */
export async function runProgram<P extends Exclude<Program, "register" | "audit">>(
  program: P,
  start: (context: ProgramContext<P>) => Promise<Running>,
): Promise<void> {
  try {
    if (existsSync(".env")) process.loadEnvFile(".env");
    const config = readConfig(program, process.env);
    const secrets = new Set(secretsOf(process.env));
    const log = createLog({ level: config.LOG_LEVEL, file: config.LOG_FILE, secrets });
    // Node itself would print the error as it is, and one of Discord's holds the interaction's token in its URL.
    process.on("uncaughtException", (error) => {
      log.error({ err: coerceError(error) }, "crashed");
      process.exit(EXIT.crashed);
    });
    const running = await start({ config, environment: process.env, log, secrets });

    let signalled = false;
    const stop = (signal: string) => {
      if (signalled) process.exit(EXIT.crashed);
      signalled = true;
      log.info({ signal }, "stopping");
      running.close().then(
        () => process.exit(EXIT.stopped),
        (thrown) => {
          log.error({ err: coerceError(thrown) }, "did not stop cleanly");
          process.exit(EXIT.crashed);
        },
      );
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  } catch (thrown) {
    const error = coerceError(thrown);
    const isOurs = error instanceof AppError;
    const text = (isOurs ? error.userMessage : error.stack) ?? error.message;
    process.stderr.write(`${redact(text, secretsOf(process.env))}\n`);
    process.exit(isOurs && error.code === "CONFIG_INVALID" ? EXIT.misconfigured : EXIT.crashed);
  }
}

/** Values that must never stand in a log line or on record, wherever they come from. */
export function secretsOf(environment: NodeJS.ProcessEnv): string[] {
  const secret = /(TOKEN|SECRET|KEY|PASSWORD)$/;
  return Object.entries(environment).flatMap(([name, value]) =>
    value && secret.test(name) && name !== "DISCORD_PUBLIC_KEY" ? [value] : [],
  );
}
