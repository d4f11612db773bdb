/** What an app registration is for. Each tier has its own, so that no program holds more than it needs. */
export const TIERS = [
  "INVESTIGATOR",
  "EXCHANGE_OPERATOR",
  "USER_MANAGER",
  "TENANT_ADMIN",
  "DEFENDER",
] as const;
export type Tier = (typeof TIERS)[number];

// Microsoft's own names of the resources, also where their addresses are set to others.
export const GRAPH_SCOPE = "https://graph.microsoft.com/.default";
export const EXCHANGE_SCOPE = "https://outlook.office365.com/.default";

export type ResourceName = "graph" | "exchange";

interface Resource {
  /** The same in every tenant. @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
  appId: string;
  displayName: string;
  scope: string;
}

export const RESOURCES: Record<ResourceName, Resource> = {
  graph: {
    appId: "00000003-0000-0000-c000-000000000000",
    displayName: "Microsoft Graph",
    scope: GRAPH_SCOPE,
  },
  exchange: {
    appId: "00000002-0000-0ff1-ce00-000000000000",
    displayName: "Office 365 Exchange Online",
    scope: EXCHANGE_SCOPE,
  },
};

/** The smallest read that a permission allows. */
type Proof =
  | { kind: "read"; path: string; limit?: "reports" | "risk" }
  | { kind: "read-of-user"; path: (userId: string) => string; limit?: "outlook" }
  /** A mailbox as Exchange shows it. */
  | { kind: "exchange" }
  /** Nothing can be read with it, and it is not for a check to change anything. */
  | { kind: "change" };

/** An application permission. Its id is looked up in the tenant by its value, as Microsoft publishes both there. */
export interface Permission {
  value: string;
  resource: ResourceName;
  /** What it is for, after "for". */
  purpose: string;
  /** Without it, something is left out that nobody relies on. */
  optional?: true;
  proof: Proof;
}

const inboxRules: Proof = {
  kind: "read-of-user",
  path: (userId) => `/v1.0/users/${userId}/mailFolders/inbox/messageRules`,
  limit: "outlook",
};
const methods: Proof = {
  kind: "read-of-user",
  path: (userId) => `/v1.0/users/${userId}/authentication/methods`,
};
const users: Permission = {
  value: "User.Read.All",
  resource: "graph",
  purpose: "accounts",
  proof: { kind: "read", path: "/v1.0/users?$top=1&$select=id" },
};
const exchange: Permission = {
  value: "Exchange.ManageAsApp",
  resource: "exchange",
  purpose: "Exchange's own commands",
  proof: { kind: "exchange" },
};

/**
 * The least that each tier needs.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
export const TIER_PERMISSIONS: Record<Tier, readonly Permission[]> = {
  INVESTIGATOR: [
    users,
    {
      value: "Directory.Read.All",
      resource: "graph",
      purpose: "directory roles, app consents, domains and licences",
      proof: { kind: "read", path: "/v1.0/directoryRoles?$select=id" },
    },
    {
      value: "AuditLog.Read.All",
      resource: "graph",
      purpose: "sign-ins and directory changes",
      // Not the sign-ins, which need a licence as well.
      proof: { kind: "read", path: "/v1.0/auditLogs/directoryAudits?$top=1", limit: "reports" },
    },
    { value: "MailboxSettings.Read", resource: "graph", purpose: "inbox rules", proof: inboxRules },
    {
      value: "Mail.ReadBasic.All",
      resource: "graph",
      purpose: "headers of sent and deleted mail",
      proof: {
        kind: "read-of-user",
        path: (userId) => `/v1.0/users/${userId}/mailFolders?$top=1&$select=id`,
        limit: "outlook",
      },
    },
    {
      value: "UserAuthenticationMethod.Read.All",
      resource: "graph",
      purpose: "sign-in methods",
      proof: methods,
    },
    {
      value: "IdentityRiskyUser.Read.All",
      resource: "graph",
      purpose: "risky users",
      proof: { kind: "read", path: "/v1.0/identityProtection/riskyUsers?$top=1", limit: "risk" },
    },
    {
      value: "IdentityRiskEvent.Read.All",
      resource: "graph",
      purpose: "risk detections",
      proof: { kind: "read", path: "/v1.0/identityProtection/riskDetections?$top=1", limit: "risk" },
    },
    { ...exchange, purpose: "mailbox forwarding and hidden inbox rules", optional: true },
  ],
  EXCHANGE_OPERATOR: [
    {
      value: "MailboxSettings.ReadWrite",
      resource: "graph",
      purpose: "disabling inbox rules",
      proof: inboxRules,
    },
    exchange,
  ],
  USER_MANAGER: [
    users,
    {
      value: "User.EnableDisableAccount.All",
      resource: "graph",
      purpose: "disabling accounts",
      proof: { kind: "change" },
    },
    {
      value: "User.RevokeSessions.All",
      resource: "graph",
      purpose: "ending sessions",
      proof: { kind: "change" },
    },
    {
      value: "User-PasswordProfile.ReadWrite.All",
      resource: "graph",
      purpose: "resetting passwords",
      proof: { kind: "change" },
    },
    {
      value: "UserAuthenticationMethod.ReadWrite.All",
      resource: "graph",
      purpose: "removing sign-in methods",
      proof: methods,
    },
  ],
  TENANT_ADMIN: [
    {
      value: "Application.Read.All",
      resource: "graph",
      purpose: "apps and their publishers",
      proof: { kind: "read", path: "/v1.0/applications?$top=1&$select=id" },
    },
    {
      value: "DelegatedPermissionGrant.ReadWrite.All",
      resource: "graph",
      purpose: "revoking consents of users",
      proof: { kind: "read", path: "/v1.0/oauth2PermissionGrants?$top=1" },
    },
    {
      value: "AppRoleAssignment.ReadWrite.All",
      resource: "graph",
      purpose: "granting and revoking permissions of apps",
      proof: { kind: "change" },
    },
    {
      value: "RoleManagement.ReadWrite.Directory",
      resource: "graph",
      purpose: "directory roles of people and apps",
      proof: { kind: "read", path: "/v1.0/roleManagement/directory/roleDefinitions?$top=1&$select=id" },
    },
  ],
  DEFENDER: [
    {
      value: "SecurityAlert.Read.All",
      resource: "graph",
      purpose: "Defender's alerts",
      proof: { kind: "read", path: "/v1.0/security/alerts_v2?$top=1" },
    },
  ],
};
