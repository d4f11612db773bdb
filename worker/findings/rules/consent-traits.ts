import type { App, Consent } from "../consent.ts";
import type { Evidence } from "../evidence.ts";
import { quote } from "../finding.ts";
import { CONTENT_SCOPES, MICROSOFT_TENANTS, WRITE_SCOPES } from "../indicators/apps.ts";
import { groupBy } from "./sign-in-traits.ts";

/** All that one app may do in the user's name: an app has a grant for each service, such as Graph and Exchange. */
export interface AppConsent {
  clientId: string;
  app: App | undefined;
  consents: Consent[];
  scopes: string[];
  forEveryone: boolean;
}

export function appConsents({ consents }: Evidence): AppConsent[] {
  return [...groupBy(consents, ({ clientId }) => clientId)].map(([clientId, group]) => ({
    clientId,
    app: group[0]?.app,
    consents: group,
    scopes: [...new Set(group.flatMap(({ scopes }) => scopes))],
    forEveryone: group.some(({ forEveryone }) => forEveryone),
  }));
}

export function isMicrosofts(app: App | undefined): boolean {
  return app?.ownerTenantId !== undefined && MICROSOFT_TENANTS.has(app.ownerTenantId);
}

/** The customer's own app: whoever can make one needs no consent to do harm. */
export function isOwn(app: App | undefined, { tenantId }: Evidence): boolean {
  return tenantId !== undefined && app?.ownerTenantId === tenantId;
}

export function writeScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => WRITE_SCOPES.some((pattern) => pattern.test(scope)));
}

export function contentScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => CONTENT_SCOPES.some((pattern) => pattern.test(scope)));
}

/** Keeps its access while the user is away. */
export function hasOfflineAccess(scopes: readonly string[]): boolean {
  return scopes.some((scope) => scope.toLowerCase() === "offline_access");
}

/** The app as a sentence names it. */
export function appName(app: App | undefined): string {
  return app?.name === undefined ? "an app whose name is not in the evidence" : `"${quote(app.name)}"`;
}
