import { NOT_LICENSED } from "./answer.ts";
import { DIRECTORY_DENIAL, RISK_DENIAL, type Route } from "./routes.ts";

/** Lists of a whole tenant, which no check of one user asks for. */
export const SWEEP_ROUTES: readonly Route[] = [
  {
    // https://learn.microsoft.com/graph/api/organization-list
    of: "tenant",
    path: /^\/v1\.0\/organization$/,
    permissions: ["Organization.Read.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: ({ id, displayName, domains, activity }) => ({
      kind: "collection",
      context: "organization",
      rows: [
        {
          id,
          displayName,
          countryLetterCode: activity.country,
          verifiedDomains: domains.map(({ id: name, isDefault, isInitial }) => ({
            name,
            isDefault,
            isInitial,
          })),
        },
      ],
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/riskyuser-list
    of: "tenant",
    path: /^\/v1\.0\/identityProtection\/riskyUsers$/,
    permissions: ["IdentityRiskyUser.Read.All", "IdentityRiskyUser.ReadWrite.All"],
    denial: RISK_DENIAL,
    limit: "risk",
    query: { top: { max: 500 }, filters: /^(riskState|riskLevel|userPrincipalName) eq$/ },
    answer: ({ licence, users, activity }) =>
      licence === "p2"
        ? {
            kind: "collection",
            context: "identityProtection/riskyUsers",
            rows: [...users.flatMap(({ risk }) => risk ?? []), ...activity.riskyUsers],
          }
        : { kind: "refused", answer: NOT_LICENSED },
  },
  {
    // https://learn.microsoft.com/graph/api/oauth2permissiongrant-list
    of: "tenant",
    path: /^\/v1\.0\/oauth2PermissionGrants$/,
    permissions: [
      "DelegatedPermissionGrant.Read.All",
      "DelegatedPermissionGrant.ReadWrite.All",
      "Directory.Read.All",
    ],
    denial: DIRECTORY_DENIAL,
    query: { top: { max: 999 }, filters: /^(clientId|consentType|principalId|resourceId) eq$/ },
    answer: ({ users, activity }) => ({
      kind: "collection",
      context: "oauth2PermissionGrants",
      rows: [...users.flatMap(({ grants }) => grants), ...activity.grants],
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
    of: "tenant",
    path: /^\/v1\.0\/roleManagement\/directory\/roleAssignments$/,
    permissions: ["RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { flags: ["$expand"] },
    answer: ({ activity }) => ({
      kind: "collection",
      context: "roleManagement/directory/roleAssignments",
      rows: activity.roleAssignments,
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/user-list
    of: "tenant",
    path: /^\/v1\.0\/users$/,
    permissions: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact", top: { max: 999 }, filters: /^createdDateTime (ge|gt|le|lt|eq)$/ },
    answer: ({ users, activity }) => ({
      kind: "collection",
      context: "users",
      rows: [...users.map(({ user }) => user), ...activity.users],
    }),
  },
];
