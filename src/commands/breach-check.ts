import { ApplicationCommandOptionType, ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import * as z from "zod";
import type { CommandInteraction } from "../interactions/interaction.ts";
import type { BreachCheckWork } from "../jobs/contract.ts";
import { Upn } from "../tenant.ts";
import { type Command, guildOnly, privateOption, readOptions } from "./command.ts";
import { suggestTenants, Tenant, tenantOption } from "./tenant-option.ts";

const definition = {
  name: "breach-check",
  type: ApplicationCommandType.ChatInput,
  description: "Look for signs of compromise in one Microsoft 365 account",
  ...guildOnly,
  options: [
    tenantOption,
    {
      type: ApplicationCommandOptionType.String,
      name: "upn",
      description: "Sign-in name of the account, for example jane@contoso.com",
      required: true,
      max_length: 255,
    },
    privateOption("Show the result to you alone (default: the whole channel sees it)"),
  ],
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/breach-check`. A team works on a case together, so the reply is public unless `private` is set. */
export const breachCheck: Command = {
  definition,
  access: "tech",
  visibility: "public",
  toWork,
  autocomplete: suggestTenants,
};

const Options = z.object({
  tenant: Tenant,
  upn: Upn.describe("a sign-in name such as `jane@contoso.com`"),
});

function toWork(interaction: CommandInteraction): BreachCheckWork {
  return { kind: "breach-check", ...readOptions(Options, interaction) };
}
