import { z } from "zod";
import { CheckError } from "./check-error.ts";
import { fetchJson } from "./fetch-json.ts";
import { graphProblem } from "./graph-problem.ts";
import type { Limit } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";

interface GraphCall {
  limit: Limit;
  /** The least application permission that the call needs, for the sentence when it is missing. */
  permission: string;
}

/** How reading a collection ended. */
export interface PagesEnd {
  context: string | undefined;
  /** There was more, and it was not read. */
  truncated: boolean;
  /** Why reading ended early, after at least one page. */
  problem?: CheckError;
}

/** Pages of a collection, merged. Rows are as Graph returned them. */
export interface Collected extends PagesEnd {
  value: unknown[];
}

/** Reads Microsoft Graph. All methods throw `CheckError`, never anything that `fetch` throws. */
export interface GraphClient {
  /** @param path - With version and query, every part encoded. */
  get: (path: string, call: GraphCall) => Promise<unknown>;
  /** As `collect`, for what is too much to be held: each page is handed over and forgotten. */
  eachPage: (
    path: string,
    call: GraphCall & { maxPages?: number },
    take: (rows: unknown[]) => void,
  ) => Promise<PagesEnd>;
  /** @throws {CheckError} only if not even the first page came; later failures are in `problem`. */
  collect: (path: string, call: GraphCall & { maxPages?: number }) => Promise<Collected>;
}

const CollectionPage = z.object({
  "@odata.context": z.string().optional(),
  "@odata.nextLink": z.string().optional(),
  value: z.array(z.unknown()),
});

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
 * @see https://learn.microsoft.com/graph/paging
 */
export function createGraphClient({ origin, accessToken, clock }: GraphClientOptions): GraphClient {
  async function request(url: URL, { limit, permission }: GraphCall): Promise<unknown> {
    for (let premiumRetries = 0; ; premiumRetries++) {
      const { status, body } = await fetchJson(url, {
        clock,
        limit,
        service: "Microsoft Graph",
        headers: { authorization: `Bearer ${accessToken}` },
      });
      if (status >= 200 && status < 300) return body;
      const problem = graphProblem({ status, body, permission });
      const again = problem.code === "GRAPH_NOT_PREMIUM" && premiumRetries < PREMIUM_RETRIES;
      if (!again || !(await clock.pause(1000))) throw problem;
    }
  }

  async function eachPage(
    path: string,
    { maxPages = 20, ...call }: GraphCall & { maxPages?: number },
    take: (rows: unknown[]) => void,
  ): Promise<PagesEnd> {
    const end: PagesEnd = { context: undefined, truncated: false };
    const seen = new Set<string>();
    let next = new URL(path, origin);
    let taken = false;
    for (let pages = 1; ; pages++) {
      try {
        seen.add(next.href);
        const page = parsePage(await request(next, call));
        end.context ??= page["@odata.context"];
        take(page.value);
        taken = true;
        const link = page["@odata.nextLink"];
        if (link === undefined) return end;
        next = pinnedTo(origin, link);
        if (seen.has(next.href)) throw unexpected("Microsoft Graph named a page as its own next page.");
      } catch (thrown) {
        if (!taken) throw thrown;
        if (!(thrown instanceof CheckError)) throw thrown;
        return { ...end, truncated: true, problem: thrown };
      }
      if (pages >= maxPages) return { ...end, truncated: true };
    }
  }

  async function collect(path: string, call: GraphCall & { maxPages?: number }): Promise<Collected> {
    const value: unknown[] = [];
    const end = await eachPage(path, call, (rows) => {
      for (const row of rows) value.push(row);
    });
    return { ...end, value };
  }

  return { get: (path, call) => request(new URL(path, origin), call), eachPage, collect };
}

function parsePage(body: unknown): z.output<typeof CollectionPage> {
  const page = CollectionPage.safeParse(body);
  if (page.success) return page.data;
  throw unexpected("Microsoft Graph gave an answer of an unknown shape where a list was expected.");
}

/** The link as it came, if it leads back to Graph: each request carries the token, and a link is data. */
function pinnedTo(origin: string, link: string): URL {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url && url.origin === origin && !url.username && !url.password) return url;
  throw new CheckError(
    "GRAPH_FOREIGN_LINK",
    "The link to the next page leads to another host than Microsoft Graph, so it was not followed.",
    {
      status: "error",
      howToFix: "Somebody may be tampering with the connection: check proxies and DNS of this machine.",
    },
  );
}

export function unexpected(reason: string): CheckError {
  return new CheckError("GRAPH_UNEXPECTED", reason, {
    status: "error",
    howToFix: "Check GRAPH_BASE_URL, and whether a proxy intercepts the connection.",
  });
}

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
