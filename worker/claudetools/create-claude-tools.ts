import type { Config } from "../../src/config.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import {
  type CallCheck,
  type CallOutcome,
  type ClaudeToolsCall,
  callClaudeTools,
  checkCall,
} from "./call-claude-tools.ts";
import { type CatalogueSource, createCatalogueSource } from "./catalogue-source.ts";
import { type ClaudeToolsClient, createClaudeToolsClient } from "./client.ts";
import { createDirectory, type Directory } from "./directory-source.ts";

/** ClaudeTools for the rest of the worker. */
export interface ClaudeTools {
  /** For what a person or the model asks: policy, validation, confirmation and redaction included. */
  call(call: ClaudeToolsCall): Promise<CallOutcome>;
  /** Whether that would be sent; it is not. */
  check(call: ClaudeToolsCall): Promise<CallCheck>;
  /** For what the bot does by itself (audit, roles, health); nothing in between. */
  client: ClaudeToolsClient;
  /** To be asked once at start (`current`), so that the webhook has something to complete from. */
  catalogue: CatalogueSource;
  /** Which customer has which tenant. */
  directory: Directory;
}

interface ClaudeToolsDependencies {
  config: Pick<Config<"worker">, "CLAUDETOOLS_API_URL" | "CLAUDETOOLS_API_KEY">;
  store: Store;
  log: Log;
  now?: () => number;
  fetch?: typeof globalThis.fetch;
}

/** Its document comes at once or not at all: a call waits for it first. */
const DOCUMENT_DEADLINE_MS = 8_000;

/** Nothing is asked yet, and without `CLAUDETOOLS_API_KEY` the API's own refusal says in words that it is missing. */
export function createClaudeTools({
  config,
  store,
  log,
  now = Date.now,
  fetch = globalThis.fetch,
}: ClaudeToolsDependencies): ClaudeTools {
  const settings = { origin: config.CLAUDETOOLS_API_URL, apiKey: config.CLAUDETOOLS_API_KEY, fetch, now };
  const client = createClaudeToolsClient(settings);
  const impatient = createClaudeToolsClient({ ...settings, deadlineMs: DOCUMENT_DEADLINE_MS });
  const catalogue = createCatalogueSource({ client: impatient, store, log, now });
  const known = config.CLAUDETOOLS_API_KEY === undefined ? [] : [config.CLAUDETOOLS_API_KEY];
  return {
    client,
    catalogue,
    directory: createDirectory({ client: impatient, catalogue, store, log, now }),
    check: (call) => checkCall(call, { client, catalogue }),
    call: (call) => callClaudeTools(call, { client, catalogue, now, known }),
  };
}
