import {
  ApplicationCommandUpdateRequestSchema,
  CreatePrivateChannelRequestSchema,
  CreateTextThreadWithMessageRequestSchema,
  IncomingWebhookRequestPartialSchema,
  IncomingWebhookUpdateRequestPartialSchema,
  MessageCreateRequestSchema,
  MessageEditRequestPartialSchema,
} from "discord-api-spec/zod";
import { MessageFlags } from "discord-api-types/v10";
import { z } from "zod";
import type { ZodMiniType } from "zod/mini";

const Embed = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  color: z.number().optional(),
  fields: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
  footer: z.looseObject({ text: z.string() }).optional(),
  image: z.looseObject({ url: z.string() }).optional(),
  author: z.looseObject({ name: z.string() }).optional(),
});
const Component = z.looseObject({
  type: z.number(),
  style: z.number().optional(),
  label: z.string().optional(),
  custom_id: z.string().optional(),
  url: z.string().optional(),
  placeholder: z.string().optional(),
  options: z
    .array(z.looseObject({ label: z.string(), value: z.string(), description: z.string().optional() }))
    .optional(),
});
const Row = z.looseObject({ type: z.number(), components: z.array(Component) });

/** What a message's sender gave, as far as the stand-in reads it. */
export const MessagePayload = z.looseObject({
  content: z.string().nullish(),
  embeds: z.array(Embed).nullish(),
  components: z.array(Row).nullish(),
  flags: z.number().nullish(),
  attachments: z
    .array(z.object({ id: z.string(), filename: z.string().optional(), description: z.string().optional() }))
    .nullish(),
  allowed_mentions: z
    .object({ parse: z.array(z.string()).optional(), users: z.array(z.string()).optional() })
    .nullish(),
  nonce: z.union([z.string(), z.number()]).optional(),
  enforce_nonce: z.boolean().nullish(),
});
export type MessagePayload = z.infer<typeof MessagePayload>;

export type PayloadKind = "webhook-edit" | "webhook-post" | "channel-edit" | "channel-post";

const SCHEMAS: Record<PayloadKind, ZodMiniType> = {
  "webhook-edit": IncomingWebhookUpdateRequestPartialSchema,
  "webhook-post": IncomingWebhookRequestPartialSchema,
  "channel-edit": MessageEditRequestPartialSchema,
  "channel-post": MessageCreateRequestSchema,
};

const { SuppressEmbeds, Ephemeral, SuppressNotifications, IsComponentsV2 } = MessageFlags;
/** @see https://discord.com/developers/docs/resources/webhook#execute-webhook */
const FLAGS: Record<PayloadKind, number> = {
  "webhook-edit": SuppressEmbeds | IsComponentsV2,
  "webhook-post": SuppressEmbeds | Ephemeral | SuppressNotifications | IsComponentsV2,
  "channel-edit": SuppressEmbeds | IsComponentsV2,
  "channel-post": SuppressEmbeds | SuppressNotifications | IsComponentsV2,
};

/** Everything wrong with a message: Discord's schema read strictly, the rules it doesn't hold, and our own. */
export function checkMessage(kind: PayloadKind, body: unknown, fileCount: number): string[] {
  const problems = checkSchema(SCHEMAS[kind], body);
  const payload = MessagePayload.safeParse(body);
  if (!payload.success) return [...problems, z.prettifyError(payload.error)];
  return [
    ...problems,
    ...checkContent(kind, payload.data, fileCount),
    ...checkEmbeds(payload.data),
    ...checkComponents(payload.data),
    ...checkOurRules(payload.data),
  ];
}

/** @see https://discord.com/developers/docs/interactions/application-commands#create-global-application-command */
export function checkCommands(body: unknown): string[] {
  if (!Array.isArray(body)) return ["commands: not an array"];
  if (body.length > 130) return ["commands: more than 130"];
  return body.flatMap((command: unknown, index) => {
    const permissions = z
      .object({ default_member_permissions: z.string().regex(/^\d+$/) })
      .safeParse(command);
    // The schema wants a number here, Discord takes and sends a string.
    const readable =
      permissions.success && typeof command === "object"
        ? { ...command, default_member_permissions: Number(permissions.data.default_member_permissions) }
        : command;
    return checkSchema(ApplicationCommandUpdateRequestSchema, readable).map(
      (problem) => `commands[${index}].${problem}`,
    );
  });
}

export function checkDirectMessageChannel(body: unknown): string[] {
  return checkSchema(CreatePrivateChannelRequestSchema, body);
}

export function checkThread(body: unknown): string[] {
  return checkSchema(CreateTextThreadWithMessageRequestSchema, body);
}

/** The schema strips keys that it doesn't know; a typing error must not pass as an omission. */
function checkSchema(schema: ZodMiniType, body: unknown): string[] {
  const parsed = schema.safeParse(body);
  if (parsed.success) return unknownKeys(body, parsed.data, "");
  return [z.prettifyError(parsed.error)];
}

function unknownKeys(given: unknown, known: unknown, path: string): string[] {
  if (Array.isArray(given)) {
    return given.flatMap((item, index) =>
      unknownKeys(item, Array.isArray(known) ? known[index] : undefined, `${path}[${index}]`),
    );
  }
  if (typeof given !== "object" || given === null) return [];
  const counterpart = new Map(Object.entries(typeof known === "object" && known !== null ? known : {}));
  return Object.entries(given).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return counterpart.has(key) ? unknownKeys(value, counterpart.get(key), here) : [`${here}: unknown key`];
  });
}

