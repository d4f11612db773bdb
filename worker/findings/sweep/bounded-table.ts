export interface BoundedTable<T> {
  /** The entry of a key, made with `create` where there is none. */
  at(key: string, create: () => T): T;
  get(key: string): T | undefined;
  values(): T[];
  /** Entries that were given up. Those that came back since count anew, so their numbers are "at least". */
  dropped(): number;
}

/**
 * A map whose size attackers cannot choose. Grown to twice its capacity, it gives up the lighter half; sorting then,
 * and not at every new key, makes that cheap. What outweighs half of the entries at that moment is kept.
 * @param weigh - How much an entry matters.
 */
export function createBoundedTable<T>(capacity: number, weigh: (entry: T) => number): BoundedTable<T> {
  const entries = new Map<string, T>();
  let dropped = 0;

  function prune(): void {
    const byWeight = [...entries].sort(([, a], [, b]) => weigh(a) - weigh(b));
    for (const [key] of byWeight.slice(0, byWeight.length - capacity)) entries.delete(key);
    dropped += byWeight.length - capacity;
  }

  return {
    at(key, create) {
      const known = entries.get(key);
      if (known !== undefined) return known;
      if (entries.size >= 2 * capacity) prune();
      const entry = create();
      entries.set(key, entry);
      return entry;
    },
    get: (key) => entries.get(key),
    values: () => [...entries.values()],
    dropped: () => dropped,
  };
}
