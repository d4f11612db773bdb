import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type AuditRecord, Link, linkOf, NO_HASH, parseRecordLine } from "./record.ts";

/** A place between two records. */
export const Position = z.strictObject({
  /** Number of the file, from 1. */
  file: z.number().int().positive(),
  /** Bytes before it in that file. */
  offset: z.number().int().nonnegative(),
  /** Lines before it in that file. */
  line: z.number().int().nonnegative(),
  /** The record before it. Without one, and not at the start of file 1, whatever comes is believed to follow. */
  last: Link.exactOptional(),
});
export type Position = z.infer<typeof Position>;

export const CHAIN_START: Position = { file: 1, offset: 0, line: 0 };

export type ChainItem =
  | { kind: "record"; record: AuditRecord; after: Position }
  /** What follows `at` is not the record that should be there. Nothing comes after this. */
  | { kind: "invalid"; at: Position; problem: string };

/** Reads a chain in order, checking that each record is untouched and follows from the one before. */
export async function* readChain(
  folder: string,
  {
    from = CHAIN_START,
    throughSeq = Number.POSITIVE_INFINITY,
  }: { from?: Position; throughSeq?: number } = {},
): AsyncGenerator<ChainItem, void, undefined> {
  let at = from;
  const newest = (await chainFiles(folder)).at(-1) ?? 0;
  for (let file = from.file; file <= newest; file += 1) {
    if (file !== at.file) at = { ...at, file, offset: 0, line: 0 };
    const bytes = await readRest(join(folder, chainFileName(file)), at.offset);
    if (bytes === undefined) return yield { kind: "invalid", at, problem: "expected the file, found none" };

    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end === -1) {
        const problem = `expected a line feed, found the end after ${bytes.length - start} bytes`;
        return yield { kind: "invalid", at, problem };
      }
      const parsed = parseRecordLine(bytes.subarray(start, end));
      if (parsed.kind === "invalid") return yield { kind: "invalid", at, problem: parsed.problem };
      const { record } = parsed;
      const problem = follows(record, at);
      if (problem !== undefined) return yield { kind: "invalid", at, problem };
      if (record.seq > throughSeq) return;

      at = { file, offset: at.offset + end + 1 - start, line: at.line + 1, last: linkOf(record) };
      yield { kind: "record", record, after: at };
      start = end + 1;
    }
  }
}

const LINE_FEED = 0x0a;

/** What is wrong about `record` coming next, if anything. */
function follows(record: AuditRecord, { file, last }: Position): string | undefined {
  if (last === undefined && file > 1) return undefined;
  const seq = (last?.seq ?? 0) + 1;
  if (last !== undefined && record.chain !== last.chain) {
    return `expected a record of chain ${last.chain}, found one of ${record.chain}`;
  }
  if (record.seq !== seq) return `expected seq ${seq}, found seq ${record.seq}`;
  const prev = last?.hash ?? NO_HASH;
  if (record.prev !== prev) return `expected its prev hash to be ${prev}, found ${record.prev}`;
  return undefined;
}

export function chainFileName(file: number): string {
  return `audit-${file}.jsonl`;
}

/** The numbers of a chain's files, in order. */
export async function chainFiles(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const number = /^audit-([1-9]\d{0,8})\.jsonl$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    })
    .sort((a, b) => a - b);
}

/** @returns `undefined` if there is no such file. */
async function readRest(path: string, offset: number): Promise<Buffer | undefined> {
  try {
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, size - offset));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
