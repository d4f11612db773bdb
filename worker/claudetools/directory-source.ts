import * as z from "zod";
import { type Catalogue, Method } from "../../src/claudetools/catalogue.ts";
import { type KnownTenant, parseDirectory, TENANTS_KEY } from "../../src/claudetools/directory.ts";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { redact } from "../../src/redact.ts";
import type { Store } from "../../src/store/store.ts";
import { Domain, Guid } from "../../src/tenant.ts";
import type { CatalogueSource } from "./catalogue-source.ts";
import type { ClaudeToolsClient } from "./client.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { readRows } from "./read-rows.ts";
import { stripUnseen } from "./redact-record.ts";

export interface Directory {
  /** The customers' tenants, as of the last few minutes or as last seen. Rejects only with the signal's reason. */
  current(signal: AbortSignal): Promise<readonly KnownTenant[]>;
  /** As last seen, however long ago: for what must not wait for the API. */
  kept(): Promise<readonly KnownTenant[]>;
}

interface DirectoryOptions {
  client: ClaudeToolsClient;
  catalogue: CatalogueSource;
  store: Pick<Store, "get" | "set">;
  log: Log;
  now?: () => number;
  /** How long it is taken as current. Default: five minutes. */
  freshMs?: number;
}

/** Kept this long without the API. */
const KEPT_MS = 30 * 86_400_000;

/** Names, domains and tenant ids from `/api/m365-tenants`, and names from `/api/clients` where a tenant has only its client's id. */
export function createDirectory({
  client,
  catalogue,
  store,
  log,
  now = Date.now,
  freshMs = 5 * 60_000,
}: DirectoryOptions): Directory {
  let last: { tenants: readonly KnownTenant[]; until: number } | undefined;

  async function refresh(signal: AbortSignal): Promise<readonly KnownTenant[]> {
    const state = await catalogue.current(signal);
    const listed = state.kind === "none" ? undefined : state.catalogue;
    const rows = listed && (await readAll("/api/m365-tenants", listed, signal));
    if (listed === undefined || rows === undefined) return readKept();
    const needsNames = rows.some((row) => nameOf(row) === undefined && clientIdOf(row) !== undefined);
    const clients = needsNames ? ((await readAll("/api/clients", listed, signal)) ?? []) : [];
    const tenants = tenantsOf(rows, clients);
    if (tenants.length < rows.length) {
      log.warn({ rows: rows.length, tenants: tenants.length }, "tenants of ClaudeTools without a tenant id");
    }
    await store.set(TENANTS_KEY, JSON.stringify(tenants), { ttlMs: KEPT_MS });
    return tenants;
  }

  async function readKept(): Promise<KnownTenant[]> {
    return parseDirectory(await store.get(TENANTS_KEY));
  }

  /** `undefined`: the API does not offer it, or did not answer. */
  async function readAll(
    path: string,
    listed: Catalogue,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>[] | undefined> {
    const found = findEndpoint(listed, { method: Method.enum.GET, path });
    if (found === undefined) return undefined;
    const read = await readRows(found, { client, requestedBy: "system:directory", signal });
    if (read.kind === "read") return read.rows;
    log.warn({ path, problem: read.problem }, "the directory of tenants was not read");
    return undefined;
  }

  return {
    kept: async () => last?.tenants ?? readKept(),
    async current(signal) {
      if (last !== undefined && now() < last.until) return last.tenants;
      const tenants = await refresh(signal).catch((thrown: unknown) => {
        signal.throwIfAborted();
        log.warn({ err: coerceError(thrown) }, "the directory of tenants was not kept");
        return last?.tenants ?? readKept();
      });
      last = { tenants, until: now() + freshMs };
      return tenants;
    },
  };
}

/** Whatever the columns are called, a tenant id is a GUID and a domain is a domain. */
function tenantsOf(
  rows: readonly Record<string, unknown>[],
  clients: readonly Record<string, unknown>[],
): KnownTenant[] {
  const clientNames = new Map(clients.map((row) => [String(row.id), nameOf(row)]));
  return rows.flatMap((row): KnownTenant[] => {
    const tenantId = firstOf(row, ["tenant_id", "tenantId", "microsoft_tenant_id", "id"], Guid);
    const domain = firstOf(row, ["default_domain", "domain", "primary_domain", "domain_name"], Domain);
    const clientId = clientIdOf(row);
    const name = nameOf(row) ?? clientNames.get(clientId ?? "") ?? domain;
    if (tenantId === undefined || name === undefined) return [];
    return [{ name, tenantId, ...(domain && { domain }), ...(clientId && { clientId }) }];
  });
}

function firstOf(row: Record<string, unknown>, names: readonly string[], schema: z.ZodType<string>) {
  for (const name of names) {
    const value = schema.safeParse(row[name]).data;
    if (value !== undefined) return value;
  }
  return undefined;
}

// A name stands in a list of choices, where Discord reads no markup: nothing in it may be invisible, or a secret.
const Name = z
  .string()
  .transform((text) => redact(stripUnseen(text)).replace(/\s+/g, " ").trim())
  .pipe(z.string().min(1).max(200));

function nameOf(row: Record<string, unknown>): string | undefined {
  return firstOf(row, ["client_name", "name", "display_name", "tenant_name"], Name);
}

function clientIdOf({ client_id: id }: Record<string, unknown>): string | undefined {
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
