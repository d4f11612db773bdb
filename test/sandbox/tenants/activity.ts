import type {
  DirectoryAudit,
  OAuth2PermissionGrant,
  RiskyUser,
  ServicePrincipal,
  SignIn,
  TargetResource,
  UnifiedRoleAssignment,
  User,
} from "@microsoft/microsoft-graph-types";
import type { SignInSeries } from "../graph/series.ts";
import { type Account, guid, plainTime, preciseTime } from "./tenant.ts";

/** What the beta log adds. @see https://learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta */
export type SweepSignIn = SignIn & {
  signInEventTypes: string[];
  authenticationRequirement: string;
  authenticationProtocol: string;
  userAgent: string | null;
};

/** Graph returns the date, and Microsoft's types for v1.0 leave it out. */
export type AppRow = ServicePrincipal & { id: string; appId: string; createdDateTime: string };

/** What happened in a tenant beyond what its users hold. */
export interface TenantActivity {
  /** Two letters, as the organisation has it. */
  country: string;
  signIns: SweepSignIn[];
  /** More sign-ins than could be held, made one by one; they take the place of all others. */
  flood: SignInSeries | undefined;
  riskyUsers: RiskyUser[];
  directoryAudits: DirectoryAudit[];
  grants: OAuth2PermissionGrant[];
  servicePrincipals: AppRow[];
  roleAssignments: UnifiedRoleAssignment[];
  /** Accounts that no check of a user asks for. */
  users: User[];
}

/** A v1.0 row as beta has it. */
export function toBeta(row: SignIn, change: Partial<SweepSignIn> = {}): SweepSignIn {
  const isMulti = /^MFA /.test(row.status?.additionalDetails ?? "");
  return {
    signInEventTypes: [row.isInteractive === false ? "nonInteractiveUser" : "interactiveUser"],
    authenticationRequirement: isMulti ? "multiFactorAuthentication" : "singleFactorAuthentication",
    authenticationProtocol: "none",
    userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
    ...row,
    ...change,
  };
}

interface ChangeFacts {
  atMs: number;
  activity: string;
  by: { account: Account; ip: string } | { app: string };
  targets: { id: string; type: string; name: string }[];
  /** New values by property, of the first target. */
  changed?: Record<string, string>;
  details?: Record<string, string>;
}

/** A row of the audit log, whose new values are JSON in a string. */
export function change({
  atMs,
  activity,
  by,
  targets,
  changed = {},
  details = {},
}: ChangeFacts): DirectoryAudit {
  const id = guid(`change ${atMs} ${activity}`);
  return {
    id: `Directory_${id}`,
    category: "ApplicationManagement",
    correlationId: guid(`correlation ${id}`),
    result: "success",
    resultReason: "",
    activityDisplayName: activity,
    activityDateTime: preciseTime(atMs),
    loggedByService: "Core Directory",
    operationType: activity.split(" ")[0] ?? "",
    initiatedBy:
      "app" in by
        ? { user: null, app: { appId: null, displayName: by.app, servicePrincipalId: guid(by.app) } }
        : {
            user: {
              id: by.account.id,
              displayName: null,
              userPrincipalName: by.account.upn,
              ipAddress: by.ip,
            },
            app: null,
          },
    targetResources: targets.map(
      ({ id: targetId, type, name }, index): TargetResource => ({
        id: targetId,
        type,
        displayName: type === "User" ? null : name,
        userPrincipalName: type === "User" ? name : null,
        modifiedProperties:
          index === 0
            ? Object.entries(changed).map(([displayName, value]) => ({
                displayName,
                oldValue: null,
                newValue: JSON.stringify(value),
              }))
            : [],
      }),
    ),
    additionalDetails: Object.entries(details).map(([key, value]) => ({ key, value })),
  };
}

interface AppFacts {
  appId?: string;
  publisher: "microsoft" | "verified" | "unverified";
  createdMs: number;
}

export function app(tenant: string, displayName: string, { appId, publisher, createdMs }: AppFacts): AppRow {
  return {
    id: guid(`service principal ${tenant} ${displayName}`),
    appId: appId ?? guid(`app ${displayName}`),
    displayName,
    appOwnerOrganizationId:
      publisher === "microsoft" ? "f8cdef31-a31e-4b4a-93e4-5f571e91255a" : guid(`owner of ${displayName}`),
    verifiedPublisher: {
      displayName: publisher === "verified" ? displayName : null,
      verifiedPublisherId: publisher === "verified" ? "5206094" : null,
      addedDateTime: null,
    },
    createdDateTime: plainTime(createdMs),
    accountEnabled: true,
    servicePrincipalType: "Application",
  };
}

export function tenantGrant({ id }: AppRow, scope: string): OAuth2PermissionGrant {
  return {
    id: guid(`grant ${id} ${scope}`),
    clientId: id,
    consentType: "AllPrincipals",
    principalId: null,
    resourceId: guid("service principal Microsoft Graph"),
    // Graph begins the list with a blank.
    scope: ` ${scope}`,
  };
}

const ROLES = {
  "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
  "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
};

export function roleAssignment(
  role: keyof typeof ROLES,
  { id, upn, displayName }: Account,
): UnifiedRoleAssignment {
  const principal: User = { id, displayName, userPrincipalName: upn };
  return {
    id: guid(`assignment ${role} ${id}`),
    roleDefinitionId: ROLES[role],
    principalId: id,
    directoryScopeId: "/",
    principal,
  };
}
