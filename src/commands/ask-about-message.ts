import { ApplicationCommandType } from "discord-api-types/payloads/v10";
import type { RESTPostAPIContextMenuApplicationCommandsJSONBody } from "discord-api-types/v10";
import { AppError } from "../errors.ts";
import type { AboutMessage, CommandInteraction } from "../interactions/interaction.ts";
import { threadOf } from "../interactions/thread.ts";
import type { AskWork } from "../jobs/contract.ts";
import { type Command, guildOnly } from "./command.ts";

const definition = {
  name: "Ask ClaudeTools about this",
  type: ApplicationCommandType.Message,
  ...guildOnly,
} satisfies RESTPostAPIContextMenuApplicationCommandsJSONBody;

/** In a message's menu. Whoever wrote the message is not who asks, so it is data, which a tool reads. */
export const askAboutMessage: Command = { definition, access: "tech", visibility: "public", toWork };

/** Of a message with Nitro. https://discord.com/developers/docs/resources/message */
const CONTENT_MAX = 4_000;

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
  const { content, author } = message;
  const quoted = {
    author: author?.username.slice(0, 100) ?? "unknown",
    content: content.slice(0, CONTENT_MAX),
  };
  return { kind: "ask", question: questionAbout(message), quoted, ...threadOf(interaction) };
}

/** The first line is shown, the last is for Claude. What the message says is in neither: it is what a tool finds. */
function questionAbout({ attachments, embeds }: AboutMessage): string {
  const unread = attachments.length + embeds.length;
  const note = unread === 0 ? "" : ` Its attachments and embeds (${unread}) are not read.`;
  return `What does this message mean for us, and what should be done?${note}\n\nRead it with read_quoted_message.`;
}
