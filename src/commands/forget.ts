import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import { threadOf } from "../interactions/thread.ts";
import { type Command, guildOnly } from "./command.ts";

/** `/forget`. Clears what the assistant remembers of a thread. */
export const forget: Command = {
  definition: {
    name: "forget",
    type: ApplicationCommandType.ChatInput,
    description: "Let the assistant forget what was said in this thread",
    ...guildOnly,
  },
  access: "tech",
  visibility: "private",
  toWork: (interaction) => ({ kind: "forget", ...threadOf(interaction) }),
};
