import type {
  DirectoryAudit,
  OAuth2PermissionGrant,
  RiskyUser,
  UnifiedRoleAssignment,
  User,
} from "@microsoft/microsoft-graph-types";
import type { SignInSeries } from "../graph/series.ts";
import { type ServicePrincipalRow, servicePrincipal } from "./apps.ts";
import { audit } from "./audits.ts";
import type { BetaSignIn } from "./sign-in.ts";
import { type Account, guid } from "./tenant.ts";

/** What happened in a tenant beyond what its users hold. */
export interface TenantActivity {
  /** Two letters, as the organisation has it. */
  country: string;
  signIns: BetaSignIn[];
  /** More sign-ins than could be held, made one by one; they take the place of all others. */
  flood: SignInSeries | undefined;
  riskyUsers: RiskyUser[];
  directoryAudits: DirectoryAudit[];
  grants: OAuth2PermissionGrant[];
  servicePrincipals: ServicePrincipalRow[];
  roleAssignments: UnifiedRoleAssignment[];
  /** Accounts that no check of a user asks for. */
  users: User[];
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

/** A row of the audit log, by what matters in it. */
export function change({ targets, changed = {}, ...facts }: ChangeFacts): DirectoryAudit {
  return audit({
    category: "ApplicationManagement",
    ...facts,
    targets: targets.map(({ id, type, name }, index) => ({
      id,
      type,
      displayName: type === "User" ? null : name,
      userPrincipalName: type === "User" ? name : null,
      groupType: null,
      modifiedProperties:
        index === 0
          ? Object.entries(changed).map(([displayName, value]) => ({
              displayName,
              oldValue: null,
              newValue: JSON.stringify(value),
            }))
          : [],
    })),
  });
}

/** An app whose owner is Microsoft, or somebody with or without a verified name. */
export function app(
  tenant: string,
  displayName: string,
  {
    publisher,
    createdMs,
    ...facts
  }: { appId?: string; publisher: "microsoft" | "verified" | "unverified"; createdMs: number },
): ServicePrincipalRow {
  return servicePrincipal(tenant, displayName, {
    publisher: displayName,
    verified: publisher === "verified",
    ownerId:
      publisher === "microsoft" ? "f8cdef31-a31e-4b4a-93e4-5f571e91255a" : guid(`owner of ${displayName}`),
    createdAt: createdMs,
    ...facts,
  });
}

export function tenantGrant({ id }: ServicePrincipalRow, scope: string): OAuth2PermissionGrant {
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
