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
 * Lines of the same moment leave in one write, since each write on its own is a system call for every request.
 * What is waiting is written when the process ends; a kill loses at most these milliseconds.
 */
const GATHERED = { sync: false, minLength: 8 * 1024, periodicFlush: 20 } as const;

/**
 * One JSON line per event on stdout. Redaction works on the finished line, by pattern: error objects carry tokens
 * inside URLs, where no list of keys reaches.
 */
export function createLog({ level, file, secrets }: LogOptions): Log {
  const stdout = pino.destination({ ...GATHERED, dest: 1 });
  return pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redact(line, [...secrets]) },
    },
    file === undefined
      ? stdout
      : pino.multistream([
          { level, stream: stdout },
          { level, stream: pino.destination({ ...GATHERED, dest: file, mkdir: true }) },
        ]),
  );
}
