import { ApplicationCommandOptionType, ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from "discord-api-types/v10";
import * as z from "zod";
import type { CommandInteraction } from "../interactions/interaction.ts";
import { threadOf } from "../interactions/thread.ts";
import type { AskWork } from "../jobs/contract.ts";
import { type Command, guildOnly, privateOption, readOptions } from "./command.ts";

/** Discord's own limit for a text. */
const QUESTION_MAX = 6000;

const definition = {
  name: "ask",
  type: ApplicationCommandType.ChatInput,
  description: "Ask the assistant about clients, tickets, accounts or a check",
  ...guildOnly,
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: "question",
      description: "In plain words, for example: which clients have open tasks?",
      required: true,
      max_length: QUESTION_MAX,
    },
    privateOption("Show the answer to you alone (default: the whole channel sees it)"),
  ],
} satisfies RESTPostAPIChatInputApplicationCommandsJSONBody;

/** `/ask`. In a channel the answer opens a thread; in a thread it goes on with what was said there. */
export const ask: Command = { definition, access: "tech", visibility: "public", toWork };

const Options = z.object({
  question: z
    .string()
    .trim()
    .min(1)
    .max(QUESTION_MAX)
    .describe(`a question of 1 to ${QUESTION_MAX} characters`),
});

function toWork(interaction: CommandInteraction): AskWork {
  return { kind: "ask", ...readOptions(Options, interaction), ...threadOf(interaction) };
}
