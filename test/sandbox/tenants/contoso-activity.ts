import type { SignInStatus } from "@microsoft/microsoft-graph-types";
import { app, change, roleAssignment, type TenantActivity, tenantGrant } from "./activity.ts";
import {
  AMSTERDAM,
  BAD_PASSWORD,
  type BetaSignIn,
  HANOI,
  MFA_BY_CLAIM,
  managedLaptop,
  SAO_PAULO,
  SEATTLE,
  SINGLE_FACTOR,
  signIn,
  UNKNOWN_LINUX,
} from "./sign-in.ts";
import { type Account, account, memberUser, plainTime } from "./tenant.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPRAY_IP = "192.0.2.150";

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const STOPPED_BY_MFA: SignInStatus = {
  errorCode: 50076,
  failureReason:
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.",
  additionalDetails: "MFA required in Azure AD",
};

/**
 * Under attack: a spray over two dozen accounts that got into Ivan's, whose owner then consented to an app that copies
 * mailboxes and made a guest; Lena's password is known and her second factor holds.
 */
export function attackOnContoso(now: number): TenantActivity {
  const ivan = account("ivan@contoso.com", "Ivan Petrov");
  const lena = account("lena@contoso.com", "Lena Fischer");
  const admin = account("admin@contoso.com", "Administrator");
  const perfectData = app("contoso", "PERFECTDATA SOFTWARE", {
    appId: "ff8d92dc-3d82-41d6-bcbd-b9174d163620",
    publisher: "unverified",
    createdMs: now - 4 * HOUR,
  });
  const mailHelper = app("contoso", "Mail Helper | [click](https://evil.example)", {
    publisher: "unverified",
    createdMs: now - 4 * HOUR,
  });
  const crm = app("contoso", "Customer Records", { publisher: "verified", createdMs: now - 400 * DAY });
  const attempt = (who: Account, index: number, status: SignInStatus): BetaSignIn =>
    signIn(who, {
      atMs: now - 6 * HOUR + index * 20_000,
      ip: SPRAY_IP,
      location: HANOI,
      device: UNKNOWN_LINUX,
      status,
    });

  return {
    country: "US",
    signIns: [
      ...Array.from({ length: 24 }, (_, index) => {
        const name = `user${index + 1}`;
        return attempt(account(`${name}@contoso.com`, name), index, BAD_PASSWORD);
      }),
      attempt(ivan, 24, BAD_PASSWORD),
      attempt(ivan, 25, SINGLE_FACTOR),
      signIn(lena, {
        atMs: now - 3 * HOUR,
        ip: "192.0.2.77",
        location: SAO_PAULO,
        device: UNKNOWN_LINUX,
        status: STOPPED_BY_MFA,
      }),
      // People at home, whose sessions renew themselves.
      ...[ivan, lena, admin].map((who, index) =>
        signIn(who, {
          atMs: now - (4 + index) * HOUR,
          ip: "203.0.113.10",
          location: SEATTLE,
          device: managedLaptop(`CONTOSO-LT-2${index}`),
          status: MFA_BY_CLAIM,
          change: { isInteractive: false, signInEventTypes: ["nonInteractiveUser"] },
        }),
      ),
      signIn(account("jo@contoso.com", "Jo Brand"), {
        atMs: now - 8 * HOUR,
        ip: "203.0.113.88",
        location: AMSTERDAM,
        device: managedLaptop("CONTOSO-LT-090"),
        status: MFA_BY_CLAIM,
      }),
    ],
    flood: undefined,
    riskyUsers: [
      {
        id: ivan.id,
        isDeleted: false,
        isProcessing: false,
        riskLastUpdatedDateTime: plainTime(now - 5 * HOUR),
        riskLevel: "high",
        riskState: "atRisk",
        riskDetail: "none",
        userDisplayName: ivan.displayName,
        userPrincipalName: ivan.upn,
      },
    ],
    directoryAudits: [
      change({
        atMs: now - 4 * HOUR,
        activity: "Consent to application",
        by: { account: ivan, ip: SPRAY_IP },
        targets: [{ id: mailHelper.id, type: "ServicePrincipal", name: String(mailHelper.displayName) }],
        changed: {
          "ConsentContext.IsAdminConsent": "False",
          "ConsentContext.OnBehalfOfAll": "False",
          "ConsentAction.Permissions":
            "[] => [[Id: 1, ConsentType: Principal, Scope:  Mail.ReadWrite Mail.Send offline_access, CreatedDateTime: ]]",
        },
      }),
      change({
        atMs: now - 3 * HOUR,
        activity: "Invite external user",
        by: { account: ivan, ip: SPRAY_IP },
        targets: [{ id: "", type: "User", name: "UPN: billing_payments.example#EXT#" }],
        details: { invitedUserEmailAddress: "billing@payments.example" },
      }),
      change({
        atMs: now - 2 * DAY,
        activity: "Update conditional access policy",
        by: { account: admin, ip: "203.0.113.10" },
        targets: [{ id: "", type: "Policy", name: "Require MFA for admins" }],
      }),
      change({
        atMs: now - DAY,
        activity: "Update user",
        by: { app: "Microsoft Azure AD Group-Based Licensing" },
        targets: [{ id: lena.id, type: "User", name: lena.upn }],
      }),
    ],
    grants: [tenantGrant(crm, "User.Read.All Contacts.ReadWrite")],
    servicePrincipals: [perfectData, mailHelper, crm],
    roleAssignments: [roleAssignment("Global Administrator", admin)],
    users: [
      memberUser(now, account("noor@contoso.com", "Noor Haddad"), {
        createdDateTime: plainTime(now - 2 * DAY),
      }),
    ],
  };
}
