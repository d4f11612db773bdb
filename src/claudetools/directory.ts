import * as z from "zod";
import { Domain, Guid } from "../tenant.ts";

/** A customer's tenant, as ClaudeTools knows it. Names were written by technicians; they are shown, and never run. */
const KnownTenant = z.object({
  name: z.string().min(1).max(200),
  tenantId: Guid,
  domain: Domain.exactOptional(),
  /** Of the client in ClaudeTools. */
  clientId: z.string().max(100).exactOptional(),
});
export type KnownTenant = z.infer<typeof KnownTenant>;

/** The worker writes it, the webhook reads it for autocompletion. Some 150 bytes a tenant. */
export const TENANTS_KEY = "claudetools:tenants";

/** Nothing there, or of a release of another shape: no tenants. */
export function parseDirectory(text: string | undefined): KnownTenant[] {
  if (text === undefined) return [];
  try {
    return z.array(KnownTenant).safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

/** "Contoso Ltd · contoso.com" */
export function labelOf({ name, domain, tenantId }: KnownTenant): string {
  return `${name} · ${domain ?? tenantId}`;
}

/** Those that somebody may look at. @param tenantIds - `undefined`: all. */
export function tenantsWithin(
  tenantIds: readonly string[] | undefined,
  tenants: readonly KnownTenant[],
): readonly KnownTenant[] {
  return tenantIds === undefined ? tenants : tenants.filter(({ tenantId }) => tenantIds.includes(tenantId));
}

/** Every tenant whose name holds, or whose domain or tenant id begins with, what was typed; best first. Nothing typed: all, by name. */
export function findTenants(typed: string, tenants: readonly KnownTenant[]): KnownTenant[] {
  const wanted = fold(typed);
  return tenants
    .map((tenant) => ({ tenant, rank: rank(tenant, wanted) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .toSorted((a, b) => a.rank - b.rank || a.tenant.name.localeCompare(b.tenant.name, "en"))
    .map(({ tenant }) => tenant);
}

/** Those that are called exactly so, but for case and accents. */
export function tenantsNamed(name: string, tenants: readonly KnownTenant[]): KnownTenant[] {
  return tenants.filter((tenant) => fold(tenant.name) === fold(name));
}

const NO_MATCH = 4;

function rank({ name, domain = "", tenantId }: KnownTenant, wanted: string): number {
  const folded = fold(name);
  if (folded === wanted) return 0;
  if (folded.startsWith(wanted) || domain.startsWith(wanted)) return 1;
  if (folded.includes(` ${wanted}`)) return 2;
  // Not anywhere in a domain: every one of them holds ".com" or the like.
  return folded.includes(wanted) || tenantId.startsWith(wanted) ? 3 : NO_MATCH;
}

function fold(text: string): string {
  return text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ");
}
