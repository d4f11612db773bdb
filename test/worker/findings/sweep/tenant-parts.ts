import type { FindingsDocument, Severity } from "../../../../worker/findings/findings.ts";
import { judge } from "../../../../worker/findings/investigate.ts";
import { artifact } from "../artifacts.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const TENANT_ID = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

type Row = Record<string, unknown>;

/** What a toolkit leaves of a tenant, in Graph's shape. */
export interface Parts {
  signIns?: Row[];
  audits?: Row[];
  grants?: Row[];
  apps?: Row[];
  riskyUsers?: Row[];
  users?: Row[];
  roles?: Row[];
}

/** Everything that a whole sweep leaves, nothing of it remarkable; `parts` are added. */
export function sweep(parts: Parts): FindingsDocument {
  const list = (fragment: string, value: unknown) => ({
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${fragment}`,
    value,
  });
  return judge({
    artifacts: [
      artifact("a", list("organization", [{ id: TENANT_ID, countryLetterCode: "US", verifiedDomains: [] }])),
      artifact("b", list("auditLogs/signIns", [...people(), ...(parts.signIns ?? [])])),
      artifact("c", list("auditLogs/directoryAudits", parts.audits ?? [])),
      artifact("d", list("oauth2PermissionGrants", parts.grants ?? [])),
      artifact("e", list("servicePrincipals", parts.apps ?? [])),
      artifact("f", list("identityProtection/riskyUsers", parts.riskyUsers ?? [])),
      artifact("g", list("users", parts.users ?? [])),
      artifact("h", list("roleManagement/directory/roleAssignments", parts.roles ?? [])),
    ],
    run: {
      id: "ix-1",
      kind: "tenant",
      tenant: { id: TENANT_ID, domain: "contoso.com" },
      target: null,
      started: new Date(NOW - 20_000).toISOString(),
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
    },
    now: new Date(NOW),
  });
}

/** The worst severity that a rule found, `undefined` if it was quiet. */
export function severityOf(rule: string, parts: Parts): Severity | undefined {
  return sweep(parts).findings.find((finding) => finding.rule === rule)?.severity;
}

let serial = 0;

/** A success at home on a managed computer with a second factor, as beta writes it. */
export function signIn(user: string, change: Row = {}): Row {
  serial++;
  return {
    id: `sign-in-${serial}`,
    createdDateTime: at(2 * HOUR),
    userPrincipalName: `${user}@contoso.com`,
    userId: `id-${user}`,
    appId: "00000002-0000-0ff1-ce00-000000000000",
    appDisplayName: "Office 365",
    ipAddress: "203.0.113.10",
    clientAppUsed: "Browser",
    isInteractive: true,
    authenticationRequirement: "multiFactorAuthentication",
    status: { errorCode: 0 },
    deviceDetail: { deviceId: "d", isManaged: true, isCompliant: true, trustType: "Azure AD joined" },
    location: { city: "Seattle", countryOrRegion: "US" },
    ...change,
  };
}

export const UNMANAGED = { deviceId: "", isManaged: null, isCompliant: null, trustType: null };
/** From an attacker's computer in Vietnam. */
export const AWAY = {
  ipAddress: "192.0.2.150",
  deviceDetail: UNMANAGED,
  location: { city: "Hanoi", countryOrRegion: "VN" },
};
export const failed = (errorCode: number) => ({ status: { errorCode } });

/** The passwords of `count` accounts, tried from one place. */
export function spray(count: number, change: Row = {}): Row[] {
  return Array.from({ length: count }, (_, index) =>
    signIn(`victim${index}`, { ...AWAY, createdDateTime: at(5 * HOUR), ...failed(50126), ...change }),
  );
}

function people(): Row[] {
  return Array.from({ length: 12 }, (_, index) => signIn(`person${index}`));
}

export function at(agoMs: number): string {
  return new Date(NOW - agoMs).toISOString();
}

export function audit(activityDisplayName: string, by: string, change: Row = {}): Row {
  serial++;
  return {
    id: `audit-${serial}`,
    activityDisplayName,
    activityDateTime: at(DAY),
    result: "success",
    initiatedBy: {
      user: { id: `id-${by}`, userPrincipalName: `${by}@contoso.com`, ipAddress: "203.0.113.10" },
    },
    targetResources: [],
    additionalDetails: [],
    ...change,
  };
}

export const modified = (properties: Record<string, string>, target: Row = {}) => ({
  targetResources: [
    {
      ...target,
      modifiedProperties: Object.entries(properties).map(([displayName, value]) => ({
        displayName,
        newValue: JSON.stringify(value),
      })),
    },
  ],
});

/** An unverified application of a stranger that came yesterday. */
export function app(id: string, change: Row = {}): Row {
  return {
    id,
    appId: `app-${id}`,
    displayName: `App ${id}`,
    servicePrincipalType: "Application",
    appOwnerOrganizationId: "11111111-1111-4111-8111-111111111111",
    verifiedPublisher: { displayName: null, verifiedPublisherId: null },
    createdDateTime: at(DAY),
    accountEnabled: true,
    ...change,
  };
}

export const VERIFIED = { verifiedPublisher: { displayName: "A Ltd", verifiedPublisherId: "123" } };

export function grant(clientId: string, scope: string, consentType = "AllPrincipals"): Row {
  return {
    id: `grant-${clientId}`,
    clientId,
    consentType,
    principalId: null,
    resourceId: "r",
    scope: ` ${scope}`,
  };
}
