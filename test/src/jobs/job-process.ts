import { idOf } from "./create-test-job.ts";
import { openPlace } from "./open-place.ts";
import type { Errand, Report } from "./start-process.ts";

// A process of an installation, started by start-process.ts.
process.on("message", async ({ place, timings, queue, enqueue, consume }: Errand) => {
  const report = (message: Report) => process.send?.(message);
  const jobs = await openPlace(place, timings);
  const producer = jobs.producer(queue);
  for (const job of enqueue) {
    const { kind } = await producer.enqueue(job);
    if (kind === "queued") report({ event: "queued", jobId: job.id });
  }
  if (!consume) return;
  jobs.consumer(queue, {
    concurrency: 1,
    run(job, { attempt }) {
      report({ event: "started", jobId: idOf(job), attempt });
      return new Promise(() => {});
    },
    onInterrupted(job) {
      report({ event: "telling", jobId: idOf(job) });
      return new Promise(() => {});
    },
  });
});
