import type Anthropic from "@anthropic-ai/sdk";
import { expect, test } from "vitest";
import { costOf } from "../../../worker/assistant/cost.ts";

const usage: Anthropic.Usage = {
  input_tokens: 1_000,
  output_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: null,
  ...{
    inference_geo: null,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
    speed: null,
  },
};

test.for<[title: string, model: string, change: Partial<Anthropic.Usage>, dollarsPerMillion: number]>([
  ["input and output", "claude-sonnet-5-5", {}, 1_000 * 2 + 100 * 10],
  ["an id with its date", "claude-sonnet-5-5-20260915", {}, 1_000 * 2 + 100 * 10],
  [
    "what was read from the cache",
    "claude-sonnet-5-5",
    { cache_read_input_tokens: 5_000 },
    3_000 + 5_000 * 0.1,
  ],
  [
    "what was written to it",
    "claude-sonnet-5-5",
    { cache_creation_input_tokens: 4_000 },
    3_000 + 4_000 * 2.5,
  ],
  [
    "what was written to it for an hour",
    "claude-sonnet-5-5",
    {
      cache_creation_input_tokens: 4_000,
      cache_creation: { ephemeral_1h_input_tokens: 1_000, ephemeral_5m_input_tokens: 3_000 },
    },
    3_000 + 3_000 * 2.5 + 1_000 * 4,
  ],
  ["a small prompt for Haiku", "claude-haiku-5-5", { cache_read_input_tokens: 99_000 }, 100 + 990 + 50],
  ["a large one", "claude-haiku-5-5", { cache_read_input_tokens: 99_001 }, 500 + 99_001 * 0.05 + 250],
  ["the API's null for nothing", "claude-sonnet-5-5", { cache_read_input_tokens: null }, 3_000],
  [
    "a model that nobody knows, at the dearest price",
    "claude-next",
    { cache_read_input_tokens: 1_000 },
    4_000 + 300 + 2_000,
  ],
])("%s", ([, model, change, microDollars]) => {
  const cost = costOf(model, { ...usage, ...change });
  expect(cost.nanoDollars).toBeCloseTo(microDollars * 1_000, 3);
  expect(Number.isInteger(cost.nanoDollars)).toBe(true);
  expect(cost.isKnown).toBe(model !== "claude-next");
});

test("tokens are all that was read and written", () => {
  const { tokens } = costOf("claude-sonnet-5-5", {
    ...usage,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 7,
  });
  expect(tokens).toBe(1_112);
});
