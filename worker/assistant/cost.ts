import type Anthropic from "@anthropic-ai/sdk";
import { PRICES, type Price } from "./prices.ts";

interface Cost {
  /** Billionths of a US dollar. */
  nanoDollars: number;
  /** Everything read and written, cached or not. */
  tokens: number;
  /** `false`: the model is not in the price table, and the dearest price was taken. */
  isKnown: boolean;
}

/** What one answer costs, from the usage that the API reported for it. */
export function costOf(model: string, usage: Anthropic.Usage): Cost {
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  const hourly = Math.min(usage.cache_creation?.ephemeral_1h_input_tokens ?? 0, cacheWrite);
  const prompt = usage.input_tokens + cacheRead + cacheWrite;

  const priced = PRICES.find((entry) => entry.model === model.replace(/-20\d{6}$/, ""));
  const isLong = priced?.long !== undefined && prompt > priced.long.aboveTokens;
  const price = (isLong ? priced?.long?.price : priced?.price) ?? DEAREST;
  return {
    nanoDollars:
      usage.input_tokens * price.input +
      cacheRead * price.cacheRead +
      (cacheWrite - hourly) * price.cacheWrite +
      hourly * price.input * 2 +
      usage.output_tokens * price.output,
    tokens: prompt + usage.output_tokens,
    isKnown: priced !== undefined,
  };
}

/** Rather too strict than a bill that nobody expected. */
const DEAREST: Price = {
  input: dearest("input"),
  output: dearest("output"),
  cacheRead: dearest("cacheRead"),
  cacheWrite: dearest("cacheWrite"),
};

function dearest(kind: keyof Price): number {
  return Math.max(...PRICES.flatMap(({ price, long }) => [price[kind], long?.price[kind] ?? 0]));
}
