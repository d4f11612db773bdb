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

/** What stands in the query by its names; what is named twice has several values. */
export function paramsOf({ target }: Pick<ExactCall, "target">): Record<string, string | string[]> {
  const { searchParams } = new URL(target, "http://api.invalid");
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const [value = "", ...more] = searchParams.getAll(name);
      return [name, more.length > 0 ? [value, ...more] : value];
    }),
  );
}

export function isSameCall(one: ExactCall, other: ExactCall): boolean {
  return one.method === other.method && one.target === other.target && one.body === other.body;
}
