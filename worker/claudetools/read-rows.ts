import type { Endpoint } from "../../src/claudetools/catalogue.ts";
import type { ClaudeToolsClient } from "./client.ts";
import { concretePath, type FoundEndpoint } from "./find-endpoint.ts";
import { isRecord } from "./json-value.ts";

type Row = Record<string, unknown>;

/** `problem` is a code, for the log. */
type ReadRows = { kind: "read"; rows: Row[] } | { kind: "failed"; problem: string };

interface ReadRowsOptions {
  client: ClaudeToolsClient;
  /** `system:<part>` */
  requestedBy: string;
  signal: AbortSignal;
  /** Sent along where the endpoint knows a parameter of that name. */
  filters?: Readonly<Record<string, string>>;
}

const ROWS = 200;
/** 5,000 rows; an API that never ends is one that ignores what it is asked to skip. */
const MAX_PAGES = 25;

/** All rows of a list, a page after the other where its endpoint has `skip` and `limit`. Throws only what `signal` says. */
export async function readRows(
  found: FoundEndpoint,
  { client, requestedBy, signal, filters = {} }: ReadRowsOptions,
): Promise<ReadRows> {
  const { endpoint } = found;
  const canPage = ["skip", "limit"].every((name) => takes(endpoint, name));
  const rows: Row[] = [];
  for (let page = 0; page < (canPage ? MAX_PAGES : 1); page++) {
    const url = new URL(concretePath(found), client.origin);
    for (const [name, value] of Object.entries(filters)) {
      if (takes(endpoint, name)) url.searchParams.set(name, value);
    }
    if (canPage) url.searchParams.set("skip", String(rows.length));
    if (canPage) url.searchParams.set("limit", String(rowsAtOnce(endpoint)));
    const answer = await client.request({ method: "GET", url, requestedBy, signal });
    if (answer.kind !== "answered") {
      return { kind: "failed", problem: answer.kind === "failed" ? answer.problem.code : answer.kind };
    }
    const some = listOf(answer.body);
    rows.push(...some);
    if (some.length < rowsAtOnce(endpoint)) break;
  }
  return { kind: "read", rows };
}

function takes({ parameters }: Endpoint, name: string): boolean {
  return parameters.some((parameter) => parameter.in === "query" && parameter.name === name);
}

function rowsAtOnce({ parameters }: Endpoint): number {
  const { maximum } = parameters.find(({ name }) => name === "limit")?.schema ?? {};
  return typeof maximum === "number" ? Math.min(maximum, ROWS) : ROWS;
}

/** A list, or a page with a list under whatever name. */
function listOf(body: unknown): Row[] {
  const page = isRecord(body) ? Object.values(body) : [];
  const list = [body, ...page].find((value) => Array.isArray(value));
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
