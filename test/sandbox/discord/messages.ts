import { MessageFlags } from "discord-api-types/v10";
import type { MessagePayload } from "./payload.ts";

export interface SandboxFile {
  filename: string;
  description?: string;
  bytes: Uint8Array;
}

/** A message as people in Discord see it now, and how it came to be. */
export interface SandboxMessage {
  readonly id: string;
  readonly channelId: string;
  readonly route: "original" | "follow-up" | "channel" | "direct-message";
  /** Of whom the interaction was, or whose direct messages these are. */
  readonly userId?: string;
  readonly ephemeral: boolean;
  readonly createdAt: number;
  /** "… is thinking", until the first edit. */
  loading: boolean;
  deleted: boolean;
  content: string;
  embeds: NonNullable<MessagePayload["embeds"]>;
  components: NonNullable<MessagePayload["components"]>;
  flags: number;
  files: SandboxFile[];
  /** Whom it pinged. */
  pinged: string[];
  editedAt?: number;
  /** Every body that was applied to it, oldest first. */
  history: MessagePayload[];
}

export type MessageOrigin = Pick<
  SandboxMessage,
  "id" | "channelId" | "route" | "userId" | "ephemeral" | "createdAt"
>;

export function createMessage(origin: MessageOrigin): SandboxMessage {
  return {
    ...origin,
    loading: false,
    deleted: false,
    content: "",
    embeds: [],
    components: [],
    flags: origin.ephemeral ? MessageFlags.Ephemeral : 0,
    files: [],
    pinged: [],
    history: [],
  };
}

/** An edit leaves alone what it doesn't name, except attachments: naming them keeps only those named. */
export function applyPayload(message: SandboxMessage, payload: MessagePayload, files: SandboxFile[]): void {
  message.loading = false;
  message.flags &= ~MessageFlags.Loading;
  message.history.push(payload);
  if (payload.content !== undefined) message.content = payload.content ?? "";
  if (payload.embeds !== undefined) message.embeds = payload.embeds ?? [];
  if (payload.components !== undefined) message.components = payload.components ?? [];
  if (payload.flags !== undefined)
    message.flags = (payload.flags ?? 0) | (message.ephemeral ? MessageFlags.Ephemeral : 0);
  if (files.length > 0 || payload.attachments) message.files = files;
  message.pinged = pinged(message.content, payload.allowed_mentions);
}

function pinged(content: string, allowed: MessagePayload["allowed_mentions"]): string[] {
  const mentioned = [...content.matchAll(/<@!?(\d+)>/g)].flatMap(([, id]) => id ?? []);
  const everyone = /@(everyone|here)/.test(content) ? ["everyone"] : [];
  const parse = allowed?.parse ?? ["users", "roles", "everyone"];
  return [
    ...(parse.includes("everyone") ? everyone : []),
    ...mentioned.filter((id) => parse.includes("users") || allowed?.users?.includes(id)),
  ];
}

/** @see https://discord.com/developers/docs/resources/message#message-object */
export function toMessageObject(message: SandboxMessage, applicationId: string) {
  const { id, channelId, content, embeds, flags, files, createdAt, editedAt } = message;
  let componentId = 0;
  return {
    id,
    channel_id: channelId,
    type: message.route === "original" ? 20 : 0,
    author: {
      id: applicationId,
      username: "sandbox-bot",
      avatar: null,
      discriminator: "0",
      public_flags: 0,
      flags: 0,
      bot: true,
      global_name: null,
      primary_guild: null,
    },
    application_id: applicationId,
    content,
    embeds: embeds.map((embed) => ({
      type: "rich",
      ...embed,
      ...(embed.fields && { fields: embed.fields.map((field) => ({ inline: false, ...field })) }),
    })),
    components: message.components.map((row) => ({
      ...row,
      id: ++componentId,
      components: row.components.map((component) => ({ ...component, id: ++componentId })),
    })),
    attachments: files.map(({ filename, description, bytes }, index) => {
      const url = `https://cdn.discordapp.com/attachments/${channelId}/${id}/${encodeURIComponent(filename)}`;
      const attachment = { id: String(BigInt(id) + BigInt(index) + 1n), filename, size: bytes.length };
      return { ...attachment, url, proxy_url: url, ...(description !== undefined && { description }) };
    }),
    flags,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    pinned: false,
    tts: false,
    timestamp: new Date(createdAt).toISOString(),
    edited_timestamp: editedAt === undefined ? null : new Date(editedAt).toISOString(),
  };
}
