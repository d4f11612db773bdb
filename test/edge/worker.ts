import edge from "../../src/edge.ts";
import producerWorker from "./producer-worker.ts";

type Environment = Record<string, string>;

// Workers hands over the same object with every request of an isolate, and so does this.
const environments = new Map<string, Environment>();

/** The webhook as it is deployed, with the variables that a test puts into a header; without them, the producer alone. */
export default {
  fetch(request: Request, bindings: { REDIS_URL: string }): Promise<Response> {
    const text = request.headers.get("x-environment");
    if (text === null) return producerWorker.fetch(request, bindings);
    const environment: Environment = environments.get(text) ?? JSON.parse(text);
    environments.set(text, environment);
    return edge.fetch(request, environment);
  },
};
