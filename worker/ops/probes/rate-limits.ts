import type { Discord } from "../../discord/api.ts";
import type { Probe } from "../probe.ts";

/** At 10,000 within ten minutes Discord blocks the machine. @see https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans */
const MANY_INVALID = 1_000;
const RECENTLY_MS = 10 * 60_000;

/** Whether Discord makes this process wait. */
export function rateLimitsProbe(
  discord: Pick<Discord, "rateLimits">,
  { now = Date.now }: { now?: () => number } = {},
): Probe {
  return {
    name: "Discord's limits",
    adviceOnFailure: "See the worker's log.",
    async look() {
      const { count, last, invalidRequests } = discord.rateLimits();
      const refused = invalidRequests > 0 ? `, ${invalidRequests} refused requests in ten minutes` : "";
      if (invalidRequests >= MANY_INVALID) {
        const advice = "Look in the worker's log for what Discord refuses: at 10,000 it blocks this machine.";
        return { state: "warning", figure: `${invalidRequests} refused requests in ten minutes`, advice };
      }
      if (last === undefined) return { state: "ok", figure: `none reached since the start${refused}` };
      const ago = Math.round((now() - last.at) / 1000);
      const figure = `${count} reached since the start, the last ${ago} s ago for ${last.waitMs} ms${refused}`;
      if (now() - last.at > RECENTLY_MS || !last.global) return { state: "ok", figure };
      return { state: "warning", figure, advice: "Answers come late; it passes by itself." };
    },
  };
}
