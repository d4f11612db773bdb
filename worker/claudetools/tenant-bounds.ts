import type { Method } from "../../src/claudetools/catalogue.ts";
import type { KnownTenant } from "../../src/claudetools/directory.ts";
import { isRecord } from "./json-value.ts";

/** A call that is about to be made. */
export interface BoundedCall {
  method: Method;
  url: URL;
  body: unknown;
  /** Held against the API's own description. An API passes over a filter that it doesn't know, and gives everything. */
  isDescribed: boolean;
  /** What the description says that the API reads in a body. A `client_id` that it passes over says nothing. */
  bodyFields: readonly string[];
}

/**
 * For somebody who is limited to some tenants: why a call may not be made. A list over all clients can't be narrowed by us
 * without knowing every table, so the call itself must name one of theirs, and no other: below `/api/clients/7`, or with
 * `client_id` or `tenant_id`, which the API's own description must know as a filter. Without that description only the path
 * counts. In the body of a new record they say whose it will be, and in that of an old one only whose it would become.
 */
export function outOfBounds(
  { method, url: { pathname, searchParams }, body, isDescribed, bodyFields }: BoundedCall,
  { tenantIds, tenants }: { tenantIds: readonly string[]; tenants: readonly KnownTenant[] },
): string | undefined {
  const theirs = tenants.filter(({ tenantId }) => tenantIds.includes(tenantId));
  const clientIds = theirs.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]));
  const inPath = /^\/api\/clients\/([^/]+)/.exec(pathname)?.[1];
  const given = (name: string) => [...searchParams.getAll(name), ...valuesIn(body, name)];
  const askedClients = [...(inPath === undefined ? [] : [inPath]), ...given("client_id")];
  const askedTenants = given("tenant_id").map((id) => id.toLowerCase());

  const isNewRecord = method === "POST" && /^\/api\/[^/]+\/?$/.test(pathname);
  const telling = ["client_id", "tenant_id"].flatMap((name) => [
    ...searchParams.getAll(name),
    ...(isNewRecord && bodyFields.includes(name) && isRecord(body) && body[name] !== undefined ? [name] : []),
  ]);
  const isNamed = inPath !== undefined || (isDescribed && telling.length > 0);
  const isTheirs =
    askedClients.every((id) => clientIds.includes(id)) && askedTenants.every((id) => tenantIds.includes(id));
  if (pathname === "/api/health" || (isNamed && isTheirs)) return undefined;
  const hint = clientIds.length > 0 ? ` Add for example client_id=${clientIds[0]} to params.` : "";
  return `Your role is limited to ${tenantIds.length} ${tenantIds.length === 1 ? "tenant" : "tenants"}, and this call is not about one of them alone.${hint} /whoami says which they are.`;
}

/** However deep: a body of 6,000 characters is not deeper than the stack. */
function valuesIn(body: unknown, name: string): string[] {
  if (Array.isArray(body)) return body.flatMap((item) => valuesIn(item, name));
  if (!isRecord(body)) return [];
  const below = Object.values(body).flatMap((value) => valuesIn(value, name));
  return body[name] === undefined ? below : [String(body[name]), ...below];
}
