import { isRecord } from "./json-value.ts";

export interface NamesOnly {
  value: unknown;
  /** How many fields were left out. */
  hiddenCount: number;
}

/** What says how many there are, and where in the list one is. */
const PAGING_FIELDS: ReadonlySet<string> = new Set([
  "total",
  "count",
  "skip",
  "limit",
  "offset",
  "page",
  "pages",
  "size",
]);

/**
 * Of records that bear secrets, the fields named and nothing else: an allow-list, because nobody knows under which name
 * the next secret will come. Takes one record, a list, or a page (`{ "total": 2, "items": [ … ] }`, the list under
 * any name). What nests in a record is left out whole.
 */
export function namesOnly(body: unknown, fields: readonly string[]): NamesOnly {
  let hiddenCount = 0;

  function record(given: Record<string, unknown>): Record<string, unknown> {
    const shown = Object.entries(given).filter(([key, value]) => fields.includes(key) && !isNested(value));
    hiddenCount += Object.keys(given).length - shown.length;
    return Object.fromEntries(shown);
  }

  function list(given: readonly unknown[]): unknown[] {
    const records = given.filter(isRecord);
    hiddenCount += given.length - records.length;
    return records.map(record);
  }

  function page(given: Record<string, unknown>): Record<string, unknown> {
    const shown = Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
      if (isList(value)) return [[key, list(value)]];
      return PAGING_FIELDS.has(key) && typeof value === "number" ? [[key, value]] : [];
    });
    hiddenCount += Object.keys(given).length - shown.length;
    return Object.fromEntries(shown);
  }

  function shownOf(given: unknown): unknown {
    if (Array.isArray(given)) return list(given);
    if (!isRecord(given)) {
      hiddenCount += given === null ? 0 : 1;
      return null;
    }
    // A record has an id or a name of its own; a page has a list.
    const isPage = !("id" in given) && !("name" in given) && Object.values(given).some(isList);
    return isPage ? page(given) : record(given);
  }

  return { value: shownOf(body), hiddenCount };
}

function isList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
