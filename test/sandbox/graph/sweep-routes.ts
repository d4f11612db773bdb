import { toBeta } from "../tenants/activity.ts";
import type { SandboxTenant } from "../tenants/tenant.ts";
import { graphError, NOT_PREMIUM } from "./answer.ts";
import { DIRECTORY_DENIAL, REPORTS_DENIAL, type Result, type Route } from "./routes.ts";

const RISK_DENIAL = graphError(
  403,
  "Forbidden",
  "You cannot perform the requested operation, required scopes are missing in the token.",
);
/** The words are those that people report; Microsoft documents none. */
const NOT_LICENSED = graphError(403, "Forbidden", "Your tenant is not licensed for this feature.");

/** What only a sweep over a whole tenant asks for. */
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
    // https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta
    of: "tenant",
    path: /^\/beta\/auditLogs\/signIns$/,
    permissions: ["AuditLog.Read.All"],
    denial: REPORTS_DENIAL,
    limit: "reports",
    query: {
      top: { max: 1000 },
      filters:
        /^(userId eq|userPrincipalName eq|createdDateTime (ge|gt|le|lt)|status\/errorCode (eq|ne)|ipAddress eq|signInEventTypes\/any eq)$/,
    },
    answer: signIns,
  },
  {
    // https://learn.microsoft.com/graph/api/riskyuser-list
    of: "tenant",
    path: /^\/v1\.0\/identityProtection\/riskyUsers$/,
    permissions: ["IdentityRiskyUser.Read.All", "IdentityRiskyUser.ReadWrite.All"],
    denial: RISK_DENIAL,
    limit: "risk",
    query: { top: { max: 500 }, filters: /^(riskState|riskLevel|userPrincipalName) eq$/ },
    answer: ({ licence, activity }) =>
      licence === "p2"
        ? { kind: "collection", context: "identityProtection/riskyUsers", rows: activity.riskyUsers }
        : { kind: "refused", answer: NOT_LICENSED },
  },
  {
    // https://learn.microsoft.com/graph/api/directoryaudit-list
    of: "tenant",
    path: /^\/v1\.0\/auditLogs\/directoryAudits$/,
    permissions: ["AuditLog.Read.All"],
    denial: REPORTS_DENIAL,
    limit: "reports",
    query: { top: { max: 1000 }, filters: /^(activityDateTime (ge|gt|le|lt)|activityDisplayName eq)$/ },
    answer: ({ activity }) => ({
      kind: "collection",
      context: "auditLogs/directoryAudits",
      rows: activity.directoryAudits,
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/oauth2permissiongrant-list
    of: "tenant",
    path: /^\/v1\.0\/oauth2PermissionGrants$/,
    permissions: ["Directory.Read.All", "DelegatedPermissionGrant.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { top: { max: 999 }, filters: /^(clientId|consentType|principalId|resourceId) eq$/ },
    answer: ({ activity }) => ({
      kind: "collection",
      context: "oauth2PermissionGrants",
      rows: activity.grants,
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/serviceprincipal-list
    of: "tenant",
    path: /^\/v1\.0\/servicePrincipals$/,
    permissions: ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact", top: { max: 999 }, filters: /^(id|appId) (eq|in)$/ },
    answer: ({ activity }) => ({
      kind: "collection",
      context: "servicePrincipals",
      rows: activity.servicePrincipals,
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

/** Interactive and not, newest first; risk is hidden from tenants without P2. */
function signIns({ licence, users, activity }: SandboxTenant): Result {
  if (licence === "free") return { kind: "refused", answer: NOT_PREMIUM };
  const context = "auditLogs/signIns";
  if (activity.flood) return { kind: "series", context, series: activity.flood };
  const hidden = { riskLevelAggregated: "hidden", riskLevelDuringSignIn: "hidden", riskDetail: "hidden" };
  const rows = [...users.flatMap((user) => user.signIns.map((row) => toBeta(row))), ...activity.signIns].sort(
    (a, b) => String(b.createdDateTime).localeCompare(String(a.createdDateTime)),
  );
  return {
    kind: "collection",
    context,
    rows: licence === "p2" ? rows : rows.map((row) => ({ ...row, ...hidden })),
  };
}
