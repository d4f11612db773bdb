import type { Evidence } from "../../../../worker/findings/evidence.ts";
import type { SignIn } from "../../../../worker/findings/sign-in.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;
export const WINDOW = { start: NOW - 7 * 24 * 60 * MINUTE, end: NOW };

const SEATTLE = { latitude: 47.61, longitude: -122.33 };
const LAGOS = { latitude: 6.45, longitude: 3.39 };

/** A sign-in at home, on the computer that the customer manages. */
export const atHome: SignIn = {
  id: "home",
  at: NOW - 600 * MINUTE,
  errorCode: 0,
  succeeded: true,
  upn: "adele@contoso.com",
  userId: "u1",
  appId: "9199bf20-a13f-4107-85dc-02114787ef48",
  appName: "One Outlook Web",
  ip: "203.0.113.10",
  country: "US",
  city: "Seattle",
  coordinates: SEATTLE,
  clientApp: "Browser",
  userAgent: "Mozilla/5.0",
  interactive: true,
  factors: "multi",
  protocol: undefined,
  managedDevice: true,
  deviceId: "laptop",
  riskLevel: "none",
  riskState: "none",
  correlationId: undefined,
  source: { artifact: "signins.json", path: "$.value[0]" },
};

/** A sign-in from Lagos with a second factor, from a device that nobody knows. */
export const abroad: SignIn = {
  ...atHome,
  id: "abroad",
  at: NOW - 60 * MINUTE,
  ip: "198.51.100.7",
  country: "NG",
  city: "Lagos",
  coordinates: LAGOS,
  managedDevice: false,
  deviceId: undefined,
};

export function failed(signIn: SignIn, errorCode: number): SignIn {
  return { ...signIn, errorCode, succeeded: false };
}

/** The same sign-in again and again, a minute apart, ending with the original time. */
export function repeated(signIn: SignIn, n: number): SignIn[] {
  return Array.from({ length: n }, (_, index) => ({
    ...signIn,
    id: `${signIn.id} ${index}`,
    at: (signIn.at ?? 0) - (n - 1 - index) * MINUTE,
  }));
}

export function evidenceOf(signIns: SignIn[], change: Partial<Evidence> = {}): Evidence {
  return {
    inboxRules: [],
    signIns: signIns.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    account: undefined,
    roles: [],
    home: { country: "US", basis: "usage location" },
    mailboxes: [],
    mailboxPermissions: [],
    consents: [],
    apps: [],
    appAssignments: [],
    authMethods: [],
    risks: [],
    audits: [],
    auditsSeen: false,
    inboxRuleChanges: [],
    sent: [],
    deleted: [],
    upn: "adele@contoso.com",
    addresses: ["adele@contoso.com"],
    tenantId: "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21",
    domains: ["contoso.com"],
    gaps: [],
    ...change,
  };
}
