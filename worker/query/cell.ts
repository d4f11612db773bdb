import type { JsonValue } from "../claudetools/json-value.ts";

/** One value in few words: what nests is folded to a count, a date loses what nobody reads. */
export function cellText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return counted(value.length, "item");
  if (typeof value === "object") return counted(Object.keys(value).length, "field");
  return String(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, "$1 $2");
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
