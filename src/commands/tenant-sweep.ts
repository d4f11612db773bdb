import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import * as z from "zod";
import type { CommandInteraction } from "../interactions/interaction.ts";
import type { TenantSweepWork } from "../jobs/contract.ts";
import { type Command, guildOnly, privateOption, readOptions } from "./command.ts";
import { suggestTenants, Tenant, tenantOption } from "./tenant-option.ts";

const definition = {
  name: "tenant-sweep",
  type: ApplicationCommandType.ChatInput,
  description: "Look for signs of a break-in in a whole Microsoft 365 tenant",
  ...guildOnly,
  options: [tenantOption, privateOption("Show the result to you alone (default: the whole channel sees it)")],
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/tenant-sweep`. A team works on a case together, so the reply is public unless `private` is set. */
export const tenantSweep: Command = {
  definition,
  access: "tech",
  visibility: "public",
  toWork,
  autocomplete: suggestTenants,
};

const Options = z.object({
  tenant: Tenant,
});

function toWork(interaction: CommandInteraction): TenantSweepWork {
  return { kind: "tenant-sweep", ...readOptions(Options, interaction) };
}
