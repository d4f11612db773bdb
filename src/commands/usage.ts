import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
} from "discord-api-types/payloads/v10";
import type { Command } from "./command.ts";

/** `/usage`. */
export const usage: Command = {
  definition: {
    name: "usage",
    type: ApplicationCommandType.ChatInput,
    description: "What the assistant has cost today, and what is left of the budget",
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  },
  access: "tech",
  visibility: "private",
  toWork: () => ({ kind: "usage" }),
};
