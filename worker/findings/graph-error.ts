import { z } from "zod";
import type { CheckId, CoverageStatus } from "./findings.ts";

/** What Microsoft answered in place of evidence. */
export interface GraphError {
  code: string;
  message: string;
  status: CoverageStatus;
  /** The check that it belongs to, as far as its own words tell; "all" for a refused token. */
  check: CheckId | "all" | undefined;
}

const text = z.union([z.string(), z.number().transform(String)]).catch("");
const Envelope = z.object({
  error: z.object({ code: text, message: text }),
});
/** The token endpoint writes `error` as a plain word. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const TokenRefusal = z.object({ error: z.string(), error_description: z.string() });

/** `undefined` for a value that is no error envelope of Graph, Exchange or the token endpoint. */
export function parseGraphError(value: unknown): GraphError | undefined {
  const refusal = TokenRefusal.safeParse(value).data;
  if (refusal !== undefined) {
    const { error: code, error_description: message } = refusal;
    return { code, message, status: "no_permission", check: "all" };
  }
  const envelope = Envelope.safeParse(value).data;
  if (envelope === undefined) return undefined;
  const { code, message } = envelope.error;
  return { code, message, status: statusOf(code, message), check: checkOf(`${code} ${message}`) };
}

/**
 * The order matters. `Authentication_ApplicationHasNoDirectoryReadAccess` is a missing permission although its text
 * is "Failed to do premium license check"; and a 403 "Forbidden" is a missing licence if its text says so.
 * @see https://learn.microsoft.com/en-us/graph/errors
 */
const STATUSES: [code: RegExp | undefined, text: RegExp | undefined, status: CoverageStatus][] = [
  [
    /PermissionMissing|HasNo\w*Access|Authorization_RequestDenied|ErrorAccessDenied/i,
    undefined,
    "no_permission",
  ],
  [/NonPremiumTenant|NoLicense/i, undefined, "not_licensed"],
  [undefined, /premium licen[cs]e|not licensed|requires? a[n]? .*\bP[12]\b/i, "not_licensed"],
  [/MailboxNotEnabledForRESTAPI|MailboxNotSupportedForRESTAPI/i, undefined, "no_mailbox"],
  [undefined, /REST API is not yet supported for this mailbox|hosted on-premise/i, "no_mailbox"],
  [/TooManyRequests|Throttl|^429$|ActivityLimitReached/i, /too many requests|throttled/i, "throttled"],
  [/Timeout|^504$/i, /timed out/i, "timeout"],
  [/Forbidden|AccessDenied|Unauthorized|InvalidAuthenticationToken|^40[13]$/i, undefined, "no_permission"],
];

function statusOf(code: string, message: string): CoverageStatus {
  const row = STATUSES.find(([inCode, inText]) => inCode?.test(code) || inText?.test(message));
  return row?.[2] ?? "error";
}

/** An envelope carries no address, so only the names of permissions, licences and services in it can tell. */
const CHECKS: [words: RegExp, check: CheckId][] = [
  [/IdentityRisk|riskyUsers|riskDetections|Identity Protection|not licensed for this feature/i, "risk"],
  [/directoryAudits/i, "directory_audits"],
  [/AuditLog\.Read|signIns|NonPremiumTenant|ReadAuditLogDataAccess|premium licen[cs]e/i, "signins"],
  [/UserAuthenticationMethod/i, "auth_methods"],
  [/Exchange\.ManageAsApp|Get-Mailbox\b/i, "mailbox_forwarding"],
  [/oauth2PermissionGrant|DelegatedPermissionGrant/i, "oauth_consents"],
  [
    /MailboxSettings|MailboxNot|REST API is not yet supported|hosted on-premise|ErrorAccessDenied/i,
    "inbox_rules",
  ],
  [/Request_ResourceNotFound|\bUser\.Read/i, "account_state"],
];

function checkOf(words: string): CheckId | undefined {
  return CHECKS.find(([pattern]) => pattern.test(words))?.[1];
}
