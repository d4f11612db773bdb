import { type Collected, collectPages, eachPage, type PagesEnd } from "./collect-pages.ts";
import { fetchJson, type JsonAnswer } from "./fetch-json.ts";
import { graphProblem } from "./graph-problem.ts";
import type { Limit } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";

interface GraphCall {
  limit: Limit;
  /** The least application permission that the call needs, for the sentence when it is missing. */
  permission: string;
  /** The licence of the tenant that the call needs, for the sentence when it is missing. */
  licence?: string;
}

/** Reads Microsoft Graph. All methods throw `CheckError`, never anything that `fetch` throws. */
export interface GraphClient {
  /** @param path - With version and query, every part encoded. */
  get: (path: string, call: GraphCall) => Promise<unknown>;
  /** As `get`; `undefined` if Graph has no such thing. */
  find: (path: string, call: GraphCall) => Promise<unknown>;
  /** As `collect`, for what is too much to be held: each page is handed over and forgotten. */
  eachPage: (
    path: string,
    call: GraphCall & { maxPages?: number },
    take: (rows: unknown[]) => void,
  ) => Promise<PagesEnd>;
  /** @throws {CheckError} only if not even the first page came; later failures are in `problem`. */
  collect: (path: string, call: GraphCall & { maxPages?: number }) => Promise<Collected>;
}

/** Licensed tenants get this error now and then, so it must come three times. microsoft-graph-docs-contrib#3033 */
const PREMIUM_RETRIES = 2;

interface GraphClientOptions {
  origin: string;
  accessToken: string;
  clock: RunClock;
}

/**
 * A client over plain `fetch`. Microsoft's own (`@microsoft/microsoft-graph-client` 3.0) takes any host of a nextLink
 * apart and calls it, does not send its token over http to a stand-in, and waits for retries where no signal reaches.
 */
export function createGraphClient({ origin, accessToken, clock }: GraphClientOptions): GraphClient {
  async function answer(url: URL, { limit, ...needs }: GraphCall): Promise<JsonAnswer> {
    for (let premiumRetries = 0; ; premiumRetries++) {
      const given = await fetchJson(url, {
        clock,
        limit,
        service: GRAPH,
        headers: {
          authorization: `Bearer ${accessToken}`,
          // Without it, a value that is newer than the API's first version comes as "unknownFutureValue".
          // https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
          prefer: "include-unknown-enum-members",
        },
      });
      if (given.status === 404 || (given.status >= 200 && given.status < 300)) return given;
      const problem = graphProblem({ ...given, ...needs });
      const again = problem.code === "GRAPH_NOT_PREMIUM" && premiumRetries < PREMIUM_RETRIES;
      if (!again || !(await clock.pause(1000))) throw problem;
    }
  }

  async function request(url: URL, call: GraphCall): Promise<unknown> {
    const given = await answer(url, call);
    if (given.status === 404) throw graphProblem({ ...given, permission: call.permission });
    return given.body;
  }

  const pagesOf = ({ maxPages, ...call }: GraphCall & { maxPages?: number }) => ({
    service: GRAPH,
    request: (url: URL) => request(url, call),
    ...(maxPages === undefined ? {} : { maxPages }),
  });

  return {
    get: (path, call) => request(new URL(path, origin), call),
    async find(path, call) {
      const { status, body } = await answer(new URL(path, origin), call);
      return status === 404 ? undefined : body;
    },
    eachPage: (path, call, take) => eachPage(new URL(path, origin), pagesOf(call), take),
    collect: (path, call) => collectPages(new URL(path, origin), pagesOf(call)),
  };
}

const GRAPH = "Microsoft Graph";

/**
 * A value as one segment of a path. Also encodes `'`, which `encodeURIComponent` leaves; `#` of a guest's sign-in
 * name would otherwise begin the fragment and cut the path short.
 */
export function segment(value: string): string {
  return encodeURIComponent(value).replaceAll("'", "%27");
}

/** A string literal of `$filter`. @see https://learn.microsoft.com/graph/query-parameters#escaping-single-quotes */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
