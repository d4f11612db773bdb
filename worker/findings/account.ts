import { z } from "zod";
import { flag, strings, text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** The account under investigation. */
export interface Account {
  id: string | undefined;
  upn: string | undefined;
  /** Its own mail addresses, in lower case; they need not contain its UPN. */
  addresses: string[];
  enabled: boolean | undefined;
  /** Two letters, upper case: where the customer says that this person works. */
  usageLocation: string | undefined;
  /** A copy of an account in the customer's own Active Directory, which overwrites what is changed here. */
  syncedFromAd: boolean;
  licences: number | undefined;
  createdAt: number | undefined;
  source: Source;
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/user */
const GraphUser = z.object({
  id: text,
  userPrincipalName: text,
  mail: text,
  proxyAddresses: strings,
  accountEnabled: flag,
  usageLocation: text,
  onPremisesSyncEnabled: flag,
  createdDateTime: time,
  assignedLicenses: z.array(z.unknown()).optional().catch(undefined),
});

export function toAccount({ value, source }: EvidenceRecord): Account {
  const user = GraphUser.parse(value);
  const usageLocation = user.usageLocation?.trim().toUpperCase();
  return {
    id: user.id,
    upn: user.userPrincipalName,
    addresses: [user.mail ?? "", ...user.proxyAddresses]
      .map((address) => address.replace(/^smtp:/i, "").toLowerCase())
      .filter((address) => address.includes("@")),
    enabled: user.accountEnabled,
    usageLocation:
      usageLocation !== undefined && /^[A-Z]{2}$/.test(usageLocation) ? usageLocation : undefined,
    syncedFromAd: user.onPremisesSyncEnabled === true,
    licences: user.assignedLicenses?.length,
    createdAt: user.createdDateTime,
    source,
  };
}

/** A directory role that the account holds, such as Global Administrator. */
export interface Role {
  name: string;
  source: Source;
}

export function toRole({ value, source }: EvidenceRecord): Role {
  const role = z.object({ displayName: text, roleTemplateId: text }).parse(value);
  return { name: role.displayName ?? role.roleTemplateId ?? "a role without a name", source };
}

const Domain = z.object({ id: text, isVerified: flag });
const Organization = z.object({
  verifiedDomains: z.array(z.object({ name: text })).catch([]),
});

/** Verified domains of the tenant, in lower case. */
export function toDomains(record: EvidenceRecord): string[] {
  if (record.kind === "organization") {
    return Organization.parse(record.value).verifiedDomains.flatMap(({ name }) => normalise(name));
  }
  const domain = Domain.parse(record.value);
  return domain.isVerified === true ? normalise(domain.id) : [];
}

function normalise(domain: string | undefined): string[] {
  return domain === undefined || !domain.includes(".") ? [] : [domain.trim().toLowerCase()];
}

/** The name of a mail folder, by which rules refer to it. Well-known names do not depend on the mailbox's language. */
export function toFolder({ value }: EvidenceRecord): { id: string; name: string } | undefined {
  const folder = z.object({ id: text, displayName: text, wellKnownName: text }).parse(value);
  const name = folder.displayName ?? folder.wellKnownName;
  return folder.id === undefined || name === undefined ? undefined : { id: folder.id, name };
}
