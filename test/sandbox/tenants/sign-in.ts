import type { DeviceDetail, SignIn, SignInLocation, SignInStatus } from "@microsoft/microsoft-graph-types";
import { type Account, guid, preciseTime } from "./tenant.ts";

export const SEATTLE = place("Seattle", "Washington", "US", 47.61, -122.33);
export const TORONTO = place("Toronto", "Ontario", "CA", 43.65, -79.38);
export const AMSTERDAM = place("Amsterdam", "Noord-Holland", "NL", 52.37, 4.9);
export const SAO_PAULO = place("Sao Paulo", "Sao Paulo", "BR", -23.55, -46.63);
export const HANOI = place("Hanoi", "Ha Noi", "VN", 21.03, 105.85);

function place(city: string, state: string, country: string, lat: number, long: number): SignInLocation {
  return {
    city,
    state,
    countryOrRegion: country,
    geoCoordinates: { altitude: null, latitude: lat, longitude: long },
  };
}

/**
 * v1.0 has no field for the second factor; it says it here, and `null` means that there was none.
 * @see https://learn.microsoft.com/graph/api/resources/signinstatus
 */
export const MFA_BY_CLAIM: SignInStatus = {
  errorCode: 0,
  failureReason: "Other.",
  additionalDetails: "MFA requirement satisfied by claim in the token",
};
export const MFA_DONE: SignInStatus = {
  errorCode: 0,
  failureReason: "Other.",
  additionalDetails: "MFA completed in Azure AD",
};
export const SINGLE_FACTOR: SignInStatus = { errorCode: 0, failureReason: null, additionalDetails: null };
/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export const BAD_PASSWORD: SignInStatus = {
  errorCode: 50126,
  failureReason: "Error validating credentials due to invalid username or password.",
  additionalDetails: "The user didn't enter the right credentials. ",
};
export const LOCKED: SignInStatus = {
  errorCode: 50053,
  failureReason:
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
  additionalDetails: null,
};

export const UNKNOWN_LINUX: DeviceDetail = {
  deviceId: "",
  displayName: null,
  operatingSystem: "Linux",
  browser: "Chrome 131.0.0",
  isCompliant: null,
  isManaged: null,
  trustType: null,
};

export function managedLaptop(name: string): DeviceDetail {
  return {
    deviceId: guid(`device ${name}`),
    displayName: name,
    operatingSystem: "Windows 11",
    browser: "Edge 131.0.0",
    isCompliant: true,
    isManaged: true,
    trustType: "Azure AD joined",
  };
}

/** Microsoft's own app ids. @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
const APPS = {
  officeHome: ["4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome"],
  outlookWeb: ["9199bf20-a13f-4107-85dc-02114787ef48", "One Outlook Web"],
  outlookMobile: ["27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile"],
  teams: ["1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"],
} as const;

interface SignInFacts {
  atMs: number;
  ip: string;
  location: SignInLocation;
  device: DeviceDetail;
  status: SignInStatus;
  app?: keyof typeof APPS;
  change?: Partial<SignIn>;
}

/** A row of the v1.0 sign-in log, with all the nulls that the real one has. */
export function signIn({ id, upn, displayName }: Account, facts: SignInFacts): SignIn {
  const { atMs, ip, location, device, status, app = "officeHome", change = {} } = facts;
  const [appId, appDisplayName] = APPS[app];
  const mobile = app === "outlookMobile";
  return {
    id: guid(`sign-in ${upn} ${atMs} ${ip}`),
    createdDateTime: preciseTime(atMs),
    userDisplayName: displayName,
    userPrincipalName: upn,
    userId: id,
    appId,
    appDisplayName,
    ipAddress: ip,
    clientAppUsed: mobile ? "Mobile Apps and Desktop clients" : "Browser",
    correlationId: guid(`correlation ${upn} ${atMs}`),
    conditionalAccessStatus: "notApplied",
    isInteractive: true,
    riskDetail: "none",
    riskLevelAggregated: "none",
    riskLevelDuringSignIn: "none",
    riskState: "none",
    riskEventTypes: [],
    riskEventTypes_v2: [],
    resourceDisplayName: "Office 365 Exchange Online",
    resourceId: "00000002-0000-0ff1-ce00-000000000000",
    status,
    deviceDetail: device,
    location,
    appliedConditionalAccessPolicies: [],
    ...change,
  };
}
