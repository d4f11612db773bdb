/**
 * Small keyed state with expiry, shared by every process of an installation: leases, cancellations, reports
 * waiting for delivery. Values are text; who writes JSON parses it with zod when reading it back.
 * Redis when `REDIS_URL` is set, otherwise a table in the embedded database.
 */
export interface Store {
  get(key: string): Promise<string | undefined>;
  /** The values of `keys`, in their order. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  set(key: string, value: string, options: { ttlMs: number }): Promise<void>;
  /** Sets `key` only where nothing is: `true` for exactly one of several callers. */
  add(key: string, value: string, options: { ttlMs: number }): Promise<boolean>;
  /** Reads and removes in one step: of several callers, exactly one gets the value. */
  take(key: string): Promise<string | undefined>;
  /** Prolongs `key` if it still holds `value`. `false`: the lease was lost. */
  renew(key: string, value: string, options: { ttlMs: number }): Promise<boolean>;
  /** Removes `key` if it still holds `value`, so that nobody releases another's lease. */
  release(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Adds the whole number `by` to what `key` holds (nothing counts as 0) and returns the sum; no addition is lost to another
   * caller. `ttlMs` counts from the first addition, so that a window ends when it was going to. Rejects if `key` holds no number.
   */
  increment(key: string, by: number, options: { ttlMs: number }): Promise<number>;
  /** Every key that begins with `prefix`, in no order. For small sets, such as reports waiting for delivery. */
  keys(prefix: string): Promise<string[]>;
}
