import type { KnownTenant } from "../../src/claudetools/directory.ts";
import { isRecord } from "./json-value.ts";
import type { PreparedCall } from "./prepare-call.ts";

/**
 * For somebody who is limited to some tenants: why a call may not be made. A list over all clients can't be narrowed by us
 * without knowing every table, so the call itself must name one of theirs, and no other: below `/api/clients/7`, or with
 * `client_id` or `tenant_id`, which the API's own description must know as a filter. In the body of a new record they
 * say whose it will be; in that of an old one only whose it would become.
 */
export function outOfBounds(
  { method, url, body }: Pick<PreparedCall, "method" | "url" | "body">,
  { tenantIds, tenants }: { tenantIds: readonly string[]; tenants: readonly KnownTenant[] },
): string | undefined {
  const { pathname, searchParams } = url;
  const theirs = tenants.filter(({ tenantId }) => tenantIds.includes(tenantId));
  const clientIds = theirs.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]));
  const inPath = /^\/api\/clients\/([^/]+)/.exec(pathname)?.[1];
  const isNewRecord = method === "POST" && /^\/api\/[^/]+\/?$/.test(pathname);
  const own = isNewRecord && isRecord(body?.json) ? body.json : {};
  const nameOf = (field: string) => [...searchParams.getAll(field), ...valuesOf(field, own)];
  const askedClients = [...(inPath === undefined ? [] : [inPath]), ...nameOf("client_id")];
  const askedTenants = nameOf("tenant_id");

  const isNamed = askedClients.length + askedTenants.length > 0;
  const isTheirs =
    [...askedClients, ...allValuesOf("client_id", body?.json)].every((id) => clientIds.includes(id)) &&
    [...askedTenants, ...allValuesOf("tenant_id", body?.json)].every((id) =>
      tenantIds.includes(id.toLowerCase()),
    );
  if (pathname === "/api/health" || (isNamed && isTheirs)) return undefined;
  const hint = clientIds.length > 0 ? ` Add for example client_id=${clientIds[0]} to params.` : "";
  return `Your role is limited to ${tenantIds.length} ${tenantIds.length === 1 ? "tenant" : "tenants"}, and this call is not about one of them alone.${hint} /whoami says which they are.`;
}

function valuesOf(field: string, record: Record<string, unknown>): string[] {
  return Object.entries(record).flatMap(([name, value]) => (name === field ? [String(value)] : []));
}

/** However deep: a body of 6,000 characters is not deeper than the stack. */
function allValuesOf(field: string, json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap((item) => allValuesOf(field, item));
  if (!isRecord(json)) return [];
  return [...valuesOf(field, json), ...Object.values(json).flatMap((value) => allValuesOf(field, value))];
}
