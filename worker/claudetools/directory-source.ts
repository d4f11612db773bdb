import * as z from "zod";
import { type Catalogue, type Endpoint, Method } from "../../src/claudetools/catalogue.ts";
import { type KnownTenant, parseDirectory, TENANTS_KEY } from "../../src/claudetools/directory.ts";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { redact } from "../../src/redact.ts";
import type { Store } from "../../src/store/store.ts";
import { Domain, Guid } from "../../src/tenant.ts";
import type { CatalogueSource } from "./catalogue-source.ts";
import type { ClaudeToolsClient } from "./client.ts";
import { concretePath, findEndpoint } from "./find-endpoint.ts";
import { isRecord } from "./json-value.ts";
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
const ROWS = 200;
/** 5,000 tenants; an API that never ends is one that ignores what it is asked to skip. */
const MAX_PAGES = 25;

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
    const canPage = ["skip", "limit"].every((name) => takes(found.endpoint, name));
    const rows: Record<string, unknown>[] = [];
    for (let page = 0; page < (canPage ? MAX_PAGES : 1); page++) {
      const url = new URL(concretePath(found), client.origin);
      if (canPage) url.searchParams.set("skip", String(rows.length));
      if (canPage) url.searchParams.set("limit", String(rowsAtOnce(found.endpoint)));
      const answer = await client.request({ method: "GET", url, requestedBy: "system:directory", signal });
      if (answer.kind !== "answered") {
        const problem = answer.kind === "failed" ? answer.problem.code : answer.kind;
        log.warn({ path, problem }, "the directory of tenants was not read");
        return undefined;
      }
      const some = listOf(answer.body);
      rows.push(...some);
      if (some.length < rowsAtOnce(found.endpoint)) break;
    }
    return rows;
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

function takes({ parameters }: Endpoint, name: string): boolean {
  return parameters.some((parameter) => parameter.in === "query" && parameter.name === name);
}

function rowsAtOnce({ parameters }: Endpoint): number {
  const { maximum } = parameters.find(({ name }) => name === "limit")?.schema ?? {};
  return typeof maximum === "number" ? Math.min(maximum, ROWS) : ROWS;
}

function listOf(body: unknown): Record<string, unknown>[] {
  const page = isRecord(body) ? Object.values(body) : [];
  const list = [body, ...page].find((value) => Array.isArray(value));
  return Array.isArray(list) ? list.filter(isRecord) : [];
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
