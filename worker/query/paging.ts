import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import { findEndpoint } from "../claudetools/find-endpoint.ts";
import type { Paging } from "./kept-answers.ts";

/** FastAPI's own tutorial pages with `skip` and `limit`; `offset` is the other word for the first. */
const SKIP_NAMES = ["skip", "offset"];
const LIMIT_NAME = "limit";

/**
 * How the rest of a list can be asked for, and what was skipped already. Whoever gave a limit wanted just so many.
 * @param target - Path and query of the call that was answered.
 */
export function pagingOf(
  target: string,
  { catalogue, rows }: { catalogue: Catalogue | undefined; rows: number },
): { paging: Paging | undefined; skipped: number } {
  const { pathname, searchParams } = new URL(target, "http://api.invalid");
  const found = catalogue && findEndpoint(catalogue, { method: "GET", path: pathname });
  const names =
    found?.endpoint.parameters.filter((each) => each.in === "query").map(({ name }) => name) ?? [];
  const skip = SKIP_NAMES.find((name) => names.includes(name));
  const skipped = Number(skip === undefined ? 0 : (searchParams.get(skip) ?? 0));
  const canGoOn = skip !== undefined && names.includes(LIMIT_NAME) && !searchParams.has(LIMIT_NAME);
  // What was redacted in it can't be asked for again.
  if (!canGoOn || rows === 0 || target.includes("redacted")) return { paging: undefined, skipped };
  const atOnce = found?.endpoint.parameters.find(({ name }) => name === LIMIT_NAME)?.schema.default;
  const isTold = typeof atOnce === "number" && Number.isInteger(atOnce) && atOnce > 0;
  return { paging: { skip, limit: LIMIT_NAME, rows: isTold ? atOnce : rows }, skipped };
}

/** The target that gives the rows from `first` on. */
export function targetFrom(
  target: string,
  first: number,
  { paging, skipped }: { paging: Paging; skipped: number },
) {
  const url = new URL(target, "http://api.invalid");
  url.searchParams.set(paging.skip, String(skipped + first));
  url.searchParams.set(paging.limit, String(paging.rows));
  return url.pathname + url.search;
}
