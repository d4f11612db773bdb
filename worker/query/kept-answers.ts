import * as z from "zod";
import { Method } from "../../src/claudetools/catalogue.ts";
import type { Store } from "../../src/store/store.ts";
import type { JsonValue } from "../claudetools/json-value.ts";

const Json: z.ZodType<JsonValue> = z.json();

/** Where a list goes on: the names of the API's own parameters, and how many rows it gives at once. */
const Paging = z.object({ skip: z.string(), limit: z.string(), rows: z.number().int().positive() });
export type Paging = z.infer<typeof Paging>;

/** An answer as it was shown: redacted, so nothing in the store is more than what people have seen. */
const KeptAnswer = z.object({
  requesterId: z.string(),
  /** The message is the requester's alone, and so is the answer. */
  ephemeral: z.boolean(),
  method: Method,
  /** Path and query. */
  target: z.string(),
  /** Who may see it, by the route policy. */
  level: z.enum(["tech", "admin"]),
  body: Json,
  /** Of the whole list, the row that `body` begins with; from 0, after what the caller skipped. */
  first: z.number().int().nonnegative(),
  /** What the caller skipped. */
  skipped: z.number().int().nonnegative(),
  /** `undefined`: the answer is all that can be had. */
  paging: Paging.exactOptional(),
  secrets: z.number().int(),
  caveat: z.string().exactOptional(),
});
export type KeptAnswer = z.infer<typeof KeptAnswer>;

export interface KeptAnswers {
  /** `too-large`: it is not kept, so there are no pages and no file. */
  keep(queryId: string, answer: KeptAnswer): Promise<"kept" | "too-large">;
  read(queryId: string): Promise<KeptAnswer | undefined>;
}

/** As long as somebody pages through a list, and not longer: it is data of customers. */
const KEPT_MS = 60 * 60_000;
/** Of JSON. The store is the queue's, and must not run full of answers. */
const MAX_LENGTH = 1_000_000;

export function createKeptAnswers(store: Pick<Store, "get" | "set">): KeptAnswers {
  return {
    async keep(queryId, answer) {
      const text = JSON.stringify(answer);
      if (text.length > MAX_LENGTH) return "too-large";
      await store.set(`query:${queryId}`, text, { ttlMs: KEPT_MS });
      return "kept";
    },
    async read(queryId) {
      const text = await store.get(`query:${queryId}`);
      return text === undefined ? undefined : KeptAnswer.safeParse(JSON.parse(text)).data;
    },
  };
}
