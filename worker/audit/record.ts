import * as z from "zod";
import { RecordedAct } from "./act.ts";
import { canonicalJson, sha256 } from "./canonical-json.ts";

export const Result = z.enum(["SUCCESS", "FAILURE", "STOPPED", "INTERRUPTED", "EXPIRED"]);
export type Result = z.infer<typeof Result>;

const Code = z.string().max(64);

/** What a record says. */
export const Entry = z.discriminatedUnion("kind", [
  /** Written before the act. An attempt without an outcome is an act whose process died. */
  z.strictObject({ kind: z.literal("attempt"), attemptId: z.uuid(), act: RecordedAct }),
  /** No `attemptId`: the process that knew it has died, and another one tells. */
  z.strictObject({
    kind: z.literal("outcome"),
    attemptId: z.uuid().exactOptional(),
    act: RecordedAct,
    result: Result,
    /** `AppError.code`, or `UNEXPECTED`. */
    code: Code.exactOptional(),
    durationMs: z.number().int().nonnegative().exactOptional(),
  }),
  z.strictObject({ kind: z.literal("refusal"), act: RecordedAct, code: Code }),
  /** A process opened the chain. */
  z.strictObject({ kind: z.literal("opened"), host: z.string().max(255), pid: z.number().int() }),
  /** The end of the file was no record, as after a power loss; its bytes were set aside. */
  z.strictObject({
    kind: z.literal("torn-end"),
    files: z.array(z.strictObject({ name: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  }),
  /** Another chain of this machine is not whole, and is no longer written to. */
  z.strictObject({ kind: z.literal("broken-chain"), folder: z.string(), problem: z.string().max(500) }),
]);
export type Entry = z.infer<typeof Entry>;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Names one record: the chain, its number in it (from 1), and the hash over all that it says. */
export const Link = z.strictObject({ chain: z.uuid(), seq: z.number().int().positive(), hash: Hash });
export type Link = z.infer<typeof Link>;

/** Stands where the first record of a chain has the hash of its predecessor. */
export const NO_HASH = "0".repeat(64);

export const AuditRecord = Link.extend({
  v: z.literal(1),
  /** ISO 8601; when it happened, which is a little before it was written. */
  time: z.iso.datetime(),
  prev: Hash,
  // Not `Entry`: a chain outlives the release that began it.
  entry: z.looseObject({ kind: z.string() }),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** @param previous - No record: this is the first of its chain. */
export function sealRecord(
  entry: Entry,
  { chain, previous, time }: { chain: string; previous: Link | undefined; time: string },
): AuditRecord {
  const record = {
    v: 1 as const,
    chain,
    seq: (previous?.seq ?? 0) + 1,
    time,
    prev: previous?.hash ?? NO_HASH,
    entry,
  };
  return { ...record, hash: sha256(canonicalJson(record)) };
}

/** As it stands in the file, without the line feed. */
export const renderRecordLine = canonicalJson;

export type ParsedRecord = { kind: "record"; record: AuditRecord } | { kind: "invalid"; problem: string };

/** A line of the file, bytes and not text: decoding would make different bytes equal. */
export function parseRecordLine(bytes: Uint8Array): ParsedRecord {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const record = AuditRecord.parse(JSON.parse(text));
    const { hash, ...hashed } = record;
    const expected = sha256(canonicalJson(hashed));
    if (hash !== expected) return invalid(`expected its hash to be ${expected}, found ${hash}`);
    // Otherwise a space more or a key twice would go unseen.
    if (renderRecordLine(record) !== text)
      return invalid("expected canonical JSON, found another spelling of it");
    return { kind: "record", record };
  } catch {
    return invalid(`expected a record, found ${bytes.length} bytes that are none`);
  }
}

function invalid(problem: string): ParsedRecord {
  return { kind: "invalid", problem };
}

export function linkOf({ chain, seq, hash }: AuditRecord): Link {
  return { chain, seq, hash };
}
