import { z } from "zod";
import { text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** What an app may do in the user's name: a delegated permission grant, with what is known of the app. */
export interface Consent {
  id: string;
  /** The service principal in this tenant, by which the app is found. */
  clientId: string;
  /** For everybody in the tenant, which only an administrator can give. */
  forEveryone: boolean;
  principalId: string | undefined;
  scopes: string[];
  app: App | undefined;
  source: Source;
}

/** An app as the tenant knows it. Names are whatever its author typed: only ids tell who somebody is. */
export interface App {
  id: string;
  appId: string | undefined;
  name: string | undefined;
  publisher: string | undefined;
  /** `undefined` if the evidence doesn't say. */
  verified: boolean | undefined;
  /** The tenant that the app belongs to. */
  ownerTenantId: string | undefined;
  addedAt: number | undefined;
  source: Source;
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/oauth2permissiongrant */
const Grant = z.object({
  id: text,
  clientId: text,
  consentType: text,
  principalId: text,
  scope: text,
});

export function toConsent({ value, source }: EvidenceRecord): Consent {
  const grant = Grant.parse(value);
  return {
    id: grant.id ?? `${source.artifact} ${source.path}`,
    clientId: grant.clientId ?? "",
    forEveryone: grant.consentType === "AllPrincipals",
    principalId: grant.principalId,
    // Graph begins the list with a blank.
    scopes: (grant.scope ?? "").split(/\s+/).filter(Boolean),
    app: undefined,
    source,
  };
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/serviceprincipal */
const ServicePrincipal = z.object({
  id: text,
  appId: text,
  displayName: text,
  appDisplayName: text,
  publisherName: text,
  // Absent if nobody asked for it; null, or an object of nulls, if there is none.
  verifiedPublisher: z.object({ verifiedPublisherId: text, displayName: text }).nullish().catch(undefined),
  appOwnerOrganizationId: text,
  createdDateTime: time,
});

export function toApp({ value, source }: EvidenceRecord): App {
  const app = ServicePrincipal.parse(value);
  const verified = app.verifiedPublisher;
  return {
    id: app.id ?? `${source.artifact} ${source.path}`,
    appId: app.appId?.toLowerCase(),
    name: app.displayName ?? app.appDisplayName,
    publisher: verified?.displayName ?? app.publisherName,
    verified: verified === undefined ? undefined : !!verified?.verifiedPublisherId,
    ownerTenantId: app.appOwnerOrganizationId?.toLowerCase(),
    addedAt: app.createdDateTime,
    source,
  };
}

/** An app in the list of apps of a user, which a consent puts there; it has the time that the grant lacks. */
export interface AppAssignment {
  /** The app's service principal. */
  appObjectId: string;
  at: number | undefined;
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/approleassignment */
const Assignment = z.object({ principalId: text, resourceId: text, createdDateTime: time });

/** `undefined` for one of somebody else. */
export function toAppAssignment(
  { value }: EvidenceRecord,
  accountId: string | undefined,
): AppAssignment | undefined {
  const { principalId, resourceId, createdDateTime: at } = Assignment.parse(value);
  const isOurs = principalId === undefined || accountId === undefined || principalId === accountId;
  return resourceId !== undefined && isOurs ? { appObjectId: resourceId, at } : undefined;
}