function checkContent(kind: PayloadKind, payload: MessagePayload, fileCount: number): string[] {
  const problems: string[] = [];
  const content = payload.content ?? "";
  // The schema lets a bot's message have 4000.
  if (content.length > 2000) problems.push(`content: ${content.length} characters, at most 2000`);
  if (content !== "" && content.trim() === "") problems.push("content: only white space");

  const isEmpty = content === "" && !payload.embeds?.length && fileCount === 0 && !payload.components?.length;
  if (isEmpty && kind.endsWith("post")) problems.push("an empty message");

  const foreign = (payload.flags ?? 0) & ~FLAGS[kind];
  if (foreign !== 0) problems.push(`flags: ${foreign} cannot be set by ${kind}`);

  const described = (payload.attachments ?? []).map(({ id }) => id);
  const uploaded = Array.from({ length: fileCount }, (_, index) => String(index));
  const pictured = (payload.embeds ?? []).flatMap(({ image }) => image?.url ?? []);
  for (const url of pictured) {
    const name = /^attachment:\/\/([\w.-]+)$/.exec(url)?.[1];
    if (!(payload.attachments ?? []).some(({ filename }) => filename === name)) {
      problems.push(`embeds: ${url} is not among the attachments`);
    }
  }
  if ((payload.attachments ?? []).some(({ description = "" }) => description.length > 1024))
    problems.push("attachments: a description over 1024");
  if (described.length > 0 && described.join() !== uploaded.join()) {
    problems.push(`attachments: ${described.join()} described, ${uploaded.join()} uploaded`);
  }
  if (payload.enforce_nonce && payload.nonce === undefined) problems.push("enforce_nonce without a nonce");
  return problems;
}

/** @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
function checkEmbeds({ embeds }: MessagePayload): string[] {
  const problems: string[] = [];
  let total = 0;
  for (const [index, embed] of (embeds ?? []).entries()) {
    const texts: [name: string, text: string | undefined, max: number][] = [
      ["title", embed.title, 256],
      ["description", embed.description, 4096],
      ["footer", embed.footer?.text, 2048],
      ["author", embed.author?.name, 256],
      ...(embed.fields ?? []).flatMap((field, at): [string, string, number][] => [
        [`fields[${at}].name`, field.name, 256],
        [`fields[${at}].value`, field.value, 1024],
      ]),
    ];
    for (const [name, text, max] of texts) {
      if (text === undefined) continue;
      total += text.length;
      if (text.trim() === "") problems.push(`embeds[${index}].${name}: empty`);
      if (text.length > max) problems.push(`embeds[${index}].${name}: ${text.length}, at most ${max}`);
    }
  }
  if (total > 6000) problems.push(`embeds: ${total} characters together, at most 6000`);
  return problems;
}

/**
 * @see https://discord.com/developers/docs/components/reference#button
 * @see https://discord.com/developers/docs/components/reference#string-select
 */
function checkComponents({ components }: MessagePayload): string[] {
  const problems: string[] = [];
  if ((components?.length ?? 0) > 5) problems.push("components: more than five rows");

  const parts = (components ?? []).flatMap((row) => row.components);
  const ids = parts.flatMap(({ custom_id }) => custom_id ?? []);
  if (new Set(ids).size < ids.length) problems.push(`components: a custom_id twice in ${ids.join()}`);
  for (const { components: inRow } of components ?? []) {
    const menus = inRow.filter(({ type }) => type === 3);
    if (menus.length > 1 || (menus.length === 1 && inRow.length > 1))
      problems.push("components: a select menu shares its row");
    problems.push(...menus.flatMap(checkSelect));
  }
  for (const { type, style, label, custom_id, url } of parts) {
    if (type !== 2) continue;
    const isLink = style === 5;
    if (
      isLink ? url === undefined || custom_id !== undefined : custom_id === undefined || url !== undefined
    ) {
      problems.push("components: a link button has a url, every other one a custom_id");
    }
    if (!label) problems.push("components: a button without a label");
  }
  return problems;
}

function checkSelect({ custom_id, placeholder = "", options = [] }: z.infer<typeof Component>): string[] {
  const problems: string[] = [];
  if (custom_id === undefined || custom_id.length > 100) problems.push("select: no custom_id of 1 to 100");
  if (placeholder.length > 150) problems.push("select: a placeholder over 150");
  if (options.length < 1 || options.length > 25) problems.push(`select: ${options.length} options`);
  if (new Set(options.map(({ value }) => value)).size < options.length)
    problems.push("select: a value twice");
  for (const { label, value, description } of options) {
    for (const text of [label, value, ...(description === undefined ? [] : [description])]) {
      if (text.trim() === "" || text.length > 100)
        problems.push(`select: ${JSON.stringify(text)} as an option's text`);
    }
  }
  return problems;
}

/** What Discord would take, and we don't send. */
function checkOurRules({ content, embeds, flags, allowed_mentions }: MessagePayload): string[] {
  const problems: string[] = [];
  if (allowed_mentions?.parse?.length !== 0) problems.push("allowed_mentions: not {parse: []}");

  const suppresses = ((flags ?? 0) & SuppressEmbeds) !== 0;
  if (suppresses && embeds?.length) problems.push("flags: SUPPRESS_EMBEDS hides our own embed");
  if (!suppresses && content && !embeds?.length) problems.push("flags: text without SUPPRESS_EMBEDS");
  return problems;
}
