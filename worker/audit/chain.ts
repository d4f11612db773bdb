import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { canonicalJson, sha256 } from "./canonical-json.ts";
import { type ChainProblem, HEAD_FILE, inspectChain } from "./inspect-chain.ts";
import { CHAIN_START, chainFileName, chainFiles, type Position } from "./read-chain.ts";
import { type AuditRecord, type Entry, type Link, linkOf, renderRecordLine, sealRecord } from "./record.ts";
import { replaceFile, syncFolder } from "./replace-file.ts";

/** A file as long as this is followed by the next one. About 8,000 records. */
const ROTATE_AT_BYTES = 8 * 1024 * 1024;
/** So many entries wait in memory for the disk to come back. */
const MAX_KEPT = 1_000;

/** The only writer of one chain. */
export interface Chain {
  readonly folder: string;
  /** The last record that is on the disk for good. */
  head(): Link | undefined;
  /**
   * Resolves when the record is on the disk for good; several that wait share one fsync.
   * @param kept - After a failure the entry is written with the next one that can be; without it, it is forgotten.
   * @throws {AppError} `AUDIT_NOT_WRITTEN`
   */
  append(entry: Entry, options?: { kept?: boolean }): Promise<void>;
  /** How many entries wait in memory for a disk that can be written to. */
  kept(): number;
  /** Resolves when there is a record after `seq`; rejects when `signal` is aborted. */
  beyond(seq: number, signal: AbortSignal): Promise<void>;
  /** Writes what waits, then closes the file. */
  close(): Promise<void>;
}

export interface ChainOptions {
  log: Log;
  now?: () => number;
  rotateAtBytes?: number;
}

export type OpenedChain = { kind: "open"; chain: Chain } | { kind: "broken"; problem: ChainProblem };

interface Waiting {
  entry: Entry;
  time: string;
  kept: boolean;
  /** The disk did not take it, once at least. */
  hasFailed: boolean;
  resolve(): void;
  reject(error: AppError): void;
}

/**
 * Opens a chain to write to it; the caller sees to it that nobody else does. What a crash left behind the last record is
 * set aside in a file of its own, and the chain says so. Only the last two files are checked, so that opening
 * takes no longer with the years; `npm run audit -- verify` checks them all.
 */
