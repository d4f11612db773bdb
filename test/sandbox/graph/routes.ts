import { withoutBetaFields } from "../tenants/sign-in.ts";
import type { SandboxMailbox, SandboxTenant, SandboxUser } from "../tenants/tenant.ts";
import { type Answer, graphError, NOT_LICENSED, NOT_PREMIUM } from "./answer.ts";
import { CONSENT_ROUTES } from "./consent-routes.ts";
import type { Supported } from "./odata.ts";
import type { SignInSeries } from "./series.ts";

export type Result =
  | { kind: "entity"; context: string; row: object }
  | { kind: "collection"; context: string; rows: object[] }
  | { kind: "series"; context: string; series: SignInSeries }
  | { kind: "refused"; answer: Answer };

interface RouteTerms {
  path: RegExp;
  /** Any one of these roles is enough. @see https://learn.microsoft.com/graph/permissions-reference */
  permissions: string[];
  /** How a token without them is refused, which differs between the services behind Graph. */
  denial: Answer;
  limit?: "reports" | "outlook" | "risk";
  query: Supported;
}

/** What a route's answer depends on besides tenant or user. */
interface Asked {
  /** Parts of the path, without the user's. */
  parts: string[];
  filter: string;
}

/** An address of Graph. Of a user's, the first part of the path is the user. */
export type Route =
  | (RouteTerms & { of: "tenant"; answer: (tenant: SandboxTenant, asked: Asked) => Result })
  | (RouteTerms & { of: "user"; answer: (user: SandboxUser, asked: Asked) => Result });

export const DIRECTORY_DENIAL = graphError(
  403,
  "Authorization_RequestDenied",
  "Insufficient privileges to complete the operation.",
);
const OUTLOOK_DENIAL = graphError(
  403,
  "ErrorAccessDenied",
  "Access is denied. Check credentials and try again.",
);
const REPORTS_DENIAL = graphError(
  403,
  "Authentication_MSGraphPermissionMissing",
  "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
);

const METHODS_DENIAL = graphError(403, "accessDenied", "Request Authorization failed");
export const RISK_DENIAL = graphError(
  403,
  "Forbidden",
  "You cannot perform the requested operation, required scopes are missing in the token.",
);

const READ_SETTINGS = ["MailboxSettings.Read", "MailboxSettings.ReadWrite"];
const READ_MAIL = ["Mail.ReadBasic.All", "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"];
const READ_USERS = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

