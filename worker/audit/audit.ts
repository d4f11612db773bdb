import { randomUUID } from "node:crypto";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type Act, describeAct } from "./act.ts";
import type { Chain } from "./chain.ts";
import type { Entry, Result } from "./record.ts";

export interface Ending {
  result: Result;
  /** `AppError.code` of a failure. */
  code?: string;
}

interface Attempt {
  /** Never rejects: the act is done, and a record that cannot be written now is written as soon as the disk allows. */
  outcome(ending: Ending): Promise<void>;
}

/** Who did what, put on record before it is done. */
export interface Audit {
  /**
   * Resolves once the attempt is on the disk. With a disk that cannot be written to, an act that only reads goes on
   * and the log says so loudly: looking for an intruder matters more than the record of having looked.
   * @throws {AppError} `AUDIT_NOT_WRITTEN` for an act that changes something. Then do not act.
   */
  attempt(act: Act): Promise<Attempt>;
  /** An act that was not allowed. Never rejects. */
  refused(act: Act, code: string): Promise<void>;
  /** The outcome of an attempt whose process has died. Never rejects. */
  interrupted(act: Act): Promise<void>;
}

export interface CreateAuditOptions {
  chain: Pick<Chain, "append">;
  log: Log;
  /** Exact secrets of this process, removed from every value. */
  secrets: readonly string[];
  now?: () => number;
}

/** @see `audited` for what most callers want. */
export function createAudit({ chain, log, secrets, now = Date.now }: CreateAuditOptions): Audit {
  async function append(entry: Entry): Promise<void> {
    await chain.append(entry, { kept: true }).catch((thrown) => {
      const { cause = thrown } = coerceError(thrown);
      log.error({ record: entry.kind, err: coerceError(cause) }, "audit record not written");
    });
  }

  return {
    async attempt(act) {
      const attemptId = randomUUID();
      const startedAt = now();
      const described = describeAct(act, secrets);
      const entry: Entry = { kind: "attempt", attemptId, act: described };
      if (act.effect === "change") await chain.append(entry);
      else await append(entry);
      return {
        async outcome({ result, code }) {
          const durationMs = Math.max(0, Math.round(now() - startedAt));
          const coded = code === undefined ? {} : { code: code.slice(0, 64) };
          await append({ kind: "outcome", attemptId, act: described, result, durationMs, ...coded });
        },
      };
    },
    refused: (act, code) =>
      append({ kind: "refusal", act: describeAct(act, secrets), code: code.slice(0, 64) }),
    interrupted: (act) => append({ kind: "outcome", act: describeAct(act, secrets), result: "INTERRUPTED" }),
  };
}
