import type { Probe } from "../probe.ts";
import type { RecentJobs } from "../recent-jobs.ts";

/** What runs in this process, and how the last jobs of all ended. */
export function jobsProbe({
  running,
  recent,
  now = Date.now,
}: {
  running: () => number;
  recent: Pick<RecentJobs, "list">;
  now?: () => number;
}): Probe {
  return {
    name: "Jobs",
    adviceOnFailure: "Check Redis and REDIS_URL.",
    async look() {
      const jobs = await recent.list();
      const last = jobs.map(({ kind, outcome, durationMs, endedAt }) => {
        return `${kind} ${outcome} in ${(durationMs / 1000).toFixed(1)} s, ${ageOf(now() - endedAt)} ago`;
      });
      const ended = last.length === 0 ? "none has ended in a day" : `last: ${last.join("; ")}`;
      return { state: "ok", figure: `${running()} running here, this one included; ${ended}` };
    },
  };
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
