import type { App } from "../consent.ts";
import { isMicrosofts } from "../rules/consent-traits.ts";

export type Publisher = "microsoft" | "this tenant" | "verified" | "unverified" | "unknown";

/** Who stands behind an application. A name is whatever its author typed, so only ids tell. */
export function publisherOf(app: App | undefined, { tenantId }: { tenantId: string }): Publisher {
  if (app === undefined) return "unknown";
  if (isMicrosofts(app)) return "microsoft";
  if (app.ownerTenantId === tenantId.toLowerCase()) return "this tenant";
  if (app.verified === undefined) return "unknown";
  return app.verified ? "verified" : "unverified";
}
