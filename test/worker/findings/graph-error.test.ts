import { expect, test } from "vitest";
import type { CheckId, CoverageStatus } from "../../../worker/findings/findings.ts";
import { parseGraphError } from "../../../worker/findings/graph-error.ts";

test.for<[code: string, message: string, status: CoverageStatus, check: CheckId | undefined]>([
  [
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
    "not_licensed",
    "signins",
  ],
  [
    "Authentication_MSGraphPermissionMissing",
    "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
    "no_permission",
    "signins",
  ],
  [
    "Authentication_ApplicationHasNoDirectoryReadAccess",
    "Failed to do premium license check from ADGraph",
    "no_permission",
    "signins",
  ],
  ["Authentication_RequestFromNonPremiumTenantOrB2CTenant", "", "not_licensed", "signins"],
  ["NoLicense", "", "not_licensed", undefined],
  ["Forbidden", "Your tenant is not licensed for this feature.", "not_licensed", "risk"],
  ["Forbidden", "Access is denied.", "no_permission", undefined],
  [
    "MailboxNotEnabledForRESTAPI",
    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    "no_mailbox",
    "inbox_rules",
  ],
  [
    "MailboxNotSupportedForRESTAPI",
    "REST API is not yet supported for this mailbox.",
    "no_mailbox",
    "inbox_rules",
  ],
  ["ErrorAccessDenied", "Access is denied. Check credentials and try again.", "no_permission", "inbox_rules"],
  ["Forbidden", "The app lacks Exchange.ManageAsApp.", "no_permission", "mailbox_forwarding"],
  ["TooManyRequests", "Too many requests", "throttled", undefined],
  ["GatewayTimeout", "The request timed out", "timeout", undefined],
  ["Request_ResourceNotFound", "Resource 'x' does not exist", "error", "account_state"],
  ["generalException", "", "error", undefined],
])("%s, %j is %s", ([code, message, status, check]) => {
  expect(parseGraphError({ error: { code, message, innerError: {} } })).toEqual({
    code,
    message,
    status,
    check,
  });
});

test("an error that says nothing is one all the same", () => {
  expect(parseGraphError({ error: {} })).toEqual({
    code: "",
    message: "",
    status: "error",
    check: undefined,
  });
});

test("a refused token concerns all checks", () => {
  const refusal = {
    error: "invalid_client",
    error_description: "AADSTS7000215: Invalid client secret provided.",
  };
  expect(parseGraphError(refusal)).toMatchObject({ status: "no_permission", check: "all" });
});

test.for<[value: unknown]>([[{ error: null }], [{ error: "x" }], [{ value: [] }], [null], [[]], ["error"]])(
  "%j is no error envelope",
  ([value]) => {
    expect(parseGraphError(value)).toBeUndefined();
  },
);
