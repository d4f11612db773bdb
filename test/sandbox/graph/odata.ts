import { type Answer, graphError } from "./answer.ts";

type Row = Record<string, unknown>;

/** The query options that a route honours. Everything else is refused, because silence would hide a client's mistake. */
export interface Supported {
  /** Exchange adds `id` to whatever was selected, the directory adds nothing. */
  select?: "exact" | "with id";
  top?: { max: number };
  /** Page size without `$top`, if it is not the sandbox's. */
  defaultPage?: number;
  filters?: RegExp;
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
    const { path, operator, value } = CLAUSE.exec(text)?.groups ?? {};
    if (!path || !operator || !value || !allowed.test(`${path} ${operator}`)) return undefined;
    const isTime = /DateTime$/.test(path);
    if (isTime && Number.isNaN(Date.parse(value))) return undefined;
    const expected = value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value;
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
