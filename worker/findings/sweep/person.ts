import { z } from "zod";
import { ADMIN_ROLES, adminRoleNamed } from "../indicators/admin-roles.ts";
import { text, time } from "../lenient.ts";
import type { EvidenceRecord, Source } from "../recognise.ts";

/** An account that Identity Protection rates. */
export interface RiskyUser {
  id: string;
  upn: string;
  level: string | undefined;
  state: string | undefined;
  /** Milliseconds since 1970. */
  updated: number | undefined;
  source: Source;
}

export function toRiskyUser({ value, source }: EvidenceRecord): RiskyUser {
  const raw = z
    .object({
      id: text,
      userPrincipalName: text,
      riskLevel: text,
      riskState: text,
      riskLastUpdatedDateTime: time,
    })
    .parse(value);
  const id = raw.id ?? `${source.artifact} ${source.path}`;
  return {
    id,
    upn: (raw.userPrincipalName ?? id).toLowerCase(),
    level: raw.riskLevel,
    state: raw.riskState,
    updated: raw.riskLastUpdatedDateTime,
    source,
  };
}

/** An account as the directory lists it. */
export interface Person {
  id: string;
  upn: string;
  isGuest: boolean;
  /** Milliseconds since 1970. */
  created: number | undefined;
  source: Source;
}

export function toPerson({ value, source }: EvidenceRecord): Person {
  const raw = z
    .object({ id: text, userPrincipalName: text, userType: text, createdDateTime: time })
    .parse(value);
  const id = raw.id ?? `${source.artifact} ${source.path}`;
  const upn = (raw.userPrincipalName ?? id).toLowerCase();
  return {
    id,
    upn,
    isGuest: raw.userType === "Guest" || upn.includes("#ext#"),
    created: raw.createdDateTime,
    source,
  };
}

/** A person, or an application, that holds an admin role. */
export interface RoleHolder {
  role: string;
  reach: "tenant" | "people";
  principalId: string;
  /** A sign-in name, or the display name of what is no person. */
  name: string;
  source: Source;
}

/** `undefined` for roles that give no power over others. */
export function toRoleHolder({ value, source }: EvidenceRecord): RoleHolder | undefined {
  const raw = z
    .object({
      roleDefinitionId: text,
      principalId: text,
      principal: z.object({ userPrincipalName: text, displayName: text }).optional().catch(undefined),
      roleDefinition: z.object({ displayName: text }).optional().catch(undefined),
    })
    .parse(value);
  const role =
    ADMIN_ROLES.get(raw.roleDefinitionId?.toLowerCase() ?? "") ??
    adminRoleNamed(raw.roleDefinition?.displayName ?? "");
  if (role === undefined || raw.principalId === undefined) return undefined;
  const name = raw.principal?.userPrincipalName?.toLowerCase() ?? raw.principal?.displayName;
  return {
    role: role.name,
    reach: role.reach,
    principalId: raw.principalId,
    name: name ?? raw.principalId,
    source,
  };
}
