import type { CheckId } from "./findings.ts";
import { DELETED_FOLDERS, isFolderIn, SENT_FOLDERS } from "./indicators/folders.ts";

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
  | "mailbox"
  | "mailboxPermission"
  | "mailboxSettings"
  | "permissionGrant"
  | "appRoleAssignment"
  | "servicePrincipal"
  | "authMethod"
  | "riskyUser"
  | "riskDetection"
  | "directoryAudit"
  | "roleAssignment"
  | "unifiedAudit"
  | "sentMessage"
  | "deletedMessage"
  | "messageTrace"
  /** Of a folder that is not told; `recognise` finds it out where it can. */
  | "message";

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
    // Both logs of one kind of thing: what was done in the directory, and by whom.
    kind: "directoryAudit",
    check: "directory_audits",
    collections: /^directory_?audits?$/i,
    types: /^directoryAudit$/,
    matches: (has) => has("activityDisplayName") && (has("initiatedBy") || has("targetResources")),
  },
  {
    // Search-UnifiedAuditLog, its AuditData alone, and Graph's auditLogRecord. It holds only what the script searched
    // for, mostly what the user did in Exchange, so it doesn't answer the check of the directory's changes.
    // https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema
    kind: "unifiedAudit",
    collections: /^(unified_?audit(_?log)?s?|ual)$/i,
    types: /^auditLogRecord$|^security\.auditLogRecord$/,
    matches: (has) => has("auditData") || (has("operation") && has("workload") && has("creationTime")),
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
    kind: "roleAssignment",
    collections: /^role_?assignments$/i,
    types: /^unifiedRoleAssignment$/,
    matches: (has) => has("roleDefinitionId") && has("principalId"),
  },
  {
    kind: "appRoleAssignment",
    collections: /^app_?role_?assign(ments|edTo)$/i,
    types: /^appRoleAssignment$/,
    matches: (has) => has("appRoleId") && has("principalId"),
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
    kind: "authMethod",
    check: "auth_methods",
    collections: /^((auth(entication)?|mfa)_?)?methods$/i,
    types: /AuthenticationMethod$/,
    matches: (has) =>
      (has("phoneNumber") && has("phoneType")) ||
      (has("deviceTag") && has("displayName")) ||
      (has("aaGuid") && has("model")) ||
      has("phoneAppVersion") ||
      has("isUsableOnce"),
  },
  {
    // Exchange's Get-Mailbox. https://learn.microsoft.com/en-us/powershell/module/exchange/get-mailbox
    kind: "mailbox",
    check: "mailbox_forwarding",
    collections: /^(mailbox(es)?|mailbox_?forwarding)$/i,
    matches: (has) => has("forwardingSmtpAddress") || has("deliverToMailboxAndForward"),
  },
  {
    // Get-MailboxPermission and Get-RecipientPermission. A list of these says nothing about forwarding.
    kind: "mailboxPermission",
    collections: /^(mailbox|recipient)_?permissions$/i,
    matches: (has) => has("accessRights") && (has("user") || has("trustee")),
  },
  {
    kind: "mailboxSettings",
    collections: /^mailbox_?settings$/i,
    types: /^mailboxSettings$/,
    matches: (has) => has("automaticRepliesSetting"),
  },
  {
    // Get-MessageTrace, by which scripts look for what an account sent: one row for each recipient.
    // https://learn.microsoft.com/en-us/powershell/module/exchange/get-messagetrace
    kind: "messageTrace",
    check: "sent_items",
    collections: /^message_?traces?(_?v2)?$/i,
    matches: (has) => has("senderAddress") && has("recipientAddress"),
  },
  {
    kind: "message",
    collections: /^messages$/i,
    types: /^message$/,
    matches: (has) =>
      has("subject") && (has("sentDateTime") || has("receivedDateTime") || has("internetMessageId")),
  },
  {
    // Messages look alike in all folders, so these two are told by their surroundings alone.
    kind: "sentMessage",
    check: "sent_items",
    collections: /^sent_?(items|messages|mails?)$/i,
    matches: () => false,
  },
  {
    kind: "deletedMessage",
    check: "deleted_items",
    collections: /^(deleted_?(items|messages|mails?)|recoverable_?items\w*)$/i,
    matches: () => false,
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
  // Microsoft's own samples of authentication methods have it without the @.
  const type = record["@odata.type"] ?? record["odata.type"] ?? record.odataType;
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
  const folder = /mailFolders\('([^']*)'\)\/messages\b/.exec(context)?.[1];
  if (folder !== undefined) return ofFolder(folder);
  const type = /#Collection\(microsoft\.graph\.(\w+)\)/.exec(context)?.[1];
  if (type !== undefined) return SHAPES.find((shape) => shape.types?.test(type))?.kind;
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

/** A message's kind by the well-known or display name of its folder; not every folder is one that a check looks at. */
export function ofFolder(name: string): "sentMessage" | "deletedMessage" | "message" {
  const kind = kindOfCollection(name.replaceAll(" ", ""));
  if (kind === "sentMessage" || kind === "deletedMessage") return kind;
  if (isFolderIn(SENT_FOLDERS, name)) return "sentMessage";
  return isFolderIn(DELETED_FOLDERS, name) ? "deletedMessage" : "message";
}
