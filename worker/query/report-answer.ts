import type { JsonValue } from "../claudetools/json-value.ts";
import type { Report, Section } from "../report.ts";
import { cellText } from "./cell.ts";
import type { KeptAnswer } from "./kept-answers.ts";
import { shapeOf } from "./shape.ts";
import { tableOf } from "./table.ts";

/** As many rows as a telephone shows at once. */
export const PAGE_ROWS = 10;

export interface AnswerContext {
  queryId: string;
  /** From 0. */
  page: number;
  /** There are pages and a file. */
  isKept: boolean;
}

/** One page of an answer: a list as a table, a record as its fields. */
export function reportAnswer(answer: KeptAnswer, { queryId, page, isKept }: AnswerContext): Report {
  const { method, target, body } = answer;
  const shape = shapeOf(body);
  const notes = notesOf(answer, isKept);
  const frame = {
    outcome: "Done",
    title: `${method} ${target}`,
    tone: "neutral",
    files: [],
    sections: [],
    buttons: isKept ? [{ action: "query-raw" as const, caseId: queryId }] : [],
  } satisfies Partial<Report>;
  switch (shape.kind) {
    case "value":
      return { ...frame, lead: [cellText(shape.value) || "The answer is empty.", ...notes].join(" ") };
    case "record":
      return { ...frame, lead: notes.join(" "), sections: fieldsOf(shape.record) };
    case "list": {
      const from = page * PAGE_ROWS;
      const shown = shape.rows.slice(from - answer.first, from - answer.first + PAGE_ROWS);
      const count = countOf(answer);
      if (shown.length === 0) {
        const nothing =
          count.total === 0 ? "Nothing fits: the list is empty." : "There is nothing on this page.";
        return { ...frame, lead: [nothing, ...notes].join(" ") };
      }
      const of = count.total === undefined ? "; there may be more" : ` of ${count.total}`;
      const lead = [`${from + 1} to ${from + shown.length}${of}.`, ...notes].join(" ");
      const turn = (to: number, label: "Previous" | "Next") => [
        { action: "query-page" as const, caseId: queryId, page: to, label },
      ];
      const hasNext = isKept && hasMore(answer, from + shown.length);
      const buttons = [
        ...(isKept && page > 0 ? turn(page - 1, "Previous") : []),
        ...(hasNext ? turn(page + 1, "Next") : []),
        ...frame.buttons,
      ];
      return { ...frame, lead, table: tableOf(shown), buttons };
    }
  }
}

/** Whether the list goes on after `end` rows, as far as can be told without asking. */
function hasMore(answer: KeptAnswer, end: number): boolean {
  const { total } = countOf(answer);
  return total === undefined || end < total;
}

/** Whether the kept rows hold all of a page, or as much of it as there is. */
export function holdsPage(answer: KeptAnswer, page: number): boolean {
  const shape = shapeOf(answer.body);
  if (shape.kind !== "list" || answer.paging === undefined) return true;
  const from = page * PAGE_ROWS;
  const end = answer.first + shape.rows.length;
  return from >= answer.first && (from + PAGE_ROWS <= end || (from < end && !hasMore(answer, end)));
}

/** Of rows that the caller can page through; `undefined`: the API did not say, and gave as many as it gives at once. */
function countOf({ body, first, paging, skipped }: KeptAnswer): { total: number | undefined } {
  const shape = shapeOf(body);
  if (shape.kind !== "list") return { total: 0 };
  const end = first + shape.rows.length;
  if (paging === undefined) return { total: end };
  if (shape.total !== undefined) return { total: Math.max(0, shape.total - skipped) };
  return { total: shape.rows.length < paging.rows ? end : undefined };
}

function notesOf({ secrets, caveat }: KeptAnswer, isKept: boolean): string[] {
  return [
    ...(secrets > 0
      ? [`${secrets} ${secrets === 1 ? "value" : "values"} hidden, because they look like secrets.`]
      : []),
    ...(caveat === undefined ? [] : [caveat]),
    ...(isKept ? [] : ["The answer is too long to page through: ask for less with params."]),
  ];
}

const LISTED = 5;

/** Simple values side by side; what nests below it, counted, and the first of it named. */
function fieldsOf(record: Record<string, JsonValue>): Section[] {
  const fields = Object.entries(record);
  const isNested = (value: JsonValue): value is JsonValue[] | Record<string, JsonValue> =>
    typeof value === "object" && value !== null;
  const simple = fields.filter(([, value]) => !isNested(value) && cellText(value) !== "");
  const empty = fields.filter(([, value]) => cellText(value) === "").map(([name]) => name);
  return [
    ...simple.map(([heading, value]): Section => {
      return { heading, lines: cellText(value).split("\n").slice(0, LISTED), isNarrow: true };
    }),
    ...fields.flatMap(([heading, value]): Section[] =>
      isNested(value) ? [{ heading: `${heading}: ${cellText(value)}`, lines: firstOf(value) }] : [],
    ),
    ...(empty.length > 0 ? [{ heading: "Empty", lines: [empty.join(", ")] }] : []),
  ];
}

function firstOf(value: JsonValue[] | Record<string, JsonValue>): string[] {
  if (!Array.isArray(value)) {
    return Object.entries(value).map(([name, inner]) => `${name}: ${cellText(inner)}`);
  }
  const lines = value.slice(0, LISTED).map((item) => lineOf(item));
  return value.length > LISTED ? [...lines, `and ${value.length - LISTED} more, see Raw JSON`] : lines;
}

function lineOf(item: JsonValue): string {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return cellText(item);
  const { columns, rows } = tableOf([item]);
  return columns.map((column, index) => `${column} ${rows[0]?.[index] ?? ""}`).join(" · ");
}
