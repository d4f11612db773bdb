// `/payloads`, not the whole package: its enums would be a tenth of the edge bundle.
import { InteractionType } from "discord-api-types/payloads/v10";
import * as z from "zod";
import { AppError } from "../errors.ts";
import { Snowflake } from "../jobs/contract.ts";

/**
 * The parts of an interaction that we use; Discord adds fields at any time, so unknown ones are let through unread.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
 */
const Invocation = z.object({
  id: Snowflake,
  application_id: Snowflake,
  token: z.string().min(1).max(1024),
  guild_id: Snowflake.optional(),
  channel_id: Snowflake.optional(),
  channel: z.object({ type: z.number() }).optional(),
  /** In a guild. */
  member: z.object({ user: z.object({ id: Snowflake }), roles: z.array(Snowflake) }).optional(),
  /** In a direct message. */
  user: z.object({ id: Snowflake }).optional(),
  attachment_size_limit: z
    .number()
    .int()
    .positive()
    .default(10 * 1024 * 1024),
});

const CommandOption = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Of an autocomplete: the option that is being typed. */
  focused: z.boolean().default(false),
});

const AboutMessage = z.object({
  content: z.string().default(""),
  author: z.object({ username: z.string() }).optional(),
  attachments: z.array(z.unknown()).default([]),
  embeds: z.array(z.unknown()).default([]),
});
export type AboutMessage = z.infer<typeof AboutMessage>;

const Ping = z.object({ type: z.literal(InteractionType.Ping) });
const CommandData = z.object({
  name: z.string(),
  type: z.number(),
  options: z.array(CommandOption).default([]),
  /** Of a command in a message's menu: the message's id, by which it stands under `resolved`. */
  target_id: Snowflake.optional(),
  resolved: z.object({ messages: z.record(z.string(), AboutMessage).optional() }).optional(),
});
const Command = Invocation.extend({
  type: z.literal(InteractionType.ApplicationCommand),
  data: CommandData,
});
const Component = Invocation.extend({
  type: z.literal(InteractionType.MessageComponent),
  /** `values`: what was chosen in a select menu. */
  data: z.object({ custom_id: z.string(), values: z.array(z.string()).default([]) }),
  message: z.object({ flags: z.number().int().default(0) }),
});
const Autocomplete = Invocation.extend({
  type: z.literal(InteractionType.ApplicationCommandAutocomplete),
  data: CommandData,
});
const Field = z.object({ custom_id: z.string(), value: z.string() });
/** Discord has two shapes for a field: in a row, and under a label. */
const FieldHolder = z.union([
  z.object({ components: z.array(Field) }).transform(({ components }) => components),
  z.object({ component: Field }).transform(({ component }) => [component]),
  z.unknown().transform(() => []),
]);
const ModalSubmit = Invocation.extend({
  type: z.literal(InteractionType.ModalSubmit),
  data: z.object({ custom_id: z.string(), components: z.array(FieldHolder).default([]) }),
  /** Of the message whose button opened the form. */
  message: z.object({ flags: z.number().int().default(0) }).optional(),
});

const Interaction = z.discriminatedUnion("type", [Ping, Command, Component, Autocomplete, ModalSubmit]);
export type Interaction = z.infer<typeof Interaction>;
export type CommandInteraction = z.infer<typeof Command>;
export type ComponentInteraction = z.infer<typeof Component>;
export type ModalInteraction = z.infer<typeof ModalSubmit>;
export type AutocompleteInteraction = z.infer<typeof Autocomplete>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * @param body - The raw bytes, of a request whose signature was right.
 * @throws {AppError} `INTERACTION_INVALID` if the bytes are not an interaction that we know.
 */
export function parseInteraction(body: Uint8Array): Interaction {
  try {
    return Interaction.parse(JSON.parse(utf8.decode(body)));
  } catch (cause) {
    throw new AppError("INTERACTION_INVALID", "Expected an interaction in JSON.", { cause });
  }
}
