import { plainLine } from "../plain-line.ts";
import type { Table } from "../report.ts";
import { escapeForCodeBlock } from "./escape.ts";
import { charStart, fairShare } from "./fit.ts";

/** What a telephone shows of a code block without breaking its lines; measured by nobody but ourselves, so on the safe side. */
const WIDTH_MAX = 42;
const GAP = "  ";
/** Of the rows together, so that an embed holds them with everything else. */
const LENGTH_MAX = 2_000;

/**
 * A table in a code block. Every cell is one line without markup and as wide as its column; a column that wants less than its
 * share leaves the rest to the others. Rows that do not fit are counted.
 */
export function renderTable({ columns, rows }: Table): string {
  const cells = [columns, ...rows].map((row) => columns.map((_, index) => cellOf(row[index] ?? "")));
  const wanted = columns.map((_, index) => Math.max(1, ...cells.map((row) => row[index]?.length ?? 0)));
  const share = fairShare(wanted, WIDTH_MAX - GAP.length * (columns.length - 1));
  const widths = wanted.map((width) => Math.max(1, Math.min(width, share)));

  const lines = cells.map((row) => widths.map((width, index) => fitCell(row[index] ?? "", width)).join(GAP));
  const [head = "", ...body] = lines.map((line) => line.trimEnd());
  const rule = widths.map((width) => "─".repeat(width)).join(GAP);
  const shown = [head, rule];
  let length = head.length + rule.length;
  for (const line of body) {
    length += line.length + 1;
    if (length > LENGTH_MAX) break;
    shown.push(line);
  }
  const leftOut = body.length - (shown.length - 2);
  if (leftOut > 0) shown.push(`and ${leftOut} more`);
  return `\`\`\`\n${shown.join("\n")}\n\`\`\``;
}

function cellOf(text: string): string {
  // Long before it is escaped, which costs by the character.
  return escapeForCodeBlock(plainLine(text.slice(0, 4 * WIDTH_MAX)));
}

function fitCell(cell: string, width: number): string {
  const fitted = cell.length <= width ? cell : `${cell.slice(0, charStart(cell, width - 1))}…`;
  return fitted.padEnd(width);
}
