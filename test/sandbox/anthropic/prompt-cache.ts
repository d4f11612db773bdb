import { prefixOf } from "./prefix.ts";
import type { ClaudeRequest } from "./request.ts";

const LIFE_MS = 5 * 60_000;
/** Shorter prefixes are not cached, without an error. Sonnet 5.5's figure. */
const MIN_TOKENS = 512;
/** How many blocks before a breakpoint are looked at for an earlier entry. */
const LOOKBACK = 20;

export interface InputUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
}

/**
 * What the prompt cache would have made of each request: read is the longest prefix that an earlier request left behind, written is the rest up to
 * the last breakpoint.
 * @see https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function createPromptCache({ clock }: { clock: () => number }) {
  const entries = new Map<string, number>();

  return function account(request: ClaudeRequest): InputUsage {
    const chain = prefixOf(request);
    // The top-level marker stands for one on the last block.
    const marks = chain.flatMap(({ marked }, index) =>
      marked || (request.cache_control && index === chain.length - 1) ? [index] : [],
    );
    const tokensUpTo = (index: number) =>
      chain.slice(0, index + 1).reduce((sum, { tokens }) => sum + tokens, 0);
    const isCached = (index: number) => (entries.get(chain[index]?.hash ?? "") ?? 0) > clock();

    const hits = marks.flatMap((mark) => {
      const from = Math.max(0, mark - LOOKBACK);
      return chain.flatMap((_, index) => (index >= from && index <= mark && isCached(index) ? [index] : []));
    });
    const read = hits.length === 0 ? 0 : tokensUpTo(Math.max(...hits));
    const writable = marks.filter((mark) => tokensUpTo(mark) >= MIN_TOKENS);
    for (const index of [...writable, ...hits]) entries.set(chain[index]?.hash ?? "", clock() + LIFE_MS);
    const cached = writable.length === 0 ? read : Math.max(read, tokensUpTo(Math.max(...writable)));
    return {
      cache_read_input_tokens: read,
      cache_creation_input_tokens: cached - read,
      input_tokens: tokensUpTo(chain.length - 1) - cached,
    };
  };
}
