import type { Log } from "../src/log.ts";

type Line = Record<string, unknown> & { level: string; message: string };

/** A log that a test can read. */
export function collectLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const create = (bound: object): Log => {
    const write = (level: string) => (fields: object, message: string) => {
      lines.push({ ...bound, ...fields, level, message });
    };
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      child: (fields) => create({ ...bound, ...fields }),
    };
  };
  return { log: create({}), lines };
}
