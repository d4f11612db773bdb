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

/**
 * What the beta log adds; Microsoft's types for it are another package.
 * @see https://learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta
 */
interface BetaFields {
  signInEventTypes: string[];
  authenticationRequirement: "singleFactorAuthentication" | "multiFactorAuthentication";
  authenticationProtocol: "none" | "oAuth2" | "ropc" | "deviceCode";
  incomingTokenType: "none" | "primaryRefreshToken" | "refreshToken";
  userAgent: string | null;
  autonomousSystemNumber: number;
  sessionId: string | null;
  uniqueTokenIdentifier: string;
  userType: "member" | "guest";
}
export type BetaSignIn = SignIn & BetaFields;

/** A row as v1.0 has it. */
export function withoutBetaFields(row: BetaSignIn): SignIn {
  const {
    signInEventTypes: _1,
    authenticationRequirement: _2,
    authenticationProtocol: _3,
    incomingTokenType: _4,
    userAgent: _5,
    autonomousSystemNumber: _6,
    sessionId: _7,
    uniqueTokenIdentifier: _8,
    userType: _9,
    ...v1
  } = row;
  return v1;
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
  change?: Partial<BetaSignIn>;
}

/** A row of the beta sign-in log, with all the nulls that the real one has. */
export function signIn({ id, upn, displayName }: Account, facts: SignInFacts): BetaSignIn {
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
    signInEventTypes: ["interactiveUser"],
    authenticationRequirement: /^MFA /.test(status.additionalDetails ?? "")
      ? "multiFactorAuthentication"
      : "singleFactorAuthentication",
    authenticationProtocol: "none",
    incomingTokenType: "none",
    userAgent: userAgentOf(device),
    autonomousSystemNumber: Number.parseInt(guid(`network ${ip}`).slice(0, 4), 16),
    sessionId: guid(`session ${upn} ${device.displayName} ${ip}`),
    uniqueTokenIdentifier: Buffer.from(guid(`token ${upn} ${atMs}`)).toString("base64url"),
    userType: upn.includes("#EXT#") ? "guest" : "member",
    ...change,
  };
}

/** A client that renews its token, which nobody sees. */
export function nonInteractiveSignIn(who: Account, facts: SignInFacts): BetaSignIn {
  const row = signIn(who, facts);
  return {
    ...row,
    id: guid(`non-interactive ${row.id} ${row.appId}`),
    isInteractive: false,
    signInEventTypes: ["nonInteractiveUser"],
    authenticationProtocol: "oAuth2",
    incomingTokenType: "refreshToken",
    ...facts.change,
  };
}

function userAgentOf({ operatingSystem, browser }: DeviceDetail): string {
  const version = /[\d.]+$/.exec(browser ?? "")?.[0] ?? "131.0.0";
  if (operatingSystem?.startsWith("Ios"))
    return "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
  const system = operatingSystem === "Linux" ? "X11; Linux x86_64" : "Windows NT 10.0; Win64; x64";
  const edge = browser?.startsWith("Edge") ? ` Edg/${version}` : "";
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36${edge}`;
}
