import { z } from "zod";
import { Method } from "../../src/claudetools/catalogue.ts";
import type { PreparedCall } from "./prepare-call.ts";

/** A call as it goes over the wire, byte for byte. Not redacted: it is for the store and for the API, and nobody sees it. */
export const ExactCall = z.object({
  method: Method,
  /** Path and query. */
  target: z.string(),
  /** JSON. */
  body: z.string().exactOptional(),
});
export type ExactCall = z.infer<typeof ExactCall>;

export function exactCall({ method, url, body }: Pick<PreparedCall, "method" | "url" | "body">): ExactCall {
  const target = url.pathname + url.search;
  return { method, target, ...(body !== undefined && { body: JSON.stringify(body.json) }) };
}

export function isSameCall(one: ExactCall, other: ExactCall): boolean {
  return one.method === other.method && one.target === other.target && one.body === other.body;
}
