import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import { type Command, guildOnly } from "./command.ts";

/** `/usage`. */
export const usage: Command = {
  definition: {
    name: "usage",
    type: ApplicationCommandType.ChatInput,
    description: "What the assistant has cost today, and what is left of the budget",
    ...guildOnly,
  },
  access: "tech",
  visibility: "private",
  toWork: () => ({ kind: "usage" }),
};
