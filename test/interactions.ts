let sequence = 0n;

/** A new snowflake of now, as Discord makes them. */
export function snowflake(at = Date.now()): string {
  sequence = (sequence + 1n) % 4_194_304n;
  return String((BigInt(at - 1_420_070_400_000) << 22n) | sequence);
}

export const GUILD = "1100000000000000001";
export const CHANNEL = "1100000000000000002";
export const APPLICATION = "1100000000000000003";
export const TECH_ROLE = "1100000000000000004";
export const ADMIN_ROLE = "1100000000000000005";
export const TECH_USER = "1100000000000000006";

interface Invocation {
  /** The thread that it comes from. Default: no thread. */
  threadId?: string | undefined;
  id?: string;
  token?: string;
  guildId?: string | undefined;
  roles?: string[];
  userId?: string;
}

/** As in https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object */
function invocation({
  id = snowflake(),
  token,
  guildId = GUILD,
  roles = [TECH_ROLE],
  userId = TECH_USER,
  threadId,
}: Invocation) {
  const user = {
    id: userId,
    username: "tess",
    global_name: "Tess",
    avatar: null,
    discriminator: "0",
    public_flags: 0,
  };
  return {
    id,
    application_id: APPLICATION,
    token: token ?? `aW50ZXJhY3Rpb246${Buffer.from(`${id}:canary-interaction-token`).toString("base64url")}`,
    version: 1,
    guild_id: guildId,
    channel_id: threadId ?? CHANNEL,
    channel:
      threadId === undefined
        ? { id: CHANNEL, type: 0, name: "incidents", permissions: "0" }
        : { id: threadId, type: 11, name: "a thread", parent_id: CHANNEL, permissions: "0" },
    member: {
      user,
      roles,
      permissions: "0",
      joined_at: "2024-01-01T00:00:00+00:00",
      deaf: false,
      mute: false,
    },
    app_permissions: "0",
    locale: "en-US",
    guild_locale: "en-US",
    entitlements: [],
    authorizing_integration_owners: { "0": guildId },
    context: 0,
    attachment_size_limit: 10_485_760,
  };
}

/** A slash command as Discord sends it. */
export function commandInteraction(
  name: string,
  options: Record<string, string | boolean>,
  from: Invocation = {},
) {
  return {
    ...invocation(from),
    type: 2,
    data: {
      id: "1100000000000000007",
      name,
      type: 1,
      options: Object.entries(options).map(([option, value]) => ({
        name: option,
        type: typeof value === "boolean" ? 5 : 3,
        value,
      })),
    },
  };
}

/** A command in a message's menu. */
export function messageCommandInteraction(
  name: string,
  message: { content: string; author?: string; attachments?: object[] },
  from: Invocation = {},
) {
  const id = snowflake();
  const author = { id: "1100000000000000008", username: message.author ?? "mallory", discriminator: "0" };
  return {
    ...invocation(from),
    type: 2,
    data: {
      id: "1100000000000000007",
      name,
      type: 3,
      target_id: id,
      resolved: {
        messages: {
          [id]: {
            ...{ id, channel_id: CHANNEL, type: 0, flags: 0, author, content: message.content },
            ...{ attachments: message.attachments ?? [], embeds: [], components: [] },
          },
        },
      },
    },
  };
}

/** A form that was sent; `flags` are those of the message whose button opened it. */
export function formInteraction(
  customId: string,
  fields: Record<string, string>,
  { flags = 0, ...from }: Invocation & { flags?: number } = {},
) {
  return {
    ...invocation(from),
    type: 5,
    data: {
      custom_id: customId,
      components: Object.entries(fields).map(([field, value], index) => ({
        type: 18,
        id: index + 1,
        component: { type: 4, id: index + 2, custom_id: field, value },
      })),
    },
    message: {
      id: snowflake(),
      channel_id: CHANNEL,
      flags,
      content: "",
      embeds: [],
      components: [],
      type: 0,
    },
  };
}

/** The same in a direct message: no guild, no member. */
export function directMessage(name: string, options: Record<string, string | boolean>) {
  const { member, guild_id: _, guild_locale: __, ...rest } = commandInteraction(name, options);
  return { ...rest, user: member.user, context: 1 };
}

/** A click on a button of a message, or with `values` a choice in a select menu; `flags` are the message's. */
export function buttonInteraction(
  customId: string,
  {
    flags = 0,
    values = [],
    messageId = snowflake(),
    ...from
  }: Invocation & { flags?: number; values?: readonly string[]; messageId?: string } = {},
) {
  return {
    ...invocation(from),
    type: 3,
    data: {
      custom_id: customId,
      ...(values.length === 0 ? { component_type: 2 } : { component_type: 3, values }),
    },
    message: {
      id: messageId,
      channel_id: CHANNEL,
      flags,
      content: "",
      embeds: [],
      components: [],
      type: 0,
    },
  };
}

export const ping = { id: snowflake(), application_id: APPLICATION, type: 1, token: "ping", version: 1 };

interface Written {
  id?: string;
  channelId?: string;
  /** `null`: in direct messages. */
  guildId?: string | null;
  userId?: string;
  roles?: string[];
  /** Put over the author's fields. */
  author?: object;
  webhookId?: string;
  type?: number;
  mentions?: string[];
}

/** A message as the gateway reports it. @see https://discord.com/developers/docs/events/gateway-events#message-create */
export function messageCreate(
  content: string,
  {
    id = snowflake(),
    channelId = CHANNEL,
    guildId = GUILD,
    userId = TECH_USER,
    roles = [TECH_ROLE],
    author = {},
    webhookId,
    type = 0,
    mentions = [...content.matchAll(/<@!?(\d+)>/g)].map(([, userId = ""]) => userId),
  }: Written = {},
) {
  return {
    ...{ id, channel_id: channelId, content, type, tts: false, pinned: false, flags: 0, nonce: snowflake() },
    ...{ timestamp: new Date().toISOString(), edited_timestamp: null, mention_everyone: false },
    ...{ mention_roles: [], attachments: [], embeds: [], components: [] },
    author: {
      id: userId,
      username: "tess",
      global_name: "Tess",
      discriminator: "0",
      avatar: null,
      ...author,
    },
    member: { roles, joined_at: "2024-01-01T00:00:00+00:00", deaf: false, mute: false },
    mentions: mentions.map((mentioned) => ({ id: mentioned, username: "someone", discriminator: "0" })),
    ...(guildId === null ? {} : { guild_id: guildId }),
    ...(webhookId === undefined ? {} : { webhook_id: webhookId }),
  };
}
