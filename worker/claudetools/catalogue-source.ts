import { CATALOGUE_KEY, type Catalogue, readCatalogue } from "../../src/claudetools/catalogue.ts";
import type { AppError } from "../../src/errors.ts";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import type { ApiAnswer, ClaudeToolsClient } from "./client.ts";
import { parseOpenApi } from "./parse-openapi.ts";

/** `stale`: the API could not confirm it just now, `problem` says why. */
export type CatalogueState =
  | { kind: "current"; catalogue: Catalogue }
  | { kind: "stale"; catalogue: Catalogue; problem: AppError }
  | { kind: "none"; problem: AppError };

export interface CatalogueSource {
  /** The catalogue as of the last few minutes, or the newest copy there is. Throws only what `signal` says. */
  current(signal: AbortSignal): Promise<CatalogueState>;
}

interface CatalogueSourceOptions {
  client: ClaudeToolsClient;
  store: Pick<Store, "get" | "set">;
  log: Log;
  now?: () => number;
  /** How long a confirmed catalogue is taken as current. Default: five minutes. */
  freshMs?: number;
  /** How long after a failure the API is left alone. Default: half a minute. */
  pauseMs?: number;
}

/** Where FastAPI serves it: by default, and below a prefix. https://fastapi.tiangolo.com/tutorial/metadata/#openapi-url */
const DOCUMENT_PATHS = ["/openapi.json", "/api/openapi.json"];
/** Kept this long without the API: a holiday, and some. */
const KEPT_MS = 30 * 86_400_000;

/** The catalogue, from the API's OpenAPI document; a copy lies in the store, for when the API is down and for the webhook. */
export function createCatalogueSource({
  client,
  store,
  log,
  now = Date.now,
  freshMs = 5 * 60_000,
  pauseMs = 30_000,
}: CatalogueSourceOptions): CatalogueSource {
  let last: { state: CatalogueState; askAgainAtMs: number } | undefined;

  async function refresh(signal: AbortSignal): Promise<CatalogueState> {
    const kept = last?.state.kind === "none" || last === undefined ? await readKept() : last.state.catalogue;
    const answer = await readDocument(kept, signal);
    if (answer.kind === "failed") return withoutAnswer(kept, answer.problem);

    if (answer.kind === "not-modified" && kept !== undefined) {
      return keep({ ...kept, confirmedAtMs: now() });
    }
    const parsed = parseOpenApi(answer.kind === "answered" ? answer.body : undefined);
    if (parsed.kind === "unusable") return withoutAnswer(kept, parsed.problem);

    const { openapi, title, apiVersion, endpoints, skipped } = parsed;
    if (skipped.length > 0)
      log.warn({ skipped: skipped.slice(0, 20) }, "parts of the OpenAPI document are broken");
    const etag = answer.kind === "answered" && answer.etag !== undefined ? { etag: answer.etag } : {};
    const { documentPath } = answer;
    return keep({ openapi, title, apiVersion, documentPath, ...etag, confirmedAtMs: now(), endpoints });
  }

  async function readKept(): Promise<Catalogue | undefined> {
    return readCatalogue(store).catch((thrown: unknown) => {
      log.warn({ err: coerceError(thrown) }, "the store gave no catalogue");
      return undefined;
    });
  }

  /** The first path that has a document; the second is asked only where the first has none. */
  async function readDocument(
    kept: Catalogue | undefined,
    signal: AbortSignal,
  ): Promise<ApiAnswer & { documentPath: string }> {
    const paths = kept === undefined ? DOCUMENT_PATHS : [...new Set([kept.documentPath, ...DOCUMENT_PATHS])];
    const [first = "", ...others] = paths;
    let answer = { ...(await read(first)), documentPath: first };
    for (const documentPath of others) {
      if (answer.kind !== "failed" || answer.status === undefined || answer.status >= 500) return answer;
      const next = await read(documentPath);
      if (next.kind !== "failed") answer = { ...next, documentPath };
    }
    return answer;

    function read(documentPath: string): Promise<ApiAnswer> {
      return client.request({
        method: "GET",
        url: new URL(documentPath, client.origin),
        requestedBy: "system:catalogue",
        // Not for a copy of another process: it may be of a release with another route policy, and 304 would keep it.
        etag: last !== undefined && documentPath === kept?.documentPath ? kept.etag : undefined,
        signal,
      });
    }
  }

  async function keep(catalogue: Catalogue): Promise<CatalogueState> {
    await store.set(CATALOGUE_KEY, JSON.stringify(catalogue), { ttlMs: KEPT_MS }).catch((thrown: unknown) => {
      log.warn({ err: coerceError(thrown) }, "the store did not take the catalogue");
    });
    return { kind: "current", catalogue };
  }

  function withoutAnswer(kept: Catalogue | undefined, problem: AppError): CatalogueState {
    log.warn({ code: problem.code, kept: kept !== undefined }, "no new catalogue of ClaudeTools");
    return kept === undefined ? { kind: "none", problem } : { kind: "stale", catalogue: kept, problem };
  }

  return {
    async current(signal) {
      if (last !== undefined && now() < last.askAgainAtMs) return last.state;
      const state = await refresh(signal);
      last = { state, askAgainAtMs: now() + (state.kind === "current" ? freshMs : pauseMs) };
      return state;
    },
  };
}
