import { CheckError } from "./check-error.ts";
import type { RunClock } from "./run-clock.ts";

/** How far back the checks look. */
export interface Window {
  /** As OData writes a time. */
  since: string;
  /** Why the window may not be what it seems. */
  note?: CheckError;
}

/** Entra itself allows a skew of five minutes. */
const MAX_SKEW_MS = 5 * 60_000;

/** By Microsoft's clock: by one that is wrong, the window would begin too early or too late. */
export function windowOf(clock: RunClock, days: number): Window {
  const since = new Date(clock.serverNow() - days * 86_400_000).toISOString();
  const aheadMs = clock.now() - clock.serverNow();
  if (Math.abs(aheadMs) < MAX_SKEW_MS) return { since };
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  const direction = aheadMs > 0 ? "ahead of" : "behind";
  const reason = `This machine's clock is ${minutes} minutes ${direction} Microsoft's, whose time was used for the window.`;
  const howToFix = "Set the clock of the machine that the bot runs on, and let it be synchronised.";
  return { since, note: new CheckError("CLOCK_SKEW", reason, { status: "error", howToFix }) };
}
