import { z } from "zod";
import { text, time } from "../lenient.ts";
import type { EvidenceRecord, Source } from "../recognise.ts";
import { parseScopes } from "./scopes.ts";

/** An application's presence in the tenant (a service principal). */
export interface App {
  id: string;
  /** Lower case. */
  appId: string | undefined;
  /** As its publisher wrote it, who may be an attacker. */
  name: string | undefined;
  publisher: "microsoft" | "this tenant" | "verified" | "unverified";
  /** Milliseconds since 1970. */
  created: number | undefined;
  enabled: boolean;
  source: Source;
}

/** Microsoft's own tenants, to which its applications belong. https://github.com/merill/microsoft-info */
const MICROSOFT: ReadonlySet<string> = new Set([
  "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
  "72f988bf-86f1-41af-91ab-2d7cd011db47",
]);

/** @see https://learn.microsoft.com/en-us/graph/api/resources/serviceprincipal */
const GraphApp = z.object({
  id: text,
  appId: text,
  displayName: text,
  appOwnerOrganizationId: text,
  createdDateTime: time,
  accountEnabled: z.boolean().optional().catch(undefined),
  verifiedPublisher: z.object({ verifiedPublisherId: text }).optional().catch(undefined),
});

/** @param tenantId - Whose own applications need no verified publisher. */
export function toApp({ value, source }: EvidenceRecord, tenantId: string): App {
  const raw = GraphApp.parse(value);
  const owner = raw.appOwnerOrganizationId?.toLowerCase() ?? "";
  return {
    id: raw.id ?? `${source.artifact} ${source.path}`,
    appId: raw.appId?.toLowerCase(),
    name: raw.displayName,
    publisher: MICROSOFT.has(owner)
      ? "microsoft"
      : owner === tenantId.toLowerCase()
        ? "this tenant"
        : raw.verifiedPublisher?.verifiedPublisherId
          ? "verified"
          : "unverified",
    created: raw.createdDateTime,
    enabled: raw.accountEnabled !== false,
    source,
  };
}

/** What an application may do in the name of everybody in the tenant. */
export interface TenantGrant {
  /** The service principal's id. */
  app: string;
  scopes: string[];
  source: Source;
}

/** `undefined` for a grant that concerns one person only. */
export function toTenantGrant({ value, source }: EvidenceRecord): TenantGrant | undefined {
  const { clientId, consentType, scope } = z
    .object({ clientId: text, consentType: text, scope: text })
    .parse(value);
  if (consentType !== "AllPrincipals" || clientId === undefined) return undefined;
  return { app: clientId, scopes: parseScopes(scope ?? ""), source };
}
