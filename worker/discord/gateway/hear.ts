import { MessageType } from "discord-api-types/v10";
import * as z from "zod";
import { Snowflake } from "../../../src/jobs/contract.ts";
import { redact } from "../../../src/redact.ts";
import { plainLine } from "../../plain-line.ts";
import { charStart } from "../fit.ts";

/**
 * The parts of a message event that we use. In a guild it has a partial member, whose roles are of that moment.
 * @see https://discord.com/developers/docs/events/gateway-events#message-create
 */
const MessageCreate = z.object({
  id: Snowflake,
  channel_id: Snowflake,
  guild_id: Snowflake.optional(),
  webhook_id: Snowflake.optional(),
  type: z.number(),
  content: z.string(),
  author: z.object({ id: Snowflake, bot: z.boolean().default(false) }),
  member: z.object({ roles: z.array(Snowflake) }).optional(),
  mentions: z.array(z.object({ id: Snowflake })),
  mention_everyone: z.boolean().default(false),
  mention_roles: z.array(z.unknown()).default([]),
  /** What it replies to; null if that is gone. */
  referenced_message: z.object({ author: z.object({ id: Snowflake }) }).nullish(),
  attachments: z.array(z.unknown()).default([]),
  sticker_items: z.array(z.unknown()).default([]),
});

/** A message that may be for the bot. */
export interface Question {
  messageId: string;
  channelId: string;
  guildId: string;
  userId: string;
  roleIds: string[];
  /** Without the bot's own mention; empty if there was nothing else. */
  text: string;
  /** What a thread about it is called: one line of 1 to 100 characters. */
  title: string;
  /** It mentions the bot or replies to it. Otherwise it is for the bot only in one of the bot's own threads. */
  isAddressed: boolean;
  /** Attachments and stickers, which nobody reads. */
  files: number;
}

export type Heard = { kind: "question"; question: Question } | { kind: "ignored"; because: string };

export interface HearOptions {
  /** Also the id of the bot's user. */
  applicationId: string;
  guildId: string;
}

/** `AskWork` takes 6000, and a note about files has to fit in. Discord's own limit is 4000. */
const QUESTION_MAX = 5_900;
const TITLE_MAX = 100;
const WRITTEN_BY_A_PERSON = new Set<number>([MessageType.Default, MessageType.Reply]);

/** Tells what may be a question from everything else that is said in a server. The cheapest checks come first. */
export function hear(payload: unknown, { applicationId, guildId }: HearOptions): Heard {
  const parsed = MessageCreate.safeParse(payload);
  if (!parsed.success) return ignored("not a message that we understand");
  const { author, content, mentions, ...message } = parsed.data;

  if (author.id === applicationId) return ignored("our own");
  if (author.bot || message.webhook_id !== undefined) return ignored("from a bot or a webhook");
  if (message.guild_id === undefined) return ignored("a direct message");
  if (message.guild_id !== guildId) return ignored("from another server");
  if (!WRITTEN_BY_A_PERSON.has(message.type)) return ignored("written by Discord");

  const isAddressed = mentions.some(({ id }) => id === applicationId);
  // Without the Message Content intent, this is all that comes of a message that does not mention the bot.
  if (!isAddressed && content === "") return ignored("without a text");
  if (!isAddressed && isForSomebodyElse(parsed.data, applicationId)) return ignored("for somebody else");

  const text = content.replaceAll(new RegExp(`<@!?${applicationId}>`, "g"), " ").trim();
  return {
    kind: "question",
    question: {
      messageId: message.id,
      channelId: message.channel_id,
      guildId,
      userId: author.id,
      roleIds: parsed.data.member?.roles ?? [],
      text: cut(text, QUESTION_MAX),
      title: titleOf(text),
      isAddressed,
      files: message.attachments.length + message.sticker_items.length,
    },
  };
}

/** A reply says so even where its author switched the ping off. */
function isForSomebodyElse(message: z.infer<typeof MessageCreate>, applicationId: string): boolean {
  const repliesTo = message.referenced_message?.author.id ?? applicationId;
  const pings = message.mentions.length + message.mention_roles.length > 0 || message.mention_everyone;
  return pings || repliesTo !== applicationId;
}

const ignored = (because: string): Heard => ({ kind: "ignored", because });

/** In a name, Discord shows mentions and its own emoji as what they are made of. */
function titleOf(text: string): string {
  const words = plainLine(redact(text).replaceAll(/<(?:@[!&]?|#|a?:\w+:)\d+>/g, " "))
    .replaceAll(/\s+/g, " ")
    .trim();
  if (words === "") return "Question";
  return words.length <= TITLE_MAX ? words : `${cut(words, TITLE_MAX - 1)}…`;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : text.slice(0, charStart(text, max));
}
