import { z } from "zod";
import { CheckError } from "./check-error.ts";

/** How reading a collection ended. */
export interface PagesEnd {
  context: string | undefined;
  /** There was more, and it was not read. */
  truncated: boolean;
  /** Why reading ended early, after at least one page. */
  problem?: CheckError;
}

/** Pages of a collection, merged. Rows are as they came. */
export interface Collected extends PagesEnd {
  value: unknown[];
}

const CollectionPage = z.object({
  "@odata.context": z.string().optional(),
  "@odata.nextLink": z.string().optional(),
  value: z.array(z.unknown()),
});

interface CollectPagesOptions {
  /** For sentences: "Microsoft Graph". */
  service: string;
  request: (url: URL) => Promise<unknown>;
  /** Pages beyond these are not read. Default: 20. */
  maxPages?: number;
}

/**
 * Follows the links from page to page, each as it came, as long as they lead to the host of the first one. Pages are
 * handed to `take` one by one and forgotten, for what is too much to be held.
 * @throws {CheckError} only if not even the first page came; later failures are in `problem`.
 * @see https://learn.microsoft.com/graph/paging
 */
export async function eachPage(
  first: URL,
  { service, request, maxPages = 20 }: CollectPagesOptions,
  take: (rows: unknown[]) => void,
): Promise<PagesEnd> {
  const end: PagesEnd = { context: undefined, truncated: false };
  const seen = new Set<string>();
  let next = first;
  let taken = false;
  for (let pages = 1; ; pages++) {
    try {
      seen.add(next.href);
      const page = parsePage(await request(next), service);
      end.context ??= page["@odata.context"];
      take(page.value);
      taken = true;
      const link = page["@odata.nextLink"];
      if (link === undefined) return end;
      next = pinnedTo(first.origin, link, service);
      if (seen.has(next.href)) throw unexpected(`${service} named a page as its own next page.`);
    } catch (thrown) {
      if (!taken || !(thrown instanceof CheckError)) throw thrown;
      return { ...end, truncated: true, problem: thrown };
    }
    if (pages >= maxPages) return { ...end, truncated: true };
  }
}

/** As `eachPage`, with all rows together. */
export async function collectPages(first: URL, options: CollectPagesOptions): Promise<Collected> {
  const value: unknown[] = [];
  const end = await eachPage(first, options, (rows) => {
    for (const row of rows) value.push(row);
  });
  return { ...end, value };
}

function parsePage(body: unknown, service: string): z.output<typeof CollectionPage> {
  const page = CollectionPage.safeParse(body);
  if (page.success) return page.data;
  throw unexpected(`${service} gave an answer of an unknown shape where a list was expected.`);
}

/** The link as it came, if it leads back to where it is from: each request carries the token, and a link is data. */
function pinnedTo(origin: string, link: string, service: string): URL {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url && url.origin === origin && !url.username && !url.password) return url;
  throw new CheckError(
    "GRAPH_FOREIGN_LINK",
    `The link to the next page leads to another host than ${service}, so it was not followed.`,
    {
      status: "error",
      howToFix: "Somebody may be tampering with the connection: check proxies and DNS of this machine.",
    },
  );
}

export function unexpected(reason: string): CheckError {
  return new CheckError("GRAPH_UNEXPECTED", reason, {
    status: "error",
    howToFix: "Check GRAPH_BASE_URL and EXCHANGE_BASE_URL, and whether a proxy intercepts the connection.",
  });
}
