import { countWorkers } from "../../../src/jobs/heartbeat.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Probe } from "../probe.ts";

/** The process that answers, and how many there are. */
export function workerProbe({
  release,
  store,
  startedAt,
  now = Date.now,
}: {
  release: string;
  store: Pick<Store, "keys">;
  startedAt: number;
  now?: () => number;
}): Probe {
  return {
    name: "Worker",
    adviceOnFailure: "Check Redis and REDIS_URL.",
    async look() {
      const workers = await countWorkers(store);
      const minutes = Math.floor((now() - startedAt) / 60_000);
      const up = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
      const figure = `release ${release}, up ${up}, ${workers} ${workers === 1 ? "worker" : "workers"} in all`;
      return { state: "ok", figure };
    },
  };
}
