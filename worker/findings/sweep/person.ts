import { z } from "zod";
import { isRoleIn, PRIVILEGED_ROLES, ROLE_TEMPLATES } from "../indicators/directory-roles.ts";
import { text, time } from "../lenient.ts";
import type { EvidenceRecord, Source } from "../recognise.ts";

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
    ROLE_TEMPLATES.get(raw.roleDefinitionId?.toLowerCase() ?? "") ?? raw.roleDefinition?.displayName;
  if (role === undefined || !isRoleIn(PRIVILEGED_ROLES, role) || raw.principalId === undefined)
    return undefined;
  const name = raw.principal?.userPrincipalName?.toLowerCase() ?? raw.principal?.displayName;
  return {
    role,
    principalId: raw.principalId,
    name: name ?? raw.principalId,
    source,
  };
}
