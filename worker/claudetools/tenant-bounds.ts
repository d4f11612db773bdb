import type { KnownTenant } from "../../src/claudetools/directory.ts";

/**
 * For somebody who is limited to some tenants: why a call may not be made. A list over all clients can't be narrowed by us
 * without knowing every table, so the call itself must name one of theirs, and no other: below `/api/clients/7`, or with
 * `client_id` or `tenant_id`, which the API's own description must know as a filter.
 */
export function outOfBounds(
  { pathname, searchParams }: URL,
  { tenantIds, tenants }: { tenantIds: readonly string[]; tenants: readonly KnownTenant[] },
): string | undefined {
  const theirs = tenants.filter(({ tenantId }) => tenantIds.includes(tenantId));
  const clientIds = theirs.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]));
  const inPath = /^\/api\/clients\/([^/]+)/.exec(pathname)?.[1];
  const askedClients = [...(inPath === undefined ? [] : [inPath]), ...searchParams.getAll("client_id")];
  const askedTenants = searchParams.getAll("tenant_id").map((id) => id.toLowerCase());

  const isNamed = askedClients.length + askedTenants.length > 0;
  const isTheirs =
    askedClients.every((id) => clientIds.includes(id)) && askedTenants.every((id) => tenantIds.includes(id));
  if (pathname === "/api/health" || (isNamed && isTheirs)) return undefined;
  const hint = clientIds.length > 0 ? ` Add for example client_id=${clientIds[0]} to params.` : "";
  return `Your role is limited to ${tenantIds.length} ${tenantIds.length === 1 ? "tenant" : "tenants"}, and this call is not about one of them alone.${hint} /whoami says which they are.`;
}
