import type { CheckId } from "./findings.ts";

export type JsonObject = { readonly [key: string]: unknown };

export type RecordKind =
  | "messageRule"
  | "exchangeRule"
  | "mailFolder"
  | "signIn"
  | "user"
  | "directoryRole"
  | "directoryObject"
  | "domain"
  | "organization"
  | "permissionGrant"
  | "servicePrincipal"
  | "riskyUser"
  | "riskDetection"
  | "directoryAudit"
  | "roleAssignment";

interface RecordShape {
  kind: RecordKind;
  /** The check that a list of these answers; without one, the kind only helps to read others. */
  check?: CheckId;
  /** Last segments of an `@odata.context`, and names that a script gives such a list in a file of its own making. */
  collections: RegExp;
  /** `@odata.type` without "#microsoft.graph.". */
  types?: RegExp;
  matches: (has: (key: string) => boolean) => boolean;
}

/**
 * How each kind of record is told by its shape: no two toolkits name their files alike. A new check adds its rows
 * here. The first match wins, so the more telling shapes stand first: a sign-in has a `userPrincipalName` too.
 */
const SHAPES: readonly RecordShape[] = [
  {
    kind: "signIn",
    check: "signins",
    collections: /^sign_?ins?$/i,
    types: /^signIn$/,
    matches: (has) =>
      (has("ipAddress") && has("clientAppUsed")) ||
      (has("createdDateTime") &&
        has("status") &&
        has("userPrincipalName") &&
        (has("appId") || has("ipAddress"))),
  },
  {
    kind: "messageRule",
    check: "inbox_rules",
    collections: /^(message|inbox)_?rules?$/i,
    types: /^messageRule$/,
    matches: (has) =>
      (has("displayName") && has("sequence") && has("isEnabled")) ||
      (has("actions") && has("conditions") && (has("displayName") || has("isEnabled"))),
  },
  {
    // Exchange's Get-InboxRule. https://learn.microsoft.com/en-us/powershell/module/exchange/get-inboxrule
    kind: "exchangeRule",
    check: "inbox_rules",
    collections: /^exchange_?rules$/i,
    matches: (has) =>
      has("ruleIdentity") ||
      (has("name") &&
        has("enabled") &&
        ["deleteMessage", "moveToFolder", "forwardTo", "redirectTo", "markAsRead"].some(has)),
  },
  {
    kind: "directoryAudit",
    check: "directory_audits",
    collections: /^directory_?audits?$/i,
    types: /^directoryAudit$/,
    matches: (has) => has("activityDisplayName") && (has("initiatedBy") || has("targetResources")),
  },
  {
    kind: "riskDetection",
    check: "risk",
    collections: /^(user_?)?risk_?detections$/i,
    types: /^riskDetection$/,
    matches: (has) => (has("riskEventType") || has("riskType")) && (has("riskState") || has("riskLevel")),
  },
  {
    kind: "riskyUser",
    check: "risk",
    collections: /^risky_?users?$/i,
    types: /^riskyUser$/,
    matches: (has) => has("riskState") && has("riskLevel") && !has("appId"),
  },
  {
    kind: "permissionGrant",
    check: "oauth_consents",
    collections: /^(oauth2_?permission_?grants|(oauth_?)?consents)$/i,
    types: /^oAuth2PermissionGrant$/i,
    matches: (has) => has("clientId") && has("scope") && (has("consentType") || has("principalId")),
  },
  {
    kind: "servicePrincipal",
    collections: /^service_?principals$/i,
    types: /^servicePrincipal$/,
    matches: (has) =>
      has("appId") &&
      ["servicePrincipalType", "appOwnerOrganizationId", "verifiedPublisher", "servicePrincipalNames"].some(
        has,
      ),
  },
  {
    kind: "roleAssignment",
    collections: /^role_?assignments$/i,
    types: /^unifiedRoleAssignment$/,
    matches: (has) => has("roleDefinitionId") && has("principalId"),
  },
  {
    kind: "mailFolder",
    collections: /^(mail_?folders|childFolders)$/i,
    types: /^mail(Search)?Folder$/,
    matches: (has) =>
      has("displayName") &&
      has("id") &&
      (has("parentFolderId") || has("childFolderCount") || has("totalItemCount") || has("wellKnownName")),
  },
  {
    kind: "directoryRole",
    collections: /^directory_?roles$/i,
    types: /^directoryRole$/,
    matches: (has) => has("roleTemplateId"),
  },
  {
    kind: "domain",
    collections: /^domains$/i,
    types: /^domain$/,
    matches: (has) => has("id") && has("isVerified") && (has("isDefault") || has("authenticationType")),
  },
  {
    kind: "organization",
    collections: /^organization$/i,
    types: /^organization$/,
    matches: (has) => has("verifiedDomains"),
  },
  {
    kind: "directoryObject",
    collections: /^(directoryObjects|memberOf|transitiveMemberOf|groups)$/i,
    types: /^(group|administrativeUnit|directoryObject)$/,
    matches: (has) => has("displayName") && (has("groupTypes") || has("securityEnabled")),
  },
  {
    kind: "user",
    check: "account_state",
    collections: /^users?$/i,
    types: /^user$/,
    matches: (has) =>
      has("userPrincipalName") &&
      !has("riskState") &&
      !has("activityDisplayName") &&
      ["accountEnabled", "usageLocation", "userType", "assignedLicenses", "givenName", "jobTitle"].some(has),
  },
];

export function checkOfKind(kind: RecordKind): CheckId | undefined {
  return SHAPES.find((shape) => shape.kind === kind)?.check;
}

/** The kind of one record from its `@odata.type`, else from its keys. */
export function kindOfRecord(record: JsonObject): RecordKind | undefined {
  const type = record["@odata.type"];
  if (typeof type === "string") {
    const name = type.replace(/^#?microsoft\.graph\./, "");
    const byType = SHAPES.find((shape) => shape.types?.test(name));
    if (byType !== undefined) return byType.kind;
  }
  const has = (key: string) => Object.hasOwn(record, key);
  return SHAPES.find((shape) => shape.matches(has))?.kind;
}

/** The kind that a list's name stands for, such as "inboxRules" or the last segment of a context. */
export function kindOfCollection(name: string): RecordKind | undefined {
  return SHAPES.find((shape) => shape.collections.test(name))?.kind;
}

/**
 * The kind in an `@odata.context`, such as `…/$metadata#users('a%40b.c')/mailFolders('inbox')/messageRules` or
 * `…/$metadata#users(id,accountEnabled)/$entity`.
 * @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part1-protocol.html#sec_ContextURL
 */
export function kindOfContext(context: unknown): RecordKind | undefined {
  if (typeof context !== "string" || context.length > MAX_CONTEXT_LENGTH) return undefined;
  let path = context.slice(context.indexOf("#") + 1);
  // Selected properties and keys stand in brackets, which nest: users(id,memberOf(id)).
  for (let before = ""; before !== path; ) {
    before = path;
    path = path.replace(/\([^()]*\)/g, "");
  }
  const last = path
    .replace(/\/\$entity$/, "")
    .split("/")
    .at(-1);
  return last === undefined ? undefined : kindOfCollection(last);
}
const MAX_CONTEXT_LENGTH = 4_000;
