import { AppError, coerceError } from "../../src/errors.ts";
import { redact } from "../../src/redact.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";

/**
 * What `/status` says of one thing that the bot depends on. `off` is what nobody configured: no fault.
 * `advice` says what to do, where there is something to do.
 */
export interface Condition {
  state: "ok" | "warning" | "down" | "off";
  /** A figure or a short sentence, without a full stop: "12 GiB free", "answered in 80 ms". */
  figure: string;
  advice?: string;
}

export interface Probe {
  name: string;
  /** May reject: that is then the condition, and `advice` the probe's own. */
  look(signal: AbortSignal): Promise<Condition>;
  adviceOnFailure: string;
}

/** How long one probe may take. Discord's users read the answer while something is on fire. */
const WITHIN_MS = 4_000;

/** Never rejects, and settles in time whatever the probe does. */
export async function probe(
  { look, adviceOnFailure }: Probe,
  { signal, withinMs = WITHIN_MS }: { signal: AbortSignal; withinMs?: number },
): Promise<Condition> {
  const timeout = timeoutSignal(withinMs);
  const either = AbortSignal.any([signal, timeout]);
  try {
    return await Promise.race([look(either), aborted(either)]);
  } catch (thrown) {
    const figure = timeout.aborted ? `no answer within ${withinMs / 1000} s` : causeOf(coerceError(thrown));
    return { state: "down", figure, advice: adviceOnFailure };
  }
}

/** The system's own sentences name files and addresses of this machine, so of those only the code. */
function causeOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code !== undefined && !(error instanceof AppError)) return `failed with ${code}`;
  return redact(error.message).replace(/\.$/, "").slice(0, 200);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(coerceError(signal.reason));
    signal.addEventListener("abort", () => reject(coerceError(signal.reason)), { once: true });
  });
}
