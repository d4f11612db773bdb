import { z } from "zod";
import { text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** What Entra ID Protection holds against an account. Values are any text: Microsoft adds to them. */
export interface Risk {
  /** "riskyUser", or the kind of a detection, such as "leakedCredentials". */
  type: string;
  level: string | undefined;
  state: string | undefined;
  userId: string | undefined;
  upn: string | undefined;
  at: number | undefined;
  ip: string | undefined;
  id: string;
  source: Source;
}

/**
 * @see https://learn.microsoft.com/en-us/graph/api/resources/riskyuser
 * @see https://learn.microsoft.com/en-us/graph/api/resources/riskdetection
 */
const GraphRisk = z.object({
  id: text,
  userId: text,
  userPrincipalName: text,
  riskEventType: text,
  riskType: text,
  riskLevel: text,
  riskState: text,
  ipAddress: text,
  riskLastUpdatedDateTime: time,
  activityDateTime: time,
  detectedDateTime: time,
});

export function toRisk({ kind, value, source }: EvidenceRecord): Risk {
  const risk = GraphRisk.parse(value);
  const isUser = kind === "riskyUser";
  return {
    id: `${kind} ${risk.id ?? `${source.artifact} ${source.path}`}`,
    type: isUser ? "riskyUser" : (risk.riskEventType ?? risk.riskType ?? "unknown"),
    level: risk.riskLevel,
    state: risk.riskState,
    // The id of a risky user is the account's.
    userId: risk.userId ?? (isUser ? risk.id : undefined),
    upn: risk.userPrincipalName,
    at: isUser ? risk.riskLastUpdatedDateTime : (risk.activityDateTime ?? risk.detectedDateTime),
    ip: risk.ipAddress || undefined,
    source,
  };
}
