import { isRecord, type JsonValue } from "../claudetools/json-value.ts";

/** What an answer is for a reader, told by its form alone. */
export type Shape =
  /** `total`: how many there are in all, where the answer says so. `name`: under which the list stands. */
  | { kind: "list"; rows: JsonValue[]; total: number | undefined; name: string | undefined }
  | { kind: "record"; record: Record<string, JsonValue> }
  | { kind: "value"; value: string | number | boolean | null };

const TOTAL_FIELDS = ["total", "count", "total_count"];

/** A list, a page with a list under whatever name, a record, or a bare value. */
export function shapeOf(body: JsonValue): Shape {
  if (Array.isArray(body)) return { kind: "list", rows: body, total: undefined, name: undefined };
  if (body === null || typeof body !== "object") return { kind: "value", value: body };

  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
  const [[name, rows] = ["", []]] = lists;
  // A record has an id or a name of its own; a page has one list and numbers about it.
  const isPage = lists.length === 1 && Array.isArray(rows) && !("id" in body) && !("name" in body);
  const others = Object.entries(body).filter(([key]) => key !== name);
  if (!isPage || others.some(([, value]) => isRecord(value))) return { kind: "record", record: body };
  const total = TOTAL_FIELDS.map((field) => body[field]).find((value) => typeof value === "number");
  return { kind: "list", rows, total: typeof total === "number" ? total : undefined, name };
}
