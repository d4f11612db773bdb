import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { Guid } from "../../src/tenant.ts";
import { TIERS, type Tier } from "../toolkit/builtin/tiers.ts";

/** An app registration of Microsoft 365 as a file of the vault holds it. */
export interface Registration {
  /** `undefined`: the one for every tier that has none of its own. */
  tier: Tier | undefined;
  clientId: string;
  clientSecret: string;
}

interface Found {
  registrations: Registration[];
  problems: AppError[];
}

/** Names and values; whether a value is text is looked at one by one. */
const Names = z.record(z.string(), z.unknown());

/**
 * The app registrations in a decrypted file. People name things differently, so letters alone count: a map that has a
 * client id and a client secret is a registration. Its tier stands in one of their names (`m365_investigator_client_id`),
 * in what encloses them (`investigator:`), beside them (`name: Security Investigator`) or in the file's name. What names
 * no tier is taken only where Microsoft is named: other vendors have client ids as well.
 * @param file - As `Vault.list` gives it.
 */
export function findRegistrations(file: string, content: unknown): Found {
  const found: Found = { registrations: [], problems: [] };
  const fileName = file.split("/").at(-1) ?? file;
  search(content, [fileName.replace(/\.sops\.ya?ml$/i, "")], (context, fields) => {
    const { tier, clientId, clientSecret } = fields;
    const what = `${file}${context.length > 1 ? ` (${context.slice(1).join(", ")})` : ""}`;
    if (clientId === undefined || clientSecret === undefined) {
      const [has, lacks] = clientId === undefined ? ["secret", "client id"] : ["client id", "secret"];
      found.problems.push(incomplete(`${what} of the vault has a ${has} without a ${lacks}`));
      return;
    }
    const id = Guid.safeParse(clientId);
    if (!id.success) found.problems.push(incomplete(`${what} of the vault has a client id that is no GUID`));
    else found.registrations.push({ tier, clientId: id.data, clientSecret });
  });
  return found;
}

interface Fields {
  tier: Tier | undefined;
  clientId?: string;
  clientSecret?: string;
}

function search(
  node: unknown,
  context: readonly string[],
  report: (context: readonly string[], fields: Fields) => void,
): void {
  if (Array.isArray(node)) {
    for (const item of node) search(item, context, report);
    return;
  }
  const names = Names.safeParse(node);
  if (!names.success) return;

  const entries = Object.entries(names.data);
  const titles = entries.flatMap(([key, value]) =>
    TITLE.test(key) && typeof value === "string" ? [value] : [],
  );
  const here = [...context, ...titles];
  const byTier = new Map<Tier | undefined, Fields>();
  for (const [key, value] of entries) {
    const field = parseField(key);
    if (field === undefined || typeof value !== "string" || value.trim() === "") {
      search(value, [...here, key], report);
      continue;
    }
    const tier = field.tier ?? tierIn(here);
    if (tier === undefined && !field.isMicrosoft && !here.some((name) => MICROSOFT.test(letters(name))))
      continue;
    byTier.set(tier, { ...byTier.get(tier), tier, [field.part]: value.trim() });
  }
  for (const fields of byTier.values()) report(here, fields);
}

const TITLE = /^(name|title|tier|app|application)$/i;
const MICROSOFT = /m365|office365|o365|microsoft|entra|azuread|msgraph/;
const FIELD =
  /^(?<microsoft>m365)?(?<tier>.*?)(?:(?<id>clientid|applicationid|appid)|(?:clientsecret|appsecret|secret)(?:value)?)$/;

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function tierIn(names: readonly string[]): Tier | undefined {
  // The innermost name says it most exactly.
  for (const name of names.toReversed()) {
    const tier = TIERS.find((one) => letters(name).includes(letters(one)));
    if (tier !== undefined) return tier;
  }
  return undefined;
}

function parseField(key: string) {
  const groups = FIELD.exec(letters(key))?.groups;
  if (groups === undefined) return undefined;
  const tier = TIERS.find((one) => letters(one) === groups.tier);
  if (groups.tier !== "" && tier === undefined) return undefined;
  const part = groups.id === undefined ? ("clientSecret" as const) : ("clientId" as const);
  return { tier, part, isMicrosoft: groups.microsoft !== undefined };
}

function incomplete(what: string): AppError {
  return new AppError("VAULT_INCOMPLETE", `${what}. Correct it with sops; README.md shows the form.`);
}
