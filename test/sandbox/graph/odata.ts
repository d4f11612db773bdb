import { type Answer, graphError } from "./answer.ts";

type Row = Record<string, unknown>;

/** The query options that a route honours. Everything else is refused, because silence would hide a client's mistake. */
export interface Supported {
  /** Exchange adds `id` to whatever was selected, the directory adds nothing. */
  select?: "exact" | "with id";
  top?: { max: number };
  /** Page size without `$top`, if it is not the sandbox's. */
  defaultPage?: number;
  /** Held against "path operator", such as "userId eq", "id in" or "targetResources/any id eq". */
  filters?: RegExp;
  /** Names of properties that rows may be ordered by. */
  orderby?: RegExp;
  flags?: string[];
}

export function badRequest(message: string): Answer {
  return graphError(400, "BadRequest", message);
}

/** Why these query options are not accepted here, or `undefined`. */
export function refuseQuery(query: URLSearchParams, supported: Supported): Answer | undefined {
  for (const [name, value] of query) {
    if (name === "$skiptoken") continue;
    if (name === "$select" && supported.select) continue;
    if (supported.flags?.includes(name)) continue;
    if (name === "$top" && supported.top) {
      const top = Number(value);
      if (Number.isInteger(top) && top >= 1 && top <= supported.top.max) continue;
      return badRequest(
        `Invalid page size specified: '${value}'. Must be between 1 and ${supported.top.max} inclusive.`,
      );
    }
    if (name === "$filter" && supported.filters) continue;
    if (name === "$orderby" && supported.orderby?.test(value.replace(/ (asc|desc)$/, ""))) {
      // https://learn.microsoft.com/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query
      const filter = query.get("$filter");
      if (filter === null || filter.startsWith(value.split(" ")[0] ?? "")) continue;
      return graphError(
        400,
        "InefficientFilter",
        "The restriction or sort order is too complex for this operation.",
      );
    }
    return badRequest(`Query option '${name}' is not supported.`);
  }
  return undefined;
}

/** The selected properties of a row; all of them without `$select`. */
export function select(row: Row, names: string | null, mode: Supported["select"]): Row {
  if (names === null) return row;
  const wanted = new Set(names.split(",").map((name) => name.trim()));
  if (mode === "with id") wanted.add("id");
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name)));
}

/** The rows in the order asked for. Times are all that is ordered by. */
export function order(rows: Row[], orderby: string | null): Row[] {
  if (orderby === null) return rows;
  const [name = "", direction] = orderby.split(" ");
  const sign = direction === "desc" ? -1 : 1;
  return [...rows].sort((a, b) => sign * (Date.parse(String(a[name])) - Date.parse(String(b[name]))));
}

/** `path/any(x: x/property eq 'value')`, or without the property where the list is one of words. */
const ANY =
  /^(?<path>[A-Za-z]+)\/any\((?<name>[a-z]): ?\k<name>(?:\/(?<inner>[A-Za-z]+))? eq (?<value>'(?:[^']|'')*')\)$/;
const IN = /^(?<path>[A-Za-z]+) in \((?<values>'[^']*'(?:, ?'[^']*')*)\)$/;
const CLAUSE =
  /^(?<path>[A-Za-z]+(?:\/[A-Za-z]+)*) (?<operator>eq|ne|ge|gt|le|lt) (?<value>'(?:[^']|'')*'|[^\s']+)$/;

/**
 * A `$filter` of clauses joined by `and`, over the properties that the route filters by.
 * @returns the predicate, or `undefined` for what the route does not support
 */
export function parseFilter(filter: string | null, allowed: RegExp): ((row: Row) => boolean) | undefined {
  if (filter === null) return () => true;
  const tests: ((row: Row) => boolean)[] = [];
  for (const text of splitAnd(filter)) {
    const list = parseAny(text, allowed) ?? parseIn(text, allowed);
    if (list) {
      tests.push(list);
      continue;
    }
    const { path, operator, value } = CLAUSE.exec(text)?.groups ?? {};
    if (!path || !operator || !value || !allowed.test(`${path} ${operator}`)) return undefined;
    const isTime = /DateTime$/.test(path);
    if (isTime && Number.isNaN(Date.parse(value))) return undefined;
    const expected = value.startsWith("'") ? unquote(value) : value;
    tests.push((row) => {
      const actual = path.split("/").reduce<unknown>((at, name) => property(at, name), row);
      const order = isTime
        ? Date.parse(String(actual)) - Date.parse(expected)
        : String(actual).toLowerCase().localeCompare(expected.toLowerCase());
      if (operator === "eq") return order === 0;
      if (operator === "ne") return order !== 0;
      if (operator === "ge") return order >= 0;
      if (operator === "gt") return order > 0;
      return operator === "le" ? order <= 0 : order < 0;
    });
  }
  return (row) => tests.every((test) => test(row));
}

function parseAny(text: string, allowed: RegExp): ((row: Row) => boolean) | undefined {
  const { path, inner, value } = ANY.exec(text)?.groups ?? {};
  const operator = inner === undefined ? "eq" : `${inner} eq`;
  if (!path || !value || !allowed.test(`${path}/any ${operator}`)) return undefined;
  const expected = unquote(value);
  return (row) => {
    const elements = row[path];
    if (!Array.isArray(elements)) return false;
    return elements.some(
      (element) => (inner === undefined ? element : property(element, inner)) === expected,
    );
  };
}

/** Fifteen values at most. @see https://learn.microsoft.com/graph/aad-advanced-queries */
function parseIn(text: string, allowed: RegExp): ((row: Row) => boolean) | undefined {
  const { path, values } = IN.exec(text)?.groups ?? {};
  if (!path || !values || !allowed.test(`${path} in`)) return undefined;
  const expected = values.split(",").map((value) => unquote(value.trim()));
  return expected.length > 15 ? undefined : (row) => expected.includes(String(row[path]));
}

function unquote(value: string): string {
  return value.slice(1, -1).replaceAll("''", "'");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** Splits at ` and ` outside of quotes. */
function splitAnd(filter: string): string[] {
  const parts = [""];
  for (const piece of filter.split(/('(?:[^']|'')*')/)) {
    const [first = "", ...rest] = piece.startsWith("'") ? [piece] : piece.split(" and ");
    parts[parts.length - 1] += first;
    parts.push(...rest);
  }
  return parts.map((part) => part.trim());
}
