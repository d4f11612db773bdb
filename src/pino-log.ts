import { mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import pino from "pino";
import { AppError, coerceError } from "./errors.ts";
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
 * What is waiting is written when the process ends; a kill loses at most these milliseconds. While nothing can be
 * written, 16 MiB wait, and what comes after them is lost.
 */
const GATHERED = {
  sync: false,
  minLength: 8 * 1024,
  maxLength: 16 * 1024 * 1024,
  periodicFlush: 20,
} as const;

/**
 * One JSON line per event on stdout. Redaction works on the finished line, by pattern: error objects carry tokens
 * inside URLs, where no list of keys reaches.
 * @throws {AppError} `CONFIG_INVALID` if the file cannot be opened.
 */
export function createLog({ level, file, secrets }: LogOptions): Log {
  const onBroken = (stream: string) => (err: Error) =>
    log.error({ err }, `log cannot be written to ${stream}`);
  const stdout = openStream(1, onBroken("stdout"));
  const log = pino(
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
          { level, stream: openStream(openFile(file), onBroken("LOG_FILE")) },
        ]),
  );
  return log;
}

/** At once and not when the first lines leave, so that a wrong path is told at the start and an early crash is in it. */
function openFile(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, "a");
  } catch (cause) {
    throw new AppError(
      "CONFIG_INVALID",
      `Expected LOG_FILE to be a file that can be written, but it cannot be opened (${coerceError(cause).message}). Correct it, or leave it out to log to stdout alone.`,
      { cause },
    );
  }
}

/**
 * A full disk costs lines and not the process: what waits is tried again until there is room.
 * @param onBroken - Called once for each time that writing begins to fail.
 */
function openStream(fd: number, onBroken: (error: Error) => void) {
  const stream = pino.destination({ ...GATHERED, dest: fd });
  let isBroken = false;
  stream.on("error", (error) => {
    if (isBroken) return;
    isBroken = true;
    onBroken(error);
  });
  stream.on("write", () => {
    isBroken = false;
  });
  // The last flush repeats a write that fails until it succeeds, and the process would never end.
  process.prependListener("exit", () => {
    if (isBroken) stream.destroy();
  });
  return stream;
}
