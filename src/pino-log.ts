import pino from "pino";
import type { Log } from "./log.ts";
import { redact } from "./redact.ts";

export interface LogOptions {
  level: "debug" | "info" | "warn" | "error";
  /** Written beside stdout. */
  file?: string | undefined;
  /** This process's own tokens and keys, removed wherever they stand; read for each line, so more may be added. */
  secrets: Iterable<string>;
}

/**
 * One JSON line per event on stdout. Redaction works on the finished line, by pattern: error objects carry tokens
 * inside URLs, where no list of keys reaches.
 */
export function createLog({ level, file, secrets }: LogOptions): Log {
  const streams = [
    { level, stream: pino.destination({ dest: 1, sync: false }) },
    ...(file === undefined
      ? []
      : [{ level, stream: pino.destination({ dest: file, mkdir: true, sync: false }) }]),
  ];
  const log = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redact(line, [...secrets]) },
    },
    pino.multistream(streams),
  );
  return log;
}
