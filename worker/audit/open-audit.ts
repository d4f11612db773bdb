import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type Deliver, type Delivery, type DeliveryStatus, startDelivery } from "./deliver.ts";
import { openChains } from "./open-chains.ts";

export interface OpenAuditOptions {
  /** `DATA_DIR/audit`. */
  dir: string;
  /** None: records wait on the disk until there is one. */
  deliver: Deliver | undefined;
  log: Log;
  /** Exact secrets of this process. */
  secrets: readonly string[];
}

export interface AuditStatus {
  /** Records that the disk did not take, waiting in memory. More than 0 needs a person. */
  unwritten: number;
  /** No `delivery`: no ClaudeTools is configured. */
  delivery?: DeliveryStatus;
}

export interface OpenedAudit {
  audit: Audit;
  status(): AuditStatus;
  /** After the last act has ended. */
  close(): Promise<void>;
}

/**
 * The audit of this process: records go to a chain on the disk first, and from there to ClaudeTools.
 * @throws {AppError} `AUDIT_NOT_WRITTEN` if there is no disk to write to: a worker that cannot tell what it did does not start.
 */
export async function openAudit({ dir, deliver, log, secrets }: OpenAuditOptions): Promise<OpenedAudit> {
  const chains = await openChains(dir, { log }).catch((cause) => {
    throw new AppError(
      "AUDIT_NOT_WRITTEN",
      `Expected to be able to write audit records to ${dir} (${coerceError(cause).message}). See that DATA_DIR names a ` +
        "folder that this user may write to, on a disk with room.",
      { cause },
    );
  });
  const deliveries: Delivery[] =
    deliver === undefined
      ? []
      : [...chains.others, chains.own].map((chain) => startDelivery({ chain, deliver, log }));
  if (deliver === undefined)
    log.warn({}, "audit records stay on this machine: CLAUDETOOLS_API_KEY is not set");

  return {
    audit: createAudit({ chain: chains.own, log, secrets }),
    status() {
      const all = deliveries.map((delivery) => delivery.status());
      const failing = all.find((one) => one.failing !== undefined)?.failing;
      const delivery = {
        waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
        ...(failing ? { failing } : {}),
      };
      return { unwritten: chains.own.kept(), ...(deliver === undefined ? {} : { delivery }) };
    },
    async close() {
      await Promise.all(deliveries.map((delivery) => delivery.close()));
      await chains.close();
    },
  };
}
