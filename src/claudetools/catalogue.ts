import * as z from "zod";
import type { Store } from "../store/store.ts";

/** What the bot may send; HEAD, OPTIONS and TRACE have no use here. */
export const Method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
export type Method = z.infer<typeof Method>;

/** JSON Schema 2020-12 in itself: no `$ref`, no texts for readers, no `pattern`. */
const Schema = z.record(z.string(), z.unknown());

const Parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  schema: Schema,
});

const Endpoint = z.object({
  method: Method,
  /** As the API's document has it, `/api/clients/{client_id}`, with its trailing slash if it has one. */
  path: z.string().startsWith("/"),
  summary: z.string(),
  tag: z.string().optional(),
  /** Who may call it, by the bot's own route policy; what nobody may call is not in the catalogue. */
  level: z.enum(["tech", "admin"]),
  parameters: z.array(Parameter),
  body: z.object({ required: z.boolean(), schema: Schema }).optional(),
});
export type Endpoint = z.infer<typeof Endpoint>;

const Catalogue = z.object({
  /** `openapi` of the document, for example 3.1.0. */
  openapi: z.string(),
  title: z.string(),
  apiVersion: z.string(),
  /** Where the document was found, `/openapi.json` or `/api/openapi.json`. */
  documentPath: z.string(),
  etag: z.string().optional(),
  /** When the API last confirmed it, in milliseconds since 1970. */
  confirmedAtMs: z.number(),
  endpoints: z.array(Endpoint),
});
export type Catalogue = z.infer<typeof Catalogue>;

/**
 * One value holds the whole catalogue (some 50 kB for a hundred endpoints): the worker writes it, and the webhook
 * reads it for autocompletion, which has three seconds and must not call the API.
 */
export const CATALOGUE_KEY = "claudetools:catalogue";

/** The catalogue as the worker last left it. `undefined`: none yet, or one that a release of another shape wrote. */
export async function readCatalogue(store: Pick<Store, "get">): Promise<Catalogue | undefined> {
  const text = await store.get(CATALOGUE_KEY);
  return text === undefined ? undefined : parseCatalogue(text);
}

export function parseCatalogue(text: string): Catalogue | undefined {
  try {
    return Catalogue.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
