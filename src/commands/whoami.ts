import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import { type Command, guildOnly } from "./command.ts";

const definition = {
  name: "whoami",
  type: ApplicationCommandType.ChatInput,
  description: "What the bot lets you do, and why",
  ...guildOnly,
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/whoami`. Whoever is nobody is told so by the refusal, which says whom to ask. */
export const whoami: Command = {
  definition,
  access: "tech",
  visibility: "private",
  toWork: () => ({ kind: "whoami" }),
};
