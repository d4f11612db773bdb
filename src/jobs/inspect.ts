import type { IQueueBackend, JobProgress } from "bullmq";
import type { JobState } from "./queue.ts";

/** `Jobs.inspect` over a BullMQ backend. */
export async function inspectJob(
  backend: Pick<IQueueBackend, "getJobData" | "getState">,
  jobId: string,
): Promise<JobState | undefined> {
  const state = toState(await backend.getState(jobId));
  const job = state && (await backend.getJobData(jobId));
  return job && state && { state, progress: toProgress(job.progress) };
}

function toState(state: Awaited<ReturnType<IQueueBackend["getState"]>>): JobState["state"] | undefined {
  switch (state) {
    case "active":
    case "completed":
    case "failed":
      return state;
    case "unknown":
      return undefined;
    default:
      return "waiting";
  }
}

/** BullMQ stores 0 until the first progress. */
function toProgress(progress: JobProgress): object | undefined {
  return typeof progress === "object" ? progress : undefined;
}
