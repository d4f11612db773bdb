import { expect, test } from "vitest";
import { renderTable } from "../../../worker/discord/render-table.ts";

const linesOf = (text: string) => text.split("\n").slice(1, -1);

test("columns are as wide as what stands in them", () => {
  const rows = [
    ["1", "Contoso"],
    ["22", ""],
  ];
  expect(renderTable({ columns: ["id", "name"], rows })).toBe(
    "```\nid  name\n──  ───────\n1   Contoso\n22\n```",
  );
});

test("no line is wider than a telephone, and what is cut says so", () => {
  const rows = [["1", "n".repeat(200), "d".repeat(200), "open"]];
  const lines = linesOf(renderTable({ columns: ["id", "name", "description", "status"], rows }));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(42);
  expect(lines[2]).toMatch(/^1 {3}n+… {2}d+… {2}open$/);
});

test("rows that do not fit are counted", () => {
  const rows = Array.from({ length: 200 }, (_, index) => [String(index), "x".repeat(30)]);
  const text = renderTable({ columns: ["id", "name"], rows });
  expect(text.length).toBeLessThan(2_100);
  expect(linesOf(text).at(-1)).toMatch(/^and \d+ more$/);
});

test.for<[what: string, cell: string]>([
  ["what ends a code block", "``` @everyone"],
  ["a line break", "one\ntwo"],
  ["half of a character", `${"a".repeat(38)}😀😀`],
  ["characters that nobody sees", "a\u202eb\u0007"],
])("%s stays inside its cell", ([, cell]) => {
  const text = renderTable({ columns: ["name"], rows: [[cell]] });
  expect(linesOf(text)).toHaveLength(3);
  expect(text.match(/```/g)).toHaveLength(2);
  expect(text).not.toMatch(/\p{Cs}/u);
  expect(text).not.toMatch(/\u202e/);
});
