import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Chain } from "./chain.ts";
import { CURSOR_FILE, readState } from "./inspect-chain.ts";
import { CHAIN_START, Position, readChain } from "./read-chain.ts";
import type { AuditRecord } from "./record.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Hands one record to whoever keeps them outside of this machine.
 * @param isRepeat - It may be there already, since an earlier try ended without an answer: ask before sending.
 * @throws What it throws is tried again, for as long as it takes.
 */
export type Deliver = (
  record: AuditRecord,
  options: { signal: AbortSignal; isRepeat: boolean },
) => Promise<"taken" | "already-there">;

export interface DeliveryOptions {
  chain: Pick<Chain, "folder" | "head" | "beyond">;
  deliver: Deliver;
  log: Log;
  now?: () => number;
  /** After a failure, doubled up to `capMs`. */
  backoff?: { firstMs: number; capMs: number };
  /** For one try. */
  tryWithinMs?: number;
}

export interface DeliveryStatus {
  /** Records that were not delivered yet. */
  waiting: number;
  /** Why not, if the last try failed. */
  failing?: { code: string; since: number };
}

export interface Delivery {
  status(): DeliveryStatus;
  /** Ends a try that is under way; the next process asks what came of it. */
  close(): Promise<void>;
}

/** How often a failure that lasts is an error in the log: a person must look, whoever's fault it is. */
const REMIND_EVERY_MS = 60 * 60_000;

/** The cursor is written once for so many records. After a crash the ones since are asked for, not sent again. */
const CURSOR_EVERY = 50;

/**
 * Delivers a chain in its order, each record once, for as long as it takes. A queue would add nothing: the chain is on the
 * disk already, and one reader with a cursor keeps the order over days of outage.
 */
export function startDelivery({
  chain,
  deliver,
  log,
  now = Date.now,
  backoff = { firstMs: 1_000, capMs: 60_000 },
  tryWithinMs = 30_000,
}: DeliveryOptions): Delivery {
  const closing = new AbortController();
  const { signal } = closing;
  const cursorPath = join(chain.folder, CURSOR_FILE);
  let at: Position = CHAIN_START;
  let savedSeq = 0;
  let failing: DeliveryStatus["failing"];
  let remindedAt = 0;
  // The process before this one may have died between an answer and the cursor.
  let isRepeat = true;

  const deliveredSeq = () => at.last?.seq ?? 0;
  const running = run().catch((thrown) => {
    if (!signal.aborted) log.error({ err: coerceError(thrown) }, "audit delivery ended");
  });

  async function run(): Promise<void> {
    at = await readCursor();
    savedSeq = deliveredSeq();
    try {
      for (let failures = 0; ; ) {
        await chain.beyond(deliveredSeq(), signal);
        const before = deliveredSeq();
        try {
          await deliverWhatIsThere();
          failures = 0;
        } catch (thrown) {
          signal.throwIfAborted();
          failures = deliveredSeq() > before ? 1 : failures + 1;
          isRepeat = true;
          report(thrown);
          await saveCursor();
          await wait(pauseMs(failures), undefined, { signal });
        }
      }
    } finally {
      await saveCursor();
    }
  }

  async function readCursor(): Promise<Position> {
    const cursor = await readState(cursorPath, Position);
    if (cursor !== "unreadable") return cursor ?? CHAIN_START;
    log.error({ file: cursorPath }, "audit cursor unreadable: asking for every record from the first");
    return CHAIN_START;
  }

  async function deliverWhatIsThere(): Promise<void> {
    // Taken before the file is read: what a failed write left behind it is not a record.
    const throughSeq = chain.head()?.seq ?? 0;
    for await (const item of readChain(chain.folder, { from: at, throughSeq })) {
      if (item.kind === "invalid") break;
      const tryEnds = AbortSignal.any([signal, timeoutSignal(tryWithinMs)]);
      // Records are taken in order, so behind the first one that was not there, none is.
      if ((await deliver(item.record, { signal: tryEnds, isRepeat })) === "taken") isRepeat = false;
      at = item.after;
      if (failing) log.info({ since: failing.since }, "audit records are delivered again");
      failing = undefined;
      if (deliveredSeq() - savedSeq >= CURSOR_EVERY) await saveCursor();
    }
    if (deliveredSeq() < throughSeq) {
      throw new AppError(
        "AUDIT_CHAIN_BROKEN",
        "Run `npm run audit -- verify` to see where the chain breaks.",
      );
    }
    await saveCursor();
  }

  function report(thrown: unknown): void {
    const error = coerceError(thrown);
    const code = error instanceof AppError ? error.code : error.name;
    const about = { code, seq: deliveredSeq() + 1, since: failing?.since ?? now() };
    if (failing === undefined) remindedAt = now();
    // An outage of days is a line an hour, not one for each try.
    if (failing?.code !== code)
      log.warn({ ...about, err: error }, "audit record not delivered: it is tried again");
    failing = { code, since: about.since };
    if (now() - remindedAt < REMIND_EVERY_MS) return;
    remindedAt = now();
    log.error({ ...about, waiting: status().waiting }, "audit records are still not delivered");
  }

  async function saveCursor(): Promise<void> {
    if (deliveredSeq() === savedSeq) return;
    try {
      await replaceFile(cursorPath, canonicalJson(at));
      savedSeq = deliveredSeq();
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, "audit cursor not written");
    }
  }

  /** The random half keeps several workers from coming back in step. */
  function pauseMs(failures: number): number {
    const ceiling = Math.min(backoff.capMs, backoff.firstMs * 2 ** (failures - 1));
    return ceiling / 2 + Math.random() * (ceiling / 2);
  }

  function status(): DeliveryStatus {
    const waiting = (chain.head()?.seq ?? 0) - deliveredSeq();
    return { waiting, ...(failing ? { failing } : {}) };
  }

  return {
    status,
    async close() {
      closing.abort();
      await running;
    },
  };
}
