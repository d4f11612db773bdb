import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { CHAIN_START, chainFileName, chainFiles, Position, readChain } from "./read-chain.ts";
import { Link } from "./record.ts";

/** Names the last record that was acknowledged. The file alone does not show that its end was cut off. */
export const HEAD_FILE = "head.json";
/** How far the records were delivered. */
export const CURSOR_FILE = "delivered.json";

export type ChainState =
  /** `unfinished`: bytes after the last record, which nobody was told are on record. `end` is before them. */
  | { kind: "whole"; end: Position; records: number; unfinished: string | undefined }
  | { kind: "broken"; problem: ChainProblem };

/** `seq` is that of the record that should be at the place. */
export interface ChainProblem {
  file: string;
  /** From 1. */
  line: number;
  seq: number;
  problem: string;
}

/**
 * Is a chain what it was when it was written? Reads it all, unless told where to begin.
 * @param from - Later than the start: what comes before is not looked at.
 */
export async function inspectChain(
  folder: string,
  { from = CHAIN_START }: { from?: Position } = {},
): Promise<ChainState> {
  const head = await readState(join(folder, HEAD_FILE), Link);
  if (head === "unreadable") return broken(from, "expected the last record's hash, found junk", HEAD_FILE);
  const cursor = await readState(join(folder, CURSOR_FILE), Position);
  if (cursor === "unreadable") return broken(from, "expected a position, found junk", CURSOR_FILE);
  const witnesses = [
    { name: HEAD_FILE, link: head },
    { name: CURSOR_FILE, link: cursor?.last },
  ];

  let end = from;
  let records = 0;
  let invalid: string | undefined;
  for await (const item of readChain(folder, { from })) {
    if (item.kind === "invalid") {
      end = item.at;
      invalid = item.problem;
      break;
    }
    for (const { name, link } of witnesses) {
      if (link?.seq !== item.record.seq) continue;
      if (link.hash === item.record.hash && link.chain === item.record.chain) continue;
      return broken(end, `expected hash ${link.hash} (${name}), found ${item.record.hash}`);
    }
    end = item.after;
    records += 1;
  }

  const seq = end.last?.seq ?? 0;
  for (const { name, link } of witnesses) {
    if (link === undefined || link.seq <= seq) continue;
    return broken(end, invalid ?? `expected records up to seq ${link.seq} (${name}), found the end`);
  }
  // Written right after the first record, so it is missing only if the process died in between.
  if (head === undefined && seq > 1) return broken(end, `expected ${HEAD_FILE}, found none`);
  const newest = (await chainFiles(folder)).at(-1) ?? 1;
  if (invalid !== undefined && end.file !== newest) return broken(end, invalid);
  return { kind: "whole", end, records, unfinished: invalid };
}

function broken({ file, line, last }: Position, problem: string, name = chainFileName(file)): ChainState {
  return { kind: "broken", problem: { file: name, line: line + 1, seq: (last?.seq ?? 0) + 1, problem } };
}

export function renderProblem({ file, line, seq, problem }: ChainProblem): string {
  return `${file}, line ${line} (seq ${seq}): ${problem}`;
}

/** A small JSON file that is replaced as a whole. `undefined`: there is none. */
export async function readState<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined | "unreadable"> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? "unreadable";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) return "unreadable";
    throw error;
  }
}
