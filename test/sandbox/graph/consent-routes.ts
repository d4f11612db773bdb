import type { AppRole, AppRoleAssignment, ServicePrincipal } from "@microsoft/microsoft-graph-types";
import { guid, type SandboxTenant } from "../tenants/tenant.ts";
import { graphError } from "./answer.ts";
import type { Result, Route } from "./routes.ts";

const DENIAL = graphError(
  403,
  "Authorization_RequestDenied",
  "Insufficient privileges to complete the operation.",
);
const READ_APPS = ["Application.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const GRAPH = { appId: "00000003-0000-0000-c000-000000000000", displayName: "Microsoft Graph" };
const EXCHANGE = { appId: "00000002-0000-0ff1-ce00-000000000000", displayName: "Office 365 Exchange Online" };
/** Beside what the app was given, so that the right ones have to be picked. */
const OTHER_ROLES = [
  "User.ReadWrite.All",
  "MailboxSettings.Read",
  "SecurityAlert.Read.All",
  "full_access_as_app",
];

/** What an app is given in a tenant, and the smallest reads of what the checks of a user do not need. */
export const CONSENT_ROUTES: readonly Route[] = [
  {
    // https://learn.microsoft.com/graph/api/serviceprincipal-get
    of: "tenant",
    path: /^\/v1\.0\/servicePrincipals\(appId='([^']+)'\)$/,
    permissions: READ_APPS,
    denial: DENIAL,
    query: { select: "exact" },
    answer: (tenant, { parts: [appId = ""] }) => servicePrincipal(tenant, appId),
  },
  {
    // https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments
    of: "tenant",
    path: /^\/v1\.0\/servicePrincipals\/([^/]+)\/appRoleAssignments$/,
    permissions: READ_APPS,
    denial: DENIAL,
    query: { top: { max: 999 } },
    answer: (tenant, { parts: [id = ""] }) => ({
      kind: "collection",
      context: "appRoleAssignments",
      rows: tenant.app.roles.map((value) => assignment(value, id)),
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/directoryrole-list
    of: "tenant",
    path: /^\/v1\.0\/directoryRoles$/,
    permissions: ["RoleManagement.Read.Directory", "Directory.Read.All"],
    denial: DENIAL,
    query: { select: "exact" },
    answer: (tenant) => ({
      kind: "collection",
      context: "directoryRoles",
      rows: tenant.users.flatMap(({ directoryRoles }) => directoryRoles),
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/application-list
    of: "tenant",
    path: /^\/v1\.0\/applications$/,
    permissions: READ_APPS,
    denial: DENIAL,
    query: { select: "exact", top: { max: 999 } },
    answer: () => ({ kind: "collection", context: "applications", rows: [] }),
  },
  {
    // https://learn.microsoft.com/graph/api/rbacapplication-list-roledefinitions
    of: "tenant",
    path: /^\/v1\.0\/roleManagement\/directory\/roleDefinitions$/,
    permissions: ["RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory"],
    denial: DENIAL,
    query: { select: "exact", top: { max: 999 } },
    answer: () => ({ kind: "collection", context: "roleManagement/directory/roleDefinitions", rows: [] }),
  },
  {
    // https://learn.microsoft.com/graph/api/security-list-alerts_v2
    of: "tenant",
    path: /^\/v1\.0\/security\/alerts_v2$/,
    permissions: ["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"],
    denial: DENIAL,
    query: { top: { max: 1000 } },
    answer: () => ({ kind: "collection", context: "security/alerts_v2", rows: [] }),
  },
];

function servicePrincipal(tenant: SandboxTenant, appId: string): Result {
  const resource = [GRAPH, EXCHANGE].find((one) => one.appId === appId);
  const row: ServicePrincipal = {
    id: guid(`service principal ${appId}`),
    appId,
    displayName: resource?.displayName ?? "MSP",
    accountEnabled: true,
    appRoles: resource === undefined ? [] : appRoles(tenant, resource === EXCHANGE),
  };
  return { kind: "entity", context: "servicePrincipals", row };
}

const isOfExchange = (value: string) => /^Exchange\.|^full_access/.test(value);

function appRoles(tenant: SandboxTenant, ofExchange: boolean): AppRole[] {
  return [...new Set([...tenant.app.roles, ...OTHER_ROLES])]
    .filter((value) => isOfExchange(value) === ofExchange)
    .map((value) => ({
      id: guid(`app role ${value}`),
      value,
      displayName: value,
      description: null,
      isEnabled: true,
      allowedMemberTypes: ["Application"],
    }));
}

function assignment(value: string, principalId: string): AppRoleAssignment {
  const resource = isOfExchange(value) ? EXCHANGE : GRAPH;
  return {
    id: guid(`assignment ${value}`),
    appRoleId: guid(`app role ${value}`),
    principalId,
    principalType: "ServicePrincipal",
    resourceId: guid(`service principal ${resource.appId}`),
    resourceDisplayName: resource.displayName,
  };
}
