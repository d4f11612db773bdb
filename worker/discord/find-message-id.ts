import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { OpenOriginal } from "./open-original.ts";
import { PERSISTENCE, persist } from "./persist.ts";

const WITHIN_MS = 5_000;

/**
 * The id of the message that answers an interaction, or `undefined` if Discord does not say it in time: a conversation without
 * it still has its answer, but neither memory nor a Reply button.
 */
export function createFindMessageId({ openOriginal, log }: { openOriginal: OpenOriginal; log: Log }) {
  return async function findMessageId(
    interaction: Origin,
    { signal }: { signal: AbortSignal },
  ): Promise<string | undefined> {
    // Of a job that was taken at once, the deferral may still be on its way to Discord.
    const original = await persist(() => openOriginal(interaction, { log }).read({ signal }), {
      ...PERSISTENCE,
      ...{ until: performance.now() + WITHIN_MS, idempotent: true, signal },
    });
    return original.kind === "sent" ? original.messageId : undefined;
  };
}