export async function openChain(
  folder: string,
  { log, now = Date.now, rotateAtBytes = ROTATE_AT_BYTES }: ChainOptions,
): Promise<OpenedChain> {
  const files = await chainFiles(folder);
  const from: Position = { ...CHAIN_START, file: files.at(-2) ?? 1 };
  const state = await inspectChain(folder, { from });
  if (state.kind === "broken") return state;

  let last = state.end.last;
  let file = files.at(-1) ?? 1;
  if (state.unfinished !== undefined) await setAside(folder, state.end);
  let handle = await openFile(folder, file);
  let sizeBytes = (await handle.stat()).size;
  const id = last?.chain ?? randomUUID();

  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  /** A failed write may have left bytes behind `sizeBytes`. */
  let isDirty = false;
  const listeners = new Set<() => void>();

  const chain: Chain = {
    folder,
    head: () => last,
    // Not what is being written now: that is no trouble.
    kept: () => waiting.filter(({ hasFailed }) => hasFailed).length,
    append(entry, { kept = false } = {}) {
      return new Promise((resolve, reject) => {
        waiting.push({ entry, kept, hasFailed: false, time: new Date(now()).toISOString(), resolve, reject });
        writing ??= writeAll();
      });
    },
    beyond(seq, signal) {
      return new Promise((resolve, reject) => {
        const settle = () => {
          if (!signal.aborted && (last?.seq ?? 0) <= seq) return;
          listeners.delete(settle);
          signal.removeEventListener("abort", settle);
          if (signal.aborted) reject(signal.reason);
          else resolve();
        };
        listeners.add(settle);
        signal.addEventListener("abort", settle);
        settle();
      });
    },
    async close() {
      await writing;
      if (waiting.length > 0) await writeAll();
      if (waiting.length > 0) log.error({ records: waiting.length }, "audit records are lost: never written");
      await handle.close();
    },
  };
  await confessTornEnd(chain);
  return { kind: "open", chain };

  async function writeAll(): Promise<void> {
    // A turn later, so that what is asked for together is written together.
    await Promise.resolve();
    let batch: Waiting[] = [];
    do {
      batch = [...waiting];
      try {
        await write(batch);
        waiting = waiting.slice(batch.length);
        for (const { resolve } of batch) resolve();
      } catch (thrown) {
        const error = notWritten(thrown);
        const newer = waiting.slice(batch.length);
        const kept = batch.filter((one) => one.kept).map((one) => ({ ...one, hasFailed: true }));
        if (kept.length > MAX_KEPT)
          log.error({ records: kept.length - MAX_KEPT }, "audit records are lost: too many wait");
        waiting = [...kept.slice(0, MAX_KEPT), ...newer];
        for (const { reject } of batch) reject(error);
        if (newer.length === 0) break;
      }
    } while (waiting.length > 0);
    writing = undefined;
  }

  /** All of `batch`, or none of it. */
  async function write(batch: readonly Waiting[]): Promise<void> {
    await cleanUp();
    await refuseForeignChange();
    if (sizeBytes >= rotateAtBytes) await rotate();

    const records: AuditRecord[] = [];
    for (const { entry, time } of batch) {
      const newest = records.at(-1);
      records.push(sealRecord(entry, { chain: id, previous: newest ? linkOf(newest) : last, time }));
    }
    const bytes = Buffer.from(records.map((record) => `${renderRecordLine(record)}\n`).join(""));
    isDirty = true;
    await writeAt(handle, bytes, sizeBytes);
    await handle.datasync();
    isDirty = false;
    sizeBytes += bytes.length;

    const newest = records.at(-1);
    if (newest) last = linkOf(newest);
    await replaceFile(join(folder, HEAD_FILE), canonicalJson(last)).catch((thrown) => {
      // The records are safe; only a cut at the end would not be noticed until the next one.
      log.warn({ err: coerceError(thrown) }, "audit head not written");
    });
    for (const listener of [...listeners]) listener();
  }

  async function cleanUp(): Promise<void> {
    if (!isDirty) return;
    await handle.truncate(sizeBytes);
    await handle.datasync();
    isDirty = false;
  }

  /** Somebody who edits or replaces the file while it is open must not have their work continued. */
  async function refuseForeignChange(): Promise<void> {
    const [mine, there] = await Promise.all([handle.stat(), stat(join(folder, chainFileName(file)))]);
    if (there.ino === mine.ino && there.size === sizeBytes) return;
    throw new Error(`${chainFileName(file)} was changed by another program: expected ${sizeBytes} bytes.`);
  }

  async function rotate(): Promise<void> {
    const next = await openFile(folder, file + 1);
    await handle.close();
    handle = next;
    file += 1;
    sizeBytes = 0;
  }
}

async function openFile(folder: string, file: number): Promise<FileHandle> {
  // Not in append mode: Windows would not let us cut off what a failed write left.
  const handle = await open(join(folder, chainFileName(file)), constants.O_RDWR | constants.O_CREAT, 0o600);
  await syncFolder(folder);
  return handle;
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** The copy is on the disk before the end is cut off, and has one name however often a crash makes us begin again. */
async function setAside(folder: string, { file, offset, last }: Position): Promise<void> {
  const path = join(folder, chainFileName(file));
  const torn = (await readFile(path)).subarray(offset);
  await replaceFile(join(folder, `${tornAfter(last)}${sha256(torn).slice(0, 12)}.bin`), torn);
  const handle = await open(path, "r+");
  try {
    await handle.truncate(offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tornAfter(last: Link | undefined): string {
  return `torn-after-${last?.seq ?? 0}-`;
}

/** Also when the process that set it aside died before it could say so. */
async function confessTornEnd(chain: Chain): Promise<void> {
  const { folder } = chain;
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(tornAfter(chain.head())) && name.endsWith(".bin"),
  );
  if (names.length === 0) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      return { name, sizeBytes: bytes.length, sha256: sha256(bytes) };
    }),
  );
  await chain.append({ kind: "torn-end", files });
}

function notWritten(thrown: unknown): AppError {
  return new AppError(
    "AUDIT_NOT_WRITTEN",
    "Expected to put this on record in the bot's audit log, which cannot be written to, so it was not done. Whoever runs " +
      "the bot: see that the disk of DATA_DIR has room and can be written to; the worker's log says what went wrong.",
    { cause: thrown },
  );
}
