import { ordinaryApps } from "./apps.ts";
import { contoso } from "./contoso.ts";
import { ordinaryAudits, ordinaryHabits, ordinaryMails } from "./ordinary.ts";
import { quietActivity } from "./quiet-activity.ts";
import { MFA_BY_CLAIM, managedLaptop, SEATTLE, signIn } from "./sign-in.ts";
import {
  account,
  domain,
  folderId,
  INVESTIGATOR_ROLES,
  inboxRule,
  mailFolders,
  memberUser,
  type SandboxTenant,
  sku,
} from "./tenant.ts";

/** The tenants of the sandbox, with dates relative to `now`. */
export function createWorld(now: number): SandboxTenant[] {
  return [contoso(now), fabrikam(now), northwind(now)];
}

/** No premium licence: Graph gives no sign-in log and no risk. Nobody granted the app anything in Exchange. */
function fabrikam(now: number): SandboxTenant {
  const tenant = smallTenant(now, "fabrikam", "Fabrikam Inc", account("pat@fabrikam.com", "Pat Kirk"));
  return {
    ...tenant,
    app: { ...tenant.app, roles: tenant.app.roles.filter((role) => role !== "Exchange.ManageAsApp") },
    id: "3ab9e0c4-71d5-4f68-8a2e-6c0b1d94f7e3",
    licence: "free",
    skus: [sku("O365_BUSINESS_ESSENTIALS", 8, ["EXCHANGE_S_STANDARD"])],
  };
}

/** Entra ID P1: a sign-in log whose risk levels are hidden, and no risk of its own. */
function northwind(now: number): SandboxTenant {
  return {
    ...smallTenant(now, "northwind", "Northwind Traders", account("nancy@northwind.com", "Nancy Ito")),
    id: "c58d2f17-9e46-4b0a-b3d1-25e87a60cf94",
    licence: "p1",
    skus: [sku("SPB", 40, ["AAD_PREMIUM", "EXCHANGE_S_STANDARD"])],
  };
}

function smallTenant(now: number, name: string, displayName: string, who: ReturnType<typeof account>) {
  return {
    displayName,
    domains: [
      domain(`${name}.com`, { isDefault: true }),
      domain(`${name}.onmicrosoft.com`, { isInitial: true }),
    ],
    app: { installed: true, roles: [...INVESTIGATOR_ROLES], secretExpired: false, exchangeRole: true },
    servicePrincipals: ordinaryApps(now, name),
    directoryAudits: ordinaryAudits(now, who),
    activity: quietActivity(now, name),
    users: [
      {
        user: memberUser(now, who),
        directoryRoles: [],
        mailbox: {
          closedToApp: false,
          folders: mailFolders(who.upn, [{ name: "Newsletters", inside: "Inbox" }]),
          inboxRules: [
            inboxRule(1, "Newsletters", {
              conditions: { senderContains: ["newsletter"] },
              actions: { moveToFolder: folderId(who.upn, "Newsletters") },
            }),
          ],
          ...ordinaryMails(now, who),
        },
        ...ordinaryHabits(now, who, {
          tenant: name,
          laptop: `${name.toUpperCase()}-07`,
          ip: "203.0.113.60",
        }),
        signIns: [1, 2, 3].map((day) =>
          signIn(who, {
            atMs: now - day * 86_400_000,
            ip: "203.0.113.60",
            location: SEATTLE,
            device: managedLaptop(`${name.toUpperCase()}-07`),
            status: MFA_BY_CLAIM,
          }),
        ),
      },
    ],
  };
}
