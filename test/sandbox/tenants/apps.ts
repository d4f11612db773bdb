import type {
  AppRoleAssignment,
  OAuth2PermissionGrant,
  ServicePrincipal,
} from "@microsoft/microsoft-graph-types";
import { type Account, guid, plainTime, preciseTime } from "./tenant.ts";

/** Microsoft's own tenant, which owns its apps. */
const MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/** Graph returns two properties that Microsoft's types for v1.0 leave out. */
export type ServicePrincipalRow = ServicePrincipal & {
  id: string;
  appId: string;
  displayName: string;
  publisherName: string | null;
  createdDateTime: string;
};

interface AppFacts {
  publisher: string | null;
  verified: boolean;
  ownerId: string;
  createdAt: number;
  appId?: string;
}

/** An app as a tenant knows it. Its id differs from tenant to tenant, its `appId` does not. */
export function servicePrincipal(
  tenant: string,
  displayName: string,
  { publisher, verified, ownerId, createdAt, appId = guid(`app ${displayName}`) }: AppFacts,
): ServicePrincipalRow {
  return {
    id: servicePrincipalId(tenant, displayName),
    appId,
    displayName,
    publisherName: publisher,
    verifiedPublisher: verified
      ? {
          displayName: publisher,
          verifiedPublisherId: String(Number.parseInt(guid(displayName).slice(0, 6), 16)),
          addedDateTime: plainTime(createdAt - 400 * 86_400_000),
        }
      : { displayName: null, verifiedPublisherId: null, addedDateTime: null },
    appOwnerOrganizationId: ownerId,
    createdDateTime: plainTime(createdAt),
    accountEnabled: true,
    servicePrincipalType: "Application",
  };
}

export function servicePrincipalId(tenant: string, displayName: string): string {
  return guid(`service principal ${tenant} ${displayName}`);
}

/** The apps that every tenant has had from its first day on, and two that most have. */
export function ordinaryApps(now: number, tenant: string): ServicePrincipalRow[] {
  const createdAt = now - 1_200 * 86_400_000;
  const microsoft = { publisher: "Microsoft Services", verified: false, ownerId: MICROSOFT, createdAt };
  return [
    servicePrincipal(tenant, "Microsoft Graph", {
      ...microsoft,
      appId: "00000003-0000-0000-c000-000000000000",
    }),
    servicePrincipal(tenant, "Graph Explorer", {
      ...microsoft,
      appId: "de8bc8b5-d9f9-48b1-a8ad-b748da725064",
    }),
    servicePrincipal(tenant, "Zoom", {
      publisher: "Zoom Communications, Inc.",
      verified: true,
      ownerId: guid("tenant zoom"),
      createdAt: now - 700 * 86_400_000,
    }),
    servicePrincipal(tenant, "Expense Reports", {
      publisher: "Relecloud",
      verified: true,
      ownerId: guid("tenant relecloud"),
      createdAt: now - 500 * 86_400_000,
    }),
  ];
}

/** A consent that a user gave for itself. Graph writes a blank before the first scope. */
export function userConsent(
  tenant: string,
  who: Account,
  app: string,
  scopes: string,
): OAuth2PermissionGrant {
  return {
    id: Buffer.from(`${guid(`grant ${who.upn} ${app}`)}`).toString("base64url"),
    clientId: servicePrincipalId(tenant, app),
    consentType: "Principal",
    principalId: who.id,
    resourceId: servicePrincipalId(tenant, "Microsoft Graph"),
    scope: ` ${scopes}`,
  };
}

/** What a consent leaves as well: the app in the user's list of apps, with the time. */
export function appAssignment(tenant: string, who: Account, app: string, atMs: number): AppRoleAssignment {
  return {
    id: Buffer.from(`${guid(`assignment ${who.upn} ${app}`)}`).toString("base64url"),
    deletedDateTime: null,
    appRoleId: "00000000-0000-0000-0000-000000000000",
    createdDateTime: preciseTime(atMs),
    principalDisplayName: who.displayName,
    principalId: who.id,
    principalType: "User",
    resourceDisplayName: app,
    resourceId: servicePrincipalId(tenant, app),
  };
}
