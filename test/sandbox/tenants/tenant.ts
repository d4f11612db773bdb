import { createHash } from "node:crypto";
import type {
  AppRoleAssignment,
  DirectoryAudit,
  DirectoryRole,
  Domain,
  MailFolder,
  MessageRule,
  OAuth2PermissionGrant,
  RiskDetection,
  RiskyUser,
  SubscribedSku,
  User,
} from "@microsoft/microsoft-graph-types";
import type { TenantActivity } from "./activity.ts";
import type { ServicePrincipalRow } from "./apps.ts";
import type { AuthMethod } from "./auth-methods.ts";
import type { ExchangeForwarding, ExchangeRule } from "./exchange.ts";
import type { MailHeader } from "./mail.ts";
import type { BetaSignIn } from "./sign-in.ts";

/** A customer's directory as the stand-in holds it. Objects are typed by Microsoft's own types: no invented property. */
export interface SandboxTenant {
  id: string;
  displayName: string;
  domains: Domain[];
  /** Decides what the sign-in log answers (nothing on free, risk levels `hidden` on P1) and identity protection (P2 only). */
  licence: "free" | "p1" | "p2";
  skus: SubscribedSku[];
  /** How the app registration stands in this tenant. */
  app: { installed: boolean; roles: string[]; secretExpired: boolean; exchangeRole: boolean };
  servicePrincipals: ServicePrincipalRow[];
  directoryAudits: DirectoryAudit[];
  users: SandboxUser[];
  /** What happened beyond what its users hold, for a sweep over all of it. */
  activity: TenantActivity;
}

export interface SandboxUser {
  user: User & { id: string; userPrincipalName: string; displayName: string };
  directoryRoles: DirectoryRole[];
  /** `undefined`: none that Graph could reach, as with a mailbox on premises. */
  mailbox: SandboxMailbox | undefined;
  signIns: BetaSignIn[];
  /** What clients did with tokens that they held. */
  nonInteractiveSignIns: BetaSignIn[];
  authMethods: AuthMethod[];
  grants: OAuth2PermissionGrant[];
  appRoleAssignments: AppRoleAssignment[];
  /** `undefined`: never at risk, and not in the list. */
  risk: RiskyUser | undefined;
  riskDetections: RiskDetection[];
}

export interface SandboxMailbox {
  folders: MailFolder[];
  inboxRules: MessageRule[];
  sentItems: MailHeader[];
  deletedItems: MailHeader[];
  /** Deleted from there as well, and still recoverable. */
  recoverableItems: MailHeader[];
  forwarding: ExchangeForwarding;
  /** What only `Get-InboxRule -IncludeHidden` lists. */
  hiddenRules: ExchangeRule[];
  /** An application access policy keeps the app out of this mailbox. */
  closedToApp: boolean;
}

/**
 * What an investigator's app is granted. The last one is of Exchange, and only in a token for it.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
export const INVESTIGATOR_ROLES: readonly string[] = [
  "Application.Read.All",
  "AuditLog.Read.All",
  "Directory.Read.All",
  "Domain.Read.All",
  "IdentityRiskEvent.Read.All",
  "IdentityRiskyUser.Read.All",
  "LicenseAssignment.Read.All",
  "Mail.ReadBasic.All",
  "MailboxSettings.Read",
  "User.Read.All",
  "UserAuthenticationMethod.Read.All",
  "Exchange.ManageAsApp",
];

/** A GUID that looks like one and is the same in every run. */
export function guid(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Seven digits after the second, as Entra writes them; JavaScript's own dates have three. */
export function preciseTime(atMs: number): string {
  const digits = createHash("sha256").update(String(atMs)).digest().readUInt16BE() % 10_000;
  return new Date(atMs).toISOString().replace("Z", `${String(digits).padStart(4, "0")}Z`);
}

/** A time as the directory writes it, without a fraction. */
export function plainTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}

export function domain(name: string, { isDefault = false, isInitial = false } = {}): Domain {
  return {
    id: name,
    authenticationType: "Managed",
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault,
    isInitial,
    isRoot: true,
    isVerified: true,
    passwordNotificationWindowInDays: null,
    passwordValidityPeriodInDays: null,
    state: null,
    supportedServices: ["Email", "OfficeCommunicationsOnline"],
  };
}

