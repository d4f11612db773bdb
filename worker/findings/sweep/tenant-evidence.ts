import { z } from "zod";
import { type AuditEvent, toAuditEvent } from "../audit-event.ts";
import { type App, type Consent, toApp, toConsent } from "../consent.ts";
import type { Gap } from "../evidence.ts";
import { text } from "../lenient.ts";
import type { EvidenceRecord, Recognition, Source } from "../recognise.ts";
import type { RecordKind } from "../record-kinds.ts";
import { type Risk, toRisk } from "../risk.ts";
import { toSignIn } from "../sign-in.ts";
import { createSignInFold } from "./fold-sign-ins.ts";
import { type Person, type RoleHolder, toPerson, toRoleHolder } from "./person.ts";
import type { SignInGroups } from "./sign-in-groups.ts";

/** What the toolkit's records say about a tenant, in our own words and types. */
export interface TenantEvidence {
  tenantId: string;
  signIns: SignInGroups;
  /** Where the groups of sign-ins, or the sign-ins that they were made from, stand. */
  signInSource: Source;
  riskyUsers: Risk[];
  /** Oldest first. */
  audits: AuditEvent[];
  /** In everybody's name. */
  grants: Consent[];
  /** By the id of the service principal. */
  apps: ReadonlyMap<string, App>;
  people: Person[];
  roleHolders: RoleHolder[];
  gaps: Gap[];
}

export function readTenantEvidence(
  { records, signInGroups }: Recognition,
  { tenantId }: { tenantId: string },
): TenantEvidence {
  const all = <T extends { id: string }>(kind: RecordKind, read: (record: EvidenceRecord) => T): T[] => [
    // Two artifacts may tell of one thing.
    ...new Map(
      ofKind(records, kind)
        .map(read)
        .map((item) => [item.id, item]),
    ).values(),
  ];
  const audits = all("directoryAudit", toAuditEvent).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const { signIns, signInSource } = readSignIns({ records, signInGroups });
  return {
    tenantId,
    signIns,
    signInSource,
    riskyUsers: all("riskyUser", toRisk),
    audits,
    grants: all("permissionGrant", toConsent).filter(({ forEveryone }) => forEveryone),
    apps: new Map(all("servicePrincipal", toApp).map((app) => [app.id, app])),
    people: all("user", toPerson),
    roleHolders: ofKind(records, "roleAssignment").flatMap((record) => toRoleHolder(record) ?? []),
    gaps: gapsOf(signIns),
  };
}

function ofKind(records: readonly EvidenceRecord[], kind: RecordKind): EvidenceRecord[] {
  return records.filter((record) => record.kind === kind);
}

/** The groups that the built-in sweep made, or those that are made here from what another toolkit left. */
function readSignIns({
  records,
  signInGroups,
}: Pick<Recognition, "records" | "signInGroups">): Pick<TenantEvidence, "signIns" | "signInSource"> {
  const ready = signInGroups.at(-1);
  if (ready !== undefined)
    return { signIns: ready.value, signInSource: { artifact: ready.artifact, path: "$" } };

  const raw = ofKind(records, "signIn");
  const fold = createSignInFold();
  // Interactive and non-interactive lists overlap in some scripts.
  const seen = new Set<string>();
  for (const record of raw) {
    const signIn = toSignIn(record);
    if (!seen.has(signIn.id)) fold.add(signIn);
    seen.add(signIn.id);
  }
  const [first] = raw;
  return {
    signIns: fold.end(countryOf(records)),
    signInSource: { artifact: first?.source.artifact ?? "sign-ins", path: "$" },
  };
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/organization */
function countryOf(records: readonly EvidenceRecord[]): string | undefined {
  const [organization] = ofKind(records, "organization");
  return organization === undefined ? undefined : organisationCountry(organization.value);
}

/** Two letters, upper case. */
export function organisationCountry(organization: unknown): string | undefined {
  const parsed = z.object({ countryLetterCode: text }).safeParse(organization).data;
  const country = parsed?.countryLetterCode?.trim().toUpperCase();
  return country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined;
}

function gapsOf({ counts, home, approximate }: SignInGroups): Gap[] {
  const gaps: Gap[] = [];
  const add = (blocking: boolean, words: string) => gaps.push({ check: "signins", blocking, text: words });
  if (counts.unknown > 0)
    add(true, `Of ${counts.unknown} sign-ins the evidence does not say whether they succeeded.`);
  if (home.basis === "unknown" && counts.succeeded > 0)
    add(
      true,
      "Neither the organisation nor its sign-ins tell its country, so no country counted as foreign.",
    );
  if (counts.without_country > 0) {
    const words = `Of ${counts.without_country} successful sign-ins the evidence does not name the country.`;
    add(counts.without_country === counts.succeeded, words);
  }
  for (const sentence of approximate) add(false, sentence);
  return gaps;
}
