import { z } from "zod";
import { flag, number, text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** One attempt to sign in. `undefined` is "not in the evidence", and never "no". */
export interface SignIn {
  id: string;
  /** Milliseconds since 1970. */
  at: number | undefined;
  /** 0 is success. @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
  errorCode: number | undefined;
  succeeded: boolean;
  upn: string | undefined;
  userId: string | undefined;
  appId: string | undefined;
  appName: string | undefined;
  ip: string | undefined;
  /** Two letters, upper case. */
  country: string | undefined;
  city: string | undefined;
  coordinates: { latitude: number; longitude: number } | undefined;
  clientApp: string | undefined;
  userAgent: string | undefined;
  interactive: boolean | undefined;
  /** What Entra asked for. The beta endpoint says so; v1.0 mentions MFA in words, and its silence means nothing. */
  factors: "single" | "multi" | "unknown";
  /** Such as "deviceCode" or "ropc"; only the beta endpoint tells. */
  protocol: string | undefined;
  /** Compliant, managed or joined: a computer that the customer looks after. */
  managedDevice: boolean;
  deviceId: string | undefined;
  riskLevel: string | undefined;
  riskState: string | undefined;
  correlationId: string | undefined;
  source: Source;
}

const coordinates = z
  .object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
  .optional()
  .catch(undefined);

/** @see https://learn.microsoft.com/en-us/graph/api/resources/signin?view=graph-rest-beta */
const GraphSignIn = z.object({
  id: text,
  createdDateTime: time,
  status: z.object({ errorCode: number, additionalDetails: text }).optional().catch(undefined),
  userPrincipalName: text,
  userId: text,
  appId: text,
  appDisplayName: text,
  ipAddress: text,
  location: z
    .object({ city: text, countryOrRegion: text, geoCoordinates: coordinates })
    .optional()
    .catch(undefined),
  clientAppUsed: text,
  userAgent: text,
  isInteractive: flag,
  authenticationRequirement: text,
  authenticationProtocol: text,
  deviceDetail: z
    .object({
      deviceId: text,
      isCompliant: flag,
      isManaged: flag,
      trustType: text,
    })
    .optional()
    .catch(undefined),
  riskLevelDuringSignIn: text,
  riskState: text,
  correlationId: text,
});

export function toSignIn({ value, source }: EvidenceRecord): SignIn {
  const raw = GraphSignIn.parse(value);
  const { location, deviceDetail: device } = raw;
  const country = location?.countryOrRegion?.trim().toUpperCase();
  return {
    id: raw.id ?? `${source.artifact} ${source.path}`,
    at: raw.createdDateTime,
    errorCode: raw.status?.errorCode,
    succeeded: raw.status?.errorCode === 0,
    upn: raw.userPrincipalName,
    userId: raw.userId,
    appId: raw.appId?.toLowerCase(),
    appName: raw.appDisplayName,
    ip: raw.ipAddress || undefined,
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    city: location?.city || undefined,
    coordinates: location?.geoCoordinates,
    clientApp: raw.clientAppUsed || undefined,
    userAgent: raw.userAgent || undefined,
    interactive: raw.isInteractive,
    factors: factorsOf(raw.authenticationRequirement, raw.status?.additionalDetails),
    protocol: raw.authenticationProtocol,
    managedDevice:
      device?.isCompliant === true || device?.isManaged === true || !!device?.trustType?.match(/join/i),
    // Graph writes "" for a device that is not registered.
    deviceId: device?.deviceId || undefined,
    riskLevel: raw.riskLevelDuringSignIn,
    riskState: raw.riskState,
    correlationId: raw.correlationId,
    source,
  };
}

function factorsOf(requirement: string | undefined, details: string | undefined): SignIn["factors"] {
  if (requirement === "singleFactorAuthentication") return "single";
  if (requirement === "multiFactorAuthentication") return "multi";
  // "MFA requirement satisfied by claim in the token", "MFA completed in Azure AD".
  // https://learn.microsoft.com/en-us/graph/api/resources/signinstatus
  return /\bMFA\b.*\b(satisfied|completed|successfully)\b/i.test(details ?? "") ? "multi" : "unknown";
}
