import type { KnownTenant } from "../../src/claudetools/directory.ts";
import { isRecord } from "./json-value.ts";

/** A call that is about to be made. */
export interface BoundedCall {
  url: URL;
  body: unknown;
  /** Held against the API's own description. An API passes over a filter that it doesn't know, and gives everything. */
  isDescribed: boolean;
}

/**
 * For somebody who is limited to some tenants: why a call may not be made. A list over all clients can't be narrowed by us
 * without knowing every table, so the call itself must name one of theirs, and no other: below `/api/clients/7`, or with
 * `client_id` or `tenant_id`, which the API's own description must know as a filter. Without that description only the path
 * counts.
 */
export function outOfBounds(
  { url: { pathname, searchParams }, body, isDescribed }: BoundedCall,
  { tenantIds, tenants }: { tenantIds: readonly string[]; tenants: readonly KnownTenant[] },
): string | undefined {
  const theirs = tenants.filter(({ tenantId }) => tenantIds.includes(tenantId));
  const clientIds = theirs.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]));
  const inPath = /^\/api\/clients\/([^/]+)/.exec(pathname)?.[1];
  const given = (name: string) => [...searchParams.getAll(name), ...valuesIn(body, name)];
  const askedClients = [...(inPath === undefined ? [] : [inPath]), ...given("client_id")];
  const askedTenants = given("tenant_id").map((id) => id.toLowerCase());

  const isNamed = inPath !== undefined || (isDescribed && askedClients.length + askedTenants.length > 0);
  const isTheirs =
    askedClients.every((id) => clientIds.includes(id)) && askedTenants.every((id) => tenantIds.includes(id));
  if (pathname === "/api/health" || (isNamed && isTheirs)) return undefined;
  const hint = clientIds.length > 0 ? ` Add for example client_id=${clientIds[0]} to params.` : "";
  return `Your role is limited to ${tenantIds.length} ${tenantIds.length === 1 ? "tenant" : "tenants"}, and this call is not about one of them alone.${hint} /whoami says which they are.`;
}

/** Of one record, or of a list of them. */
function valuesIn(body: unknown, name: string): string[] {
  return [body].flat().flatMap((record) => {
    const value = isRecord(record) ? record[name] : undefined;
    return value === undefined ? [] : [String(value)];
  });
}
