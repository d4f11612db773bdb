import { createEdgeProducer } from "../../src/jobs/edge.ts";
import { createTestJob } from "../src/jobs/create-test-job.ts";

/** Calls the edge producer as the webhook does: inside a request, and never outside. */
export default {
  async fetch(request: Request, { REDIS_URL: defaultUrl }: { REDIS_URL: string }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const producer = createEdgeProducer({ url: searchParams.get("redis") ?? defaultUrl, queue: "lookups" });
    const job = createTestJob();
    switch (pathname) {
      case "/enqueue":
        return Response.json({ jobId: job.id, outcome: await producer.enqueue(job) });
      case "/enqueue-five-times":
        return Response.json({
          jobId: job.id,
          outcomes: await Promise.all(Array.from({ length: 5 }, () => producer.enqueue(job))),
        });
      case "/ready":
        return Response.json(await producer.isReady());
      default:
        return Response.json(await producer.cancel("ix-1"));
    }
  },
};
