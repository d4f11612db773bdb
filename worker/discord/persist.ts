import { setTimeout as wait } from "node:timers/promises";
import type { Attempt } from "./api.ts";

export interface Persistence {
  /** After "Unknown Webhook": the deferral may still be on its way to Discord. Bounded, see below. */
  unknownWebhookMs: readonly number[];
  /** After no answer or a 5xx. */
  unreachableMs: readonly number[];
  /** When to stop beginning anew, whatever the reason: a report must not wait for ever to be kept or said elsewhere. */
  patienceMs: number;
}

// Repeated 404s lead to a temporary restriction, so there is an end to them.
// https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
export const PERSISTENCE: Persistence = {
  unknownWebhookMs: [300, 600, 1_200, 2_400, 5_000],
  unreachableMs: [500, 1_000, 2_000, 4_000, 8_000],
  patienceMs: 90_000,
};

export interface PersistOptions extends Omit<Persistence, "patienceMs"> {
  /** The end of the patience, in `performance.now()`. */
  until: number;
  /** Whether doing it twice is the same as doing it once. If not, it ends where it may have happened. */
  idempotent: boolean;
  signal?: AbortSignal | undefined;
}

/** Repeats a request while that can help. */
export async function persist(
  request: () => Promise<Attempt>,
  { unknownWebhookMs, unreachableMs, until, idempotent, signal }: PersistOptions,
): Promise<Attempt> {
  const waits = { "unknown-webhook": [...unknownWebhookMs], unreachable: [...unreachableMs] };
  let perhapsDone = false;

  for (;;) {
    const attempt = await request();
    if (attempt.kind === "unreachable") {
      perhapsDone ||= attempt.perhapsDone;
      if (perhapsDone && !idempotent) return attempt;
    }

    let waitMs: number | undefined;
    if (attempt.kind === "unknown-webhook" || attempt.kind === "unreachable")
      waitMs = waits[attempt.kind].shift();
    // At least a little, so that a limit without a length doesn't become a loop without a pause.
    if (attempt.kind === "rate-limited") waitMs = Math.max(attempt.retryAfterMs, 50);
    if (waitMs === undefined || performance.now() + waitMs > until) {
      return attempt.kind === "unreachable" ? { ...attempt, perhapsDone } : attempt;
    }
    await wait(waitMs, undefined, { signal });
  }
}
