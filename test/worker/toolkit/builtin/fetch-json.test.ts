import { expect, test } from "vitest";
import { parseRetryAfter } from "../../../../worker/toolkit/builtin/fetch-json.ts";

const NOW = Date.parse("2026-11-22T09:00:00Z");

test.each([
  [null, undefined],
  ["", undefined],
  ["soon", undefined],
  ["0", undefined],
  ["-5", undefined],
  ["Sun, 22 Nov 2026 08:59:00 GMT", undefined],
  ["17", 17_100],
  ["0.5", 600],
  ["Sun, 22 Nov 2026 09:00:30 GMT", 30_100],
])("Retry-After %j means %j ms", (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});