const PLAN_IDS = {
  AAD_PREMIUM: "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
  AAD_PREMIUM_P2: "eec0eb4f-6444-4f95-aba0-50c24d67f998",
  EXCHANGE_S_STANDARD: "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
};

export function sku(skuPartNumber: string, seats: number, plans: (keyof typeof PLAN_IDS)[]): SubscribedSku {
  return {
    id: guid(`sku ${skuPartNumber}`),
    accountName: null,
    appliesTo: "User",
    capabilityStatus: "Enabled",
    consumedUnits: seats,
    prepaidUnits: { enabled: seats, suspended: 0, warning: 0, lockedOut: 0 },
    skuId: guid(`skuId ${skuPartNumber}`),
    skuPartNumber,
    subscriptionIds: [],
    servicePlans: plans.map((servicePlanName) => ({
      servicePlanId: PLAN_IDS[servicePlanName],
      servicePlanName,
      provisioningStatus: "Success",
      appliesTo: "User",
    })),
  };
}

export interface Account {
  id: string;
  upn: string;
  displayName: string;
}

export function account(upn: string, displayName: string): Account {
  return { id: guid(`user ${upn}`), upn, displayName };
}

/** An ordinary member of the United States whose password is as old as most. */
export function memberUser(
  now: number,
  { id, upn, displayName }: Account,
  change: Omit<User, "id" | "displayName" | "userPrincipalName"> = {},
): SandboxUser["user"] {
  const daysAgo = (days: number) => plainTime(now - days * 86_400_000);
  return {
    id,
    displayName,
    userPrincipalName: upn,
    mail: upn,
    accountEnabled: true,
    userType: "Member",
    usageLocation: "US",
    onPremisesSyncEnabled: null,
    createdDateTime: daysAgo(900),
    lastPasswordChangeDateTime: daysAgo(140),
    assignedLicenses: [{ disabledPlans: [], skuId: guid("skuId SPB") }],
    ...change,
  };
}

/** The id of a folder, opaque like Exchange's and different in every mailbox. */
export function folderId(upn: string, name: string): string {
  const hash = createHash("sha256").update(`folder ${upn} ${name}`).digest("base64url");
  return `AAMkADRmMWI5ODVk${hash}LgAAAAA${hash.slice(0, 12)}AAA=`;
}

/** Every mailbox has these; `own` are the user's, each in the folder named, or at the top. */
export function mailFolders(upn: string, own: { name: string; inside?: string }[] = []): MailFolder[] {
  const standard = [
    { name: "Archive" },
    { name: "Conversation History" },
    { name: "Deleted Items" },
    { name: "Drafts" },
    { name: "Inbox" },
    { name: "Junk Email" },
    { name: "Outbox" },
    { name: "RSS Feeds" },
    { name: "Sent Items" },
    { name: "Sync Issues", isHidden: true },
  ];
  const all: { name: string; inside?: string; isHidden?: boolean }[] = [...standard, ...own];
  return all.map(({ name, inside, isHidden = false }, index) => ({
    id: folderId(upn, name),
    displayName: name,
    parentFolderId: folderId(upn, inside ?? "Top of Information Store"),
    childFolderCount: all.filter((folder) => folder.inside === name).length,
    unreadItemCount: (index * 7) % 5,
    totalItemCount: (index * 37) % 211,
    isHidden,
  }));
}

/** An inbox rule as Graph returns it: parts that are not set are absent. */
export function inboxRule(
  sequence: number,
  displayName: string,
  { conditions, actions }: Pick<MessageRule, "conditions" | "actions">,
): MessageRule {
  const id = Buffer.from(createHash("sha256").update(`rule ${displayName}`).digest().subarray(0, 5));
  return {
    id: Buffer.concat([Buffer.from([1, 0, 0]), id]).toString("base64"),
    displayName,
    sequence,
    isEnabled: true,
    hasError: false,
    isReadOnly: false,
    ...(conditions ? { conditions } : {}),
    ...(actions ? { actions } : {}),
  };
}

/**
 * A rule that Outlook knows and Graph cannot model: it comes without conditions and actions.
 * @see https://learn.microsoft.com/graph/api/resources/messagerule
 */
export function opaqueInboxRule(sequence: number, displayName: string): MessageRule {
  const { conditions: _, actions: __, ...rule } = inboxRule(sequence, displayName, {});
  return { ...rule, isReadOnly: true };
}
