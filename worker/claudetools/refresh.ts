import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { ClaudeTools } from "./create-claude-tools.ts";

/** What is fresh is not asked for again, so this only bounds how old it gets. */
const EVERY_MS = 60_000;

export interface Refreshing {
  close(): Promise<void>;
}

/** Keeps in the store what the webhook completes from, at the start and ever after: it must not ask the API itself. */
export function startRefreshing({
  catalogue,
  directory,
  log,
  everyMs = EVERY_MS,
}: Pick<ClaudeTools, "catalogue" | "directory"> & { log: Log; everyMs?: number }): Refreshing {
  const closing = new AbortController();
  const { signal } = closing;
  async function refresh(): Promise<void> {
    try {
      await catalogue.current(signal);
      await directory.current(signal);
    } catch (thrown) {
      if (!signal.aborted) log.warn({ err: coerceError(thrown) }, "endpoints and tenants were not refreshed");
    }
  }
  let refreshing = refresh();
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh);
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      closing.abort();
      await refreshing;
    },
  };
}
