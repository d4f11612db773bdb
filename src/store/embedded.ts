import type { Store } from "./store.ts";

const CLEAN_EVERY_MS = 10 * 60_000;

const CREATE = `CREATE TABLE IF NOT EXISTS public.store (
  key text PRIMARY KEY,
  value text NOT NULL,
  expires_at bigint NOT NULL
)`;

interface EmbeddedStoreOptions {
  query(text: string, params?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** The store as a table of the embedded database. */
export async function createEmbeddedStore({ query, now = Date.now }: EmbeddedStoreOptions): Promise<Store> {
  await query(CREATE);
  let cleanedAt = 0;

  /** Expired rows are never read; they are removed with a write now and then, so that no timer is needed. */
  async function write(text: string, params: readonly unknown[]) {
    if (now() - cleanedAt > CLEAN_EVERY_MS) {
      cleanedAt = now();
      await query("DELETE FROM public.store WHERE expires_at <= $1", [now()]);
    }
    return (await query(text, params)).rows;
  }

  return {
    async get(key) {
      const { rows } = await query("SELECT value FROM public.store WHERE key = $1 AND expires_at > $2", [
        key,
        now(),
      ]);
      return toText(rows[0]?.value);
    },
    async getMany(keys) {
      if (keys.length === 0) return [];
      const { rows } = await query(
        "SELECT key, value FROM public.store WHERE key = ANY($1::text[]) AND expires_at > $2",
        [keys, now()],
      );
      const values = new Map(rows.map(({ key, value }) => [key, toText(value)]));
      return keys.map((key) => values.get(key));
    },
    async set(key, value, { ttlMs }) {
      await write(
        `INSERT INTO public.store VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
        [key, value, now() + ttlMs],
      );
    },
    async add(key, value, { ttlMs }) {
      const rows = await write(
        `INSERT INTO public.store VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
         WHERE store.expires_at <= $4 RETURNING key`,
        [key, value, now() + ttlMs, now()],
      );
      return rows.length > 0;
    },
    async take(key) {
      const rows = await write(
        "DELETE FROM public.store WHERE key = $1 AND expires_at > $2 RETURNING value",
        [key, now()],
      );
      return toText(rows[0]?.value);
    },
    async renew(key, value, { ttlMs }) {
      const rows = await write(
        "UPDATE public.store SET expires_at = $3 WHERE key = $1 AND value = $2 AND expires_at > $4 RETURNING key",
        [key, value, now() + ttlMs, now()],
      );
      return rows.length > 0;
    },
    async release(key, value) {
      await write("DELETE FROM public.store WHERE key = $1 AND value = $2", [key, value]);
    },
    async delete(key) {
      await write("DELETE FROM public.store WHERE key = $1", [key]);
    },
    async increment(key, by, { ttlMs }) {
      const rows = await write(
        `INSERT INTO public.store VALUES ($1, $2::bigint::text, $3)
         ON CONFLICT (key) DO UPDATE SET
           value = CASE WHEN store.expires_at <= $4 THEN excluded.value
                        ELSE (store.value::bigint + excluded.value::bigint)::text END,
           expires_at = CASE WHEN store.expires_at <= $4 THEN excluded.expires_at ELSE store.expires_at END
         RETURNING value`,
        [key, by, now() + ttlMs, now()],
      );
      return Number(toText(rows[0]?.value));
    },
    async keys(prefix) {
      const { rows } = await query(
        "SELECT key FROM public.store WHERE starts_with(key, $1) AND expires_at > $2",
        [prefix, now()],
      );
      return rows.flatMap(({ key }) => toText(key) ?? []);
    },
  };
}

function toText(column: unknown): string | undefined {
  return typeof column === "string" ? column : undefined;
}
