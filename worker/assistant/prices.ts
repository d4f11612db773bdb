/** In billionths of a US dollar per token, which is thousandths of a dollar per million tokens: whole numbers, so that sums stay exact. */
export interface Price {
  input: number;
  output: number;
  cacheRead: number;
  /** Kept for five minutes; for an hour it is twice `input`. */
  cacheWrite: number;
}

interface PricedModel {
  /** As in `CLAUDE_MODEL`; ids with a date at their end count as the same model. */
  model: string;
  price: Price;
  /** For requests with a longer prompt than this. */
  long?: { aboveTokens: number; price: Price };
}

/**
 * What Anthropic charges, as of 2026-11-22.
 * @see https://platform.claude.com/docs/en/about-claude/pricing
 * @see https://platform.claude.com/docs/en/build-with-claude/prompt-caching (a cache write is 1.25 times the input price)
 */
export const PRICES: readonly PricedModel[] = [
  {
    model: "claude-sonnet-5-5",
    price: { input: 2_000, output: 10_000, cacheRead: 100, cacheWrite: 2_500 },
  },
  {
    model: "claude-haiku-5-5",
    price: { input: 100, output: 500, cacheRead: 10, cacheWrite: 125 },
    long: { aboveTokens: 100_000, price: { input: 500, output: 2_500, cacheRead: 50, cacheWrite: 625 } },
  },
  {
    model: "claude-opus-5-5",
    price: { input: 4_000, output: 20_000, cacheRead: 200, cacheWrite: 5_000 },
  },
  {
    // Retires on 2026-11-30. Its cache prices follow the general rule: a tenth and 1.25 times the input price.
    model: "claude-sonnet-4-5",
    price: { input: 3_000, output: 15_000, cacheRead: 300, cacheWrite: 3_750 },
  },
];
