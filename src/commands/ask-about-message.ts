import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
} from "discord-api-types/payloads/v10";
import type { RESTPostAPIContextMenuApplicationCommandsJSONBody } from "discord-api-types/v10";
import { AppError } from "../errors.ts";
import type { AboutMessage, CommandInteraction } from "../interactions/interaction.ts";
import { threadOf } from "../interactions/thread.ts";
import type { AskWork } from "../jobs/contract.ts";
import type { Command } from "./command.ts";

const definition = {
  name: "Ask ClaudeTools about this",
  type: ApplicationCommandType.Message,
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
} satisfies RESTPostAPIContextMenuApplicationCommandsJSONBody;

/** In a message's menu. Whoever wrote the message is not who asks, so it is quoted as data. */
export const askAboutMessage: Command = { definition, access: "tech", visibility: "public", toWork };

/** A message with Nitro has 4,000 characters, and JSON may take two for one. */
const QUOTE_MAX = 5_000;

function toWork(interaction: CommandInteraction): AskWork {
  const { target_id: id = "", resolved } = interaction.data;
  const message = resolved?.messages?.[id];
  if (message === undefined) {
    throw new AppError(
      "MESSAGE_MISSING",
      "Discord did not send the message along. Nothing was asked; use `/ask`.",
    );
  }
  if (message.content.trim() === "") {
    throw new AppError(
      "MESSAGE_EMPTY",
      "That message has no text, and files, pictures and embeds are not read. Nothing was asked; use `/ask` and say what it shows.",
    );
  }
  return { kind: "ask", question: questionAbout(message), ...threadOf(interaction) };
}

/** The first line is ours and is shown; the rest is the quote. */
function questionAbout({ content, author, attachments, embeds }: AboutMessage): string {
  const unread = attachments.length + embeds.length;
  const note = unread === 0 ? "" : ` Its attachments and embeds (${unread}) are not read.`;
  return `What does this message mean for us, and what should be done?${note}\n\n${quote(author?.username ?? "unknown", content)}`;
}

/** JSON, so that nothing in the message can end the quote. */
function quote(author: string, content: string): string {
  for (let length = content.length; ; length = Math.floor(length * 0.8)) {
    const json = JSON.stringify({ quoted_message: { author, content: content.slice(0, length) } });
    if (json.length <= QUOTE_MAX) return json;
  }
}
