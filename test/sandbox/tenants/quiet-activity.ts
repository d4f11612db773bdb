import { app, change, roleAssignment, type TenantActivity, tenantGrant } from "./activity.ts";
import { AMSTERDAM, BAD_PASSWORD, MFA_DONE, SAO_PAULO, signIn, UNKNOWN_LINUX } from "./sign-in.ts";
import { account } from "./tenant.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What goes on in a tenant on an ordinary day: noise from outside, a trip, a guest, an app of a verified publisher. */
export function quietActivity(now: number, name: string): TenantActivity {
  const who = account(`sasha@${name}.com`, "Sasha Stone");
  const teams = app(name, "Microsoft Teams", { publisher: "microsoft", createdMs: now - 900 * DAY });
  const signing = app(name, "Contract Signing", { publisher: "verified", createdMs: now - 3 * DAY });
  const admin = account(`admin@${name}.com`, "Administrator");
  return {
    country: "US",
    signIns: [
      ...Array.from({ length: 25 }, (_, index) =>
        signIn(index % 3 === 0 ? who : account(`info${index}@${name}.com`, `Info ${index}`), {
          atMs: now - 2 * HOUR - index * 40_000,
          ip: `192.0.2.${100 + (index % 4)}`,
          location: SAO_PAULO,
          device: UNKNOWN_LINUX,
          status: BAD_PASSWORD,
        }),
      ),
      signIn(who, {
        atMs: now - 6 * HOUR,
        ip: "203.0.113.201",
        location: AMSTERDAM,
        device: UNKNOWN_LINUX,
        status: MFA_DONE,
      }),
    ],
    flood: undefined,
    riskyUsers: [],
    directoryAudits: [
      change({
        atMs: now - 2 * DAY,
        activity: "Invite external user",
        by: { account: who, ip: "203.0.113.60" },
        targets: [{ id: "", type: "User", name: "UPN: partner_supplier.example#EXT#" }],
        details: { invitedUserEmailAddress: "partner@supplier.example" },
      }),
      change({
        atMs: now - 3 * DAY,
        activity: "Consent to application",
        by: { account: admin, ip: "203.0.113.60" },
        targets: [{ id: signing.id, type: "ServicePrincipal", name: "Contract Signing" }],
        changed: {
          "ConsentContext.IsAdminConsent": "True",
          "ConsentContext.OnBehalfOfAll": "True",
          "ConsentAction.Permissions":
            "[] => [[Id: 1, ConsentType: AllPrincipals, Scope:  Files.ReadWrite.All offline_access, CreatedDateTime: ]]",
        },
      }),
    ],
    grants: [tenantGrant(teams, "User.Read"), tenantGrant(signing, "Files.ReadWrite.All offline_access")],
    servicePrincipals: [teams, signing],
    roleAssignments: [roleAssignment("Global Administrator", admin)],
    users: [],
  };
}
