import { isRecord, type JsonValue } from "../claudetools/json-value.ts";
import type { Table } from "../report.ts";
import { cellText } from "./cell.ts";

/** More do not fit the width of a telephone. */
const MAX_COLUMNS = 4;
/** Records are told apart by these, most telling first. */
const TELLING = [
  ...["id", "name", "title", "hostname", "display_name", "label", "username", "client_name"],
  ...["status", "severity", "priority", "default_domain", "domain", "due_date", "session_date"],
  ...["kind", "type", "ip_address", "email", "role", "assigned_to"],
];
/** What a row is called is worth its place however long it is, since a cell is cut to its column. */
const NAMES = ["name", "title", "hostname", "display_name", "label"];
/** When a row was written says little of what it is. */
const DULL = /^(created|updated|modified|deleted)_(at|on|by)$/;
/** Longer text is for the record itself. */
const LONG = 60;

/** The rows of a list with the columns that tell most of them. Rows that are no records are shown as one value each. */
export function tableOf(rows: readonly JsonValue[]): Table {
  const records = rows.filter((row) => isRecord(row));
  if (records.length < rows.length) return { columns: ["value"], rows: rows.map((row) => [cellText(row)]) };
  const columns = chooseColumns(records);
  return {
    columns,
    rows: rows.map((row) => columns.map((column) => cellText(fieldOf(row, column)))),
  };
}

function fieldOf(row: JsonValue, name: string): JsonValue | undefined {
  return row !== null && typeof row === "object" && !Array.isArray(row) ? row[name] : undefined;
}

/** In the order of the record, so that a table reads like the record; at least one. */
function chooseColumns(records: readonly Record<string, unknown>[]): string[] {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const chosen = names
    .map((name) => ({ name, score: score(name, records) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_COLUMNS)
    .map(({ name }) => name);
  const ordered = names.filter((name) => chosen.includes(name));
  return ordered.length > 0 ? ordered : [names[0] ?? "value"];
}

function score(name: string, records: readonly Record<string, unknown>[]): number {
  const values = records.map((record) => record[name]);
  const given = values.filter((value) => value !== null && value !== undefined && value !== "");
  if (given.length === 0) return 0;
  if (given.some((value) => typeof value === "object")) return 0.5;
  const isLong =
    !NAMES.includes(name) && given.some((value) => typeof value === "string" && value.length > LONG);
  const telling = TELLING.indexOf(name);
  const rank = telling === -1 ? 0 : 2 * (TELLING.length - telling);
  // Of a column in which all is the same, one row says as much as ten.
  const isUniform = records.length > 1 && new Set(given).size === 1;
  const base = 10 * (given.length / values.length) + rank;
  return base * (isLong ? 0.2 : 1) * (isUniform ? 0.4 : 1) * (DULL.test(name) ? 0.1 : 1);
}
