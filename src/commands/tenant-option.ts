import { ApplicationCommandOptionType } from "discord-api-types/payloads/v10";
import {
  findTenants,
  labelOf,
  parseDirectory,
  TENANTS_KEY,
  tenantsWithin,
} from "../claudetools/directory.ts";
import { TenantReference } from "../tenant.ts";
import type { Command } from "./command.ts";

/** The option of every command that looks at one customer. */
export const tenantOption = {
  type: ApplicationCommandOptionType.String,
  name: "tenant",
  description: "The customer's name, domain or tenant id, for example contoso.com",
  required: true,
  max_length: 253,
  autocomplete: true,
} as const;

export const Tenant = TenantReference.describe(
  "a client's name, a domain such as `contoso.com` or a tenant id",
);

/** @see https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure */
const CHOICE_NAME_MAX = 100;
const CHOICES_MAX = 25;

/** The clients that ClaudeTools knows, as the worker last saw them. What is chosen is the tenant id, so nothing is left to guess. */
export const suggestTenants: NonNullable<Command["autocomplete"]> = async (
  { name, typed, tenantIds },
  outlook,
) => {
  if (name !== tenantOption.name) return [];
  const seen = await outlook.read([TENANTS_KEY]);
  if (seen.kind === "unavailable") return [];
  return findTenants(typed, tenantsWithin(tenantIds, parseDirectory(seen.values[0])))
    .slice(0, CHOICES_MAX)
    .map((tenant) => ({ name: labelOf(tenant).slice(0, CHOICE_NAME_MAX), value: tenant.tenantId }));
};