/** Every address of Graph that the sandbox knows. Each is what Microsoft documents and nothing more. */
export const ROUTES: readonly Route[] = [
  ...CONSENT_ROUTES,
  {
    // https://learn.microsoft.com/graph/api/user-get
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)$/,
    permissions: READ_USERS,
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: (user) => ({ kind: "entity", context: "users", row: user.user }),
  },
  {
    // https://learn.microsoft.com/graph/api/user-list-memberof
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/memberOf\/microsoft\.graph\.directoryRole$/,
    permissions: ["Directory.Read.All", "RoleManagement.Read.Directory", "Directory.ReadWrite.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact", top: { max: 999 } },
    answer: (user) => ({ kind: "collection", context: "directoryRoles", rows: user.directoryRoles }),
  },
  {
    // https://learn.microsoft.com/graph/api/user-list-mailfolders
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/mailFolders$/,
    permissions: READ_MAIL,
    denial: OUTLOOK_DENIAL,
    limit: "outlook",
    query: { select: "with id", top: { max: 1000 }, defaultPage: 10, flags: ["includeHiddenFolders"] },
    answer: (user) =>
      withMailbox(user, (mailbox) => {
        const ids = new Set(mailbox.folders.map(({ id }) => id));
        return {
          kind: "collection",
          context: `users('${user.user.id}')/mailFolders`,
          rows: mailbox.folders.filter((folder) => !ids.has(folder.parentFolderId ?? "") && !folder.isHidden),
        };
      }),
  },
  {
    // https://learn.microsoft.com/graph/api/mailfolder-get
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/mailFolders\/([^/]+)$/,
    permissions: READ_MAIL,
    denial: OUTLOOK_DENIAL,
    limit: "outlook",
    query: { select: "with id" },
    answer: (user, { parts: [folderId] }) =>
      withMailbox(user, (mailbox) => {
        const row = mailbox.folders.find(({ id }) => id === folderId);
        if (row) return { kind: "entity", context: `users('${user.user.id}')/mailFolders`, row };
        return {
          kind: "refused",
          answer: graphError(404, "ErrorItemNotFound", "The specified object was not found in the store."),
        };
      }),
  },
  {
    // https://learn.microsoft.com/graph/api/mailfolder-list-messagerules
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/mailFolders\/inbox\/messageRules$/,
    permissions: READ_SETTINGS,
    denial: OUTLOOK_DENIAL,
    limit: "outlook",
    query: {},
    answer: (user) =>
      withMailbox(user, (mailbox) => ({
        kind: "collection",
        context: `users('${user.user.id}')/mailFolders('inbox')/messageRules`,
        rows: mailbox.inboxRules,
      })),
  },
  {
    // https://learn.microsoft.com/graph/api/mailfolder-list-messages
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/mailFolders\/(sentitems|deleteditems|recoverableitemsdeletions)\/messages$/,
    permissions: READ_MAIL,
    denial: OUTLOOK_DENIAL,
    limit: "outlook",
    query: {
      select: "with id",
      top: { max: 1000 },
      defaultPage: 10,
      filters: /^(sentDateTime|receivedDateTime|lastModifiedDateTime) (ge|gt|le|lt)$/,
      orderby: /^(sentDateTime|receivedDateTime)$/,
    },
    answer: (user, { parts: [folder = ""] }) =>
      withMailbox(user, (mailbox) => ({
        kind: "collection",
        context: `users('${user.user.id}')/mailFolders('${folder}')/messages`,
        rows: messagesOf(mailbox, folder),
      })),
  },
  {
    // https://learn.microsoft.com/graph/api/user-list-oauth2permissiongrants
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/oauth2PermissionGrants$/,
    permissions: ["Directory.Read.All", "DelegatedPermissionGrant.Read.All", "Directory.ReadWrite.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: (user) => ({ kind: "collection", context: "oauth2PermissionGrants", rows: user.grants }),
  },
  {
    // https://learn.microsoft.com/graph/api/user-list-approleassignments
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/appRoleAssignments$/,
    permissions: ["Directory.Read.All", "AppRoleAssignment.ReadWrite.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: (user) => ({ kind: "collection", context: "appRoleAssignments", rows: user.appRoleAssignments }),
  },
  {
    // https://learn.microsoft.com/graph/api/authentication-list-methods
    of: "user",
    path: /^\/v1\.0\/users\/([^/]+)\/authentication\/methods$/,
    permissions: ["UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"],
    denial: METHODS_DENIAL,
    query: {},
    answer: (user) => ({
      kind: "collection",
      context: `users('${user.user.id}')/authentication/methods`,
      rows: user.authMethods,
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/serviceprincipal-list
    of: "tenant",
    path: /^\/v1\.0\/servicePrincipals$/,
    permissions: ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact", top: { max: 999 }, filters: /^(id|appId) (eq|in)$/ },
    answer: (tenant) => ({
      kind: "collection",
      context: "servicePrincipals",
      rows: [...tenant.servicePrincipals, ...tenant.activity.servicePrincipals],
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/riskyuser-get
    of: "tenant",
    path: /^\/v1\.0\/identityProtection\/riskyUsers\/([^/]+)$/,
    permissions: ["IdentityRiskyUser.Read.All", "IdentityRiskyUser.ReadWrite.All"],
    denial: RISK_DENIAL,
    limit: "risk",
    query: { select: "exact" },
    answer: (tenant, { parts: [id] }) => {
      if (tenant.licence !== "p2") return { kind: "refused", answer: NOT_LICENSED };
      const row = tenant.users.find(({ risk }) => risk?.id === id)?.risk;
      if (row) return { kind: "entity", context: "identityProtection/riskyUsers", row };
      return { kind: "refused", answer: graphError(404, "NotFound", `Risky user '${id}' was not found.`) };
    },
  },
  {
    // https://learn.microsoft.com/graph/api/riskdetection-list
    of: "tenant",
    path: /^\/v1\.0\/identityProtection\/riskDetections$/,
    permissions: ["IdentityRiskEvent.Read.All", "IdentityRiskEvent.ReadWrite.All"],
    denial: RISK_DENIAL,
    limit: "risk",
    query: { top: { max: 500 }, filters: /^(userId|riskLevel|riskState) eq$/ },
    answer: (tenant) =>
      tenant.licence === "p2"
        ? {
            kind: "collection",
            context: "identityProtection/riskDetections",
            rows: tenant.users.flatMap(({ riskDetections }) => riskDetections),
          }
        : { kind: "refused", answer: NOT_LICENSED },
  },
  {
    // https://learn.microsoft.com/graph/api/directoryaudit-list
    of: "tenant",
    path: /^\/v1\.0\/auditLogs\/directoryAudits$/,
    permissions: ["AuditLog.Read.All"],
    denial: REPORTS_DENIAL,
    limit: "reports",
    query: {
      top: { max: 1000 },
      filters:
        /^(activityDateTime (ge|gt|le|lt)|(activityDisplayName|category|result|initiatedBy\/user\/id|initiatedBy\/user\/userPrincipalName) eq|targetResources\/any id eq)$/,
    },
    answer: ({ directoryAudits, activity }) => ({
      kind: "collection",
      context: "auditLogs/directoryAudits",
      rows: [...directoryAudits, ...activity.directoryAudits].sort((a, b) =>
        String(b.activityDateTime).localeCompare(String(a.activityDateTime)),
      ),
    }),
  },
  {
    // https://learn.microsoft.com/graph/api/domain-list
    of: "tenant",
    path: /^\/v1\.0\/domains$/,
    permissions: ["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: (tenant) => ({ kind: "collection", context: "domains", rows: tenant.domains }),
  },
  {
    // https://learn.microsoft.com/graph/api/subscribedsku-list
    of: "tenant",
    path: /^\/v1\.0\/subscribedSkus$/,
    permissions: ["LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"],
    denial: DIRECTORY_DENIAL,
    query: { select: "exact" },
    answer: (tenant) => ({ kind: "collection", context: "subscribedSkus", rows: tenant.skus }),
  },
  {
    // https://learn.microsoft.com/graph/api/signin-list
    of: "tenant",
    path: /^\/v1\.0\/auditLogs\/signIns$/,
    permissions: ["AuditLog.Read.All"],
    denial: REPORTS_DENIAL,
    limit: "reports",
    query: {
      top: { max: 1000 },
      filters:
        /^(userId eq|userPrincipalName eq|createdDateTime (ge|gt|le|lt)|status\/errorCode (eq|ne)|ipAddress eq)$/,
    },
    answer: (tenant) => signIns(tenant, "v1.0", ""),
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
    answer: (tenant, { filter }) => signIns(tenant, "beta", filter),
  },
];

function messagesOf({ sentItems, deletedItems, recoverableItems }: SandboxMailbox, folder: string) {
  if (folder === "sentitems") return sentItems;
  return folder === "deleteditems" ? deletedItems : recoverableItems;
}

function withMailbox(
  user: SandboxUser,
  answer: (mailbox: NonNullable<SandboxUser["mailbox"]>) => Result,
): Result {
  if (!user.mailbox) {
    return {
      kind: "refused",
      answer: graphError(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
      ),
    };
  }
  if (user.mailbox.closedToApp) {
    return {
      kind: "refused",
      // https://learn.microsoft.com/exchange/permissions-exo/application-access-policies
      answer: graphError(
        403,
        "ErrorAccessDenied",
        "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
      ),
    };
  }
  return answer(user.mailbox);
}

/** Beta holds all sign-ins and returns the interactive ones unless it is asked for others. */
function signIns(
  { licence, users, activity }: SandboxTenant,
  version: "v1.0" | "beta",
  filter: string,
): Result {
  if (licence === "free") return { kind: "refused", answer: NOT_PREMIUM };
  const context = "auditLogs/signIns";
  if (activity.flood) return { kind: "series", context, series: activity.flood };
  const isOpen = version === "beta" && filter.includes("signInEventTypes/any");
  const rows = [
    ...users.flatMap((user) => [...user.signIns, ...(isOpen ? user.nonInteractiveSignIns : [])]),
    ...activity.signIns.filter(({ isInteractive }) => isOpen || isInteractive),
  ]
    .map((row) => (version === "beta" ? row : withoutBetaFields(row)))
    .sort((a, b) => String(b.createdDateTime).localeCompare(String(a.createdDateTime)));
  const hidden = { riskLevelAggregated: "hidden", riskLevelDuringSignIn: "hidden", riskDetail: "hidden" };
  return {
    kind: "collection",
    context,
    rows: licence === "p1" ? rows.map((row) => ({ ...row, ...hidden })) : rows,
  };
}
