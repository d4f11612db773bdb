/** Numbers that look random and are the same in every run. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  next: () => number;
  chance: (probability: number) => boolean;
  /** From `from` (inclusive) to `to` (exclusive). */
  between: (from: number, to: number) => number;
  pick: <T>(items: readonly T[]) => T;
}

/** A linear congruential generator with Knuth's constants for 64 bits, of which the upper ones are used. */
export function createRandom(seed: number): Random {
  let state = BigInt(seed);
  const next = () => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 32n) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[between(0, items.length)];
      if (item === undefined) throw new Error("Expected a list that is not empty");
      return item;
    },
  };
}
