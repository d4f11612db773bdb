import * as z from "zod";

/** What one question has used, over all its turns and pauses. */
export const Totals = z.object({
  /** Answers of the model. */
  turns: z.int().nonnegative(),
  /** Tool calls that it asked for, refused ones included. */
  calls: z.int().nonnegative(),
  /** Working time; a pause for an approval is none. */
  elapsedMs: z.number().nonnegative(),
  /** Everything that the model read, cached or not. */
  inputTokens: z.int().nonnegative(),
  /** The part of it that came out of the prompt cache. */
  cachedTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Billionths of a US dollar. */
  nanoDollars: z.int().nonnegative(),
});
export type Totals = z.infer<typeof Totals>;

export const NO_TOTALS: Totals = {
  turns: 0,
  calls: 0,
  elapsedMs: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  nanoDollars: 0,
};
