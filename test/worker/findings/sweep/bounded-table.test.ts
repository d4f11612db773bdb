import { expect, test } from "vitest";
import { createBoundedTable } from "../../../../worker/findings/sweep/bounded-table.ts";

test("a table never holds more than twice its capacity, and says how many it gave up", () => {
  const table = createBoundedTable<{ weight: number }>(10, ({ weight }) => weight);
  for (let key = 0; key < 1_000; key++) table.at(`key ${key}`, () => ({ weight: 1 }));
  expect(table.values().length).toBeLessThanOrEqual(20);
  expect(table.dropped() + table.values().length).toBe(1_000);
});

test("what weighs most stays, whatever floods in", () => {
  const table = createBoundedTable<{ weight: number }>(10, ({ weight }) => weight);
  table.at("heavy", () => ({ weight: 100 }));
  for (let key = 0; key < 1_000; key++) table.at(`key ${key}`, () => ({ weight: 1 }));
  expect(table.get("heavy")).toEqual({ weight: 100 });
});
