import { createEdgeOutlook, createEdgeProducer } from "../../src/jobs/edge.ts";
import { createTestJob } from "../src/jobs/create-test-job.ts";

/** Calls the edge producer as the webhook does: inside a request, and never outside. */
export default {
  async fetch(request: Request, { REDIS_URL: defaultUrl }: { REDIS_URL: string }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const url = searchParams.get("redis") ?? defaultUrl;
    const producer = createEdgeProducer({ url, queue: "lookups" });
    const job = createTestJob();
    switch (pathname) {
      case "/enqueue":
        return Response.json({ jobId: job.id, outcome: await producer.enqueue(job) });
      case "/enqueue-five-times":
        return Response.json({
          jobId: job.id,
          outcomes: await Promise.all(Array.from({ length: 5 }, () => producer.enqueue(job))),
        });
      case "/outlook": {
        const outlook = createEdgeOutlook({ url });
        return Response.json(await Promise.all([outlook.read(["a"]), outlook.depths()]));
      }
      case "/ready":
        return Response.json(await producer.isReady());
      default:
        return Response.json(await producer.cancel("ix-1"));
    }
  },
};
