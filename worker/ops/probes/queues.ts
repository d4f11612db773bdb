import { type Outlook, queueNames } from "../../../src/jobs/queue.ts";
import type { Probe } from "../probe.ts";

/** How many jobs wait and run, in this process and in all others. */
export function queuesProbe(outlook: Outlook): Probe {
  return {
    name: "Queues",
    adviceOnFailure: "Check Redis and REDIS_URL.",
    async look() {
      const counted = await outlook.depths();
      if (counted.kind === "unavailable") {
        return { state: "down", figure: counted.reason, advice: "Check Redis and REDIS_URL." };
      }
      const figure = queueNames
        .map(
          (name) => `${name} ${counted.depths[name].waiting} waiting, ${counted.depths[name].active} running`,
        )
        .join("; ");
      return { state: "ok", figure };
    },
  };
}
