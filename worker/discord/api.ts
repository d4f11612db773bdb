import { API } from "@discordjs/core/http-only";
import { DiscordAPIError, HTTPError, RateLimitError, type RawFile, REST, RESTEvents } from "@discordjs/rest";
import { ChannelType, RESTJSONErrorCodes, ThreadAutoArchiveDuration } from "discord-api-types/v10";
import { z } from "zod";
import { coerceError } from "../../src/errors.ts";
import type { InteractionRef } from "../../src/jobs/contract.ts";
import { redact } from "../../src/redact.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import type { MessageBody } from "./render.ts";

/** What became of one request to Discord. `reason` is free of tokens. */
export type Attempt = { kind: "sent"; messageId?: string; channelId?: string; footer?: string } | Failure;

export type Failure =
  /** 10015: Discord does not know the interaction's token yet, or never will. */
  | { kind: "unknown-webhook"; reason: string }
  /** 10008: somebody deleted the message. */
  | { kind: "deleted"; reason: string }
  /** 50027: the interaction's token has ended. */
  | { kind: "expired"; reason: string }
  | { kind: "too-large"; reason: string }
  | { kind: "rate-limited"; retryAfterMs: number; reason: string }
  /** Discord understood and said no; the same request again gets the same answer. `code` is Discord's. */
  | { kind: "refused"; code?: number; reason: string }
  /** No answer, or a 5xx. `perhapsDone`: the request may have had its effect all the same. */
  | { kind: "unreachable"; perhapsDone: boolean; reason: string };

export interface Upload {
  name: string;
  description: string;
  bytes: Uint8Array;
  /** Default: bytes of no known type. */
  contentType?: string;
}

type Answerable = Pick<InteractionRef, "applicationId" | "interactionToken">;

/**
 * The requests that a reply is made of. None of them throws for what Discord answers, and none repeats itself
 * except after a short rate limit, which Discord promises not to have acted on: what may be repeated is for the
 * caller to say, because a POST has no way back.
 */
export interface Discord {
  /** With files, the message holds these and no others afterwards. */
  editOriginal(interaction: Answerable, body: MessageBody, options?: PostOptions): Promise<Attempt>;
  getOriginal(interaction: Answerable, options?: RequestOptions): Promise<Attempt>;
  followUp(interaction: Answerable, body: MessageBody, options?: PostOptions): Promise<Attempt>;
  /**
   * Discord keeps one message per `nonce` for some minutes, so this may be repeated.
   * @param options.replyTo - The message that it answers. It may be gone by then.
   */
  postMessage(
    channelId: string,
    body: MessageBody,
    options: PostOptions & { nonce: string; replyTo?: string | undefined },
  ): Promise<Attempt>;
  /** With files, the message holds these and no others afterwards. */
  editMessage(
    channelId: string,
    messageId: string,
    body: MessageBody,
    options?: PostOptions,
  ): Promise<Attempt>;
  readMessage(channelId: string, messageId: string, options?: RequestOptions): Promise<Attempt>;
  /** Whether a channel is a thread; `undefined` where Discord did not say. */
  isThread(channelId: string, options?: RequestOptions): Promise<boolean | undefined>;
  /** A thread from a message, which has one at most: where it is there already, that is the thread. */
  openThread(
    channelId: string,
    messageId: string,
    thread: { name: string },
    options?: RequestOptions,
  ): Promise<Attempt>;
  /** Opens an archived thread again. A locked one needs the permission to manage threads. */
  unarchiveThread(threadId: string, options?: RequestOptions): Promise<Attempt>;
  /** Since the process started. */
  rateLimits(): RateLimits;
  /** The channel id of the direct messages with a user, always the same one. */
  openDirectMessages(userId: string, options?: RequestOptions): Promise<Attempt>;
}

interface RateLimits {
  /** How often Discord said to wait. */
  count: number;
  /** The last time, in milliseconds since 1970, and for how long. */
  last: { at: number; waitMs: number; global: boolean } | undefined;
  /** Answers 401, 403 and 429 within ten minutes; at 10,000 Discord blocks the machine. */
  invalidRequests: number;
}

export interface RequestOptions {
  /** When the process ends. What it interrupts is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface PostOptions extends RequestOptions {
  files?: readonly Upload[];
}

export interface DiscordOptions {
  /** Without a version: `https://discord.com/api`. */
  apiUrl: string;
  botToken: string;
  /** How long one request may take; uploads get more by their size. */
  timeoutMs?: number;
  /** Longer rate limits are given back to the caller as `rate-limited`. */
  rateLimitPatienceMs?: number;
  now?: () => number;
}

// An upload at 50 kB/s is slow, but it arrives.
const UPLOAD_BYTES_PER_MS = 50;

// A number, since discord-api-types has no name for it.
export const NO_FLAGS: number = 0;

// Nothing was sent: there was nobody to send it to.
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const SentMessage = z.object({
  id: z.string(),
  channel_id: z.string().optional(),
  content: z.string().optional(),
  embeds: z.array(z.object({ footer: z.object({ text: z.string() }).optional() })).optional(),
});

/** For the gateway's library, which asks Discord itself where to connect. */
export function createGatewayRest({ apiUrl, botToken }: Pick<DiscordOptions, "apiUrl" | "botToken">): REST {
  return new REST({ api: apiUrl, version: "10", retries: 1, timeout: 10_000 }).setToken(botToken);
}

/** @see https://discord.com/developers/docs/reference */
export function createDiscord({
  apiUrl,
  botToken,
  timeoutMs = 10_000,
  rateLimitPatienceMs = 3_000,
  now = Date.now,
}: DiscordOptions): Discord {
  const rest = new REST({
    api: apiUrl,
    version: "10",
    // Its retries have no pause between them and make no difference between PATCH and POST, where a 5xx can hide
    // a message that was sent. https://github.com/discordjs/discord.js/blob/main/packages/rest/src/lib/handlers/Shared.ts
    retries: 0,
    // Every request has a signal of its own below.
    timeout: 600_000,
    // A 429 without a wait is Cloudflare's ban: repeated at once, as rest would, it never ends.
    rejectOnRateLimit: ({ retryAfter }) => retryAfter <= 0 || retryAfter > rateLimitPatienceMs,
    // https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
    invalidRequestWarningInterval: 1,
  });
  const limits: RateLimits = { count: 0, last: undefined, invalidRequests: 0 };
  rest.on(RESTEvents.RateLimited, ({ retryAfter, global }) => {
    limits.count += 1;
    limits.last = { at: now(), waitMs: retryAfter, global };
  });
  let invalidUntil = 0;
  rest.on(RESTEvents.InvalidRequestWarning, ({ count, remainingTime }) => {
    limits.invalidRequests = count;
    invalidUntil = now() + remainingTime;
  });
  const api = new API(rest);

  async function attempt(
    send: (signal: AbortSignal) => Promise<unknown>,
    { signal, files = [] }: PostOptions = {},
  ): Promise<Attempt> {
    signal?.throwIfAborted();
    const sizeBytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const timeout = timeoutSignal(timeoutMs + Math.ceil(sizeBytes / UPLOAD_BYTES_PER_MS));
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      return toSent(await settledOrAborted(send(either), either));
    } catch (thrown) {
      signal?.throwIfAborted();
      return toFailure(thrown, [botToken]);
    }
  }

  function asBot(): API {
    // rest forgets the bot token at any 401. https://github.com/discordjs/discord.js/issues/7492
    rest.setToken(botToken);
    return api;
  }

  return {
    rateLimits: () => ({ ...limits, invalidRequests: now() < invalidUntil ? limits.invalidRequests : 0 }),
    // `api.interactions` sends no Authorization, so the 401 of an expired interaction leaves the bot token alone.
    editOriginal: ({ applicationId, interactionToken }, body, options) =>
      attempt(
        // What an edit does not name stays: the webhook may have begun with words of its own, and an embed that follows
        // a text without previews would stay hidden.
        (signal) =>
          api.interactions.editReply(
            applicationId,
            interactionToken,
            withFiles({ content: "", embeds: [], flags: NO_FLAGS, ...body }, options),
            undefined,
            { signal },
          ),
        options,
      ),
    getOriginal: ({ applicationId, interactionToken }, options) =>
      attempt(
        (signal) => api.interactions.getOriginalReply(applicationId, interactionToken, { signal }),
        options,
      ),
    followUp: ({ applicationId, interactionToken }, body, options) =>
      attempt(
        (signal) =>
          api.interactions.followUp(applicationId, interactionToken, withFiles(body, options), { signal }),
        options,
      ),
    postMessage: (channelId, body, options) =>
      attempt((signal) => {
        const { nonce, replyTo } = options;
        const message = {
          ...withFiles(body, options),
          ...{ nonce, enforce_nonce: true },
          ...(replyTo && { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
        };
        return asBot().channels.createMessage(channelId, message, { signal });
      }, options),
    editMessage: (channelId, messageId, body, options) =>
      attempt(
        (signal) => asBot().channels.editMessage(channelId, messageId, withFiles(body, options), { signal }),
        options,
      ),
    readMessage: (channelId, messageId, options) =>
      attempt((signal) => asBot().channels.getMessage(channelId, messageId, { signal }), options),
    async isThread(channelId, options) {
      let type: ChannelType | undefined;
      await attempt(async (signal) => {
        type = (await asBot().channels.get(channelId, { signal })).type;
      }, options);
      return type === undefined ? undefined : THREADS.has(type);
    },
    openThread: async (channelId, messageId, { name }, options) => {
      const opened = await attempt(
        (signal) =>
          asBot().channels.createThread(
            channelId,
            { name, auto_archive_duration: ThreadAutoArchiveDuration.OneDay },
            messageId,
            { signal },
          ),
        options,
      );
      const exists =
        opened.kind === "refused" && opened.code === RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage;
      // https://discord.com/developers/docs/resources/channel#start-thread-from-message
      return exists ? { kind: "sent", messageId } : opened;
    },
    unarchiveThread: (threadId, options) =>
      attempt((signal) => asBot().channels.edit(threadId, { archived: false }, { signal }), options),
    openDirectMessages: async (userId, options) => {
      const opened = await attempt((signal) => asBot().users.createDM(userId, { signal }), options);
      return opened.kind === "sent" && opened.messageId !== undefined
        ? { kind: "sent", channelId: opened.messageId }
        : opened;
    },
  };
}

const THREADS = new Set([
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
]);

/** @see https://discord.com/developers/docs/reference#uploading-files */
function withFiles(body: MessageBody, { files = [] }: PostOptions = {}) {
  if (files.length === 0) return body;
  return {
    ...body,
    files: files.map(
      ({ name, bytes, contentType = "application/octet-stream" }): RawFile => ({
        name,
        data: bytes,
        contentType,
      }),
    ),
    attachments: files.map(({ name, description }, index) => ({
      id: String(index),
      filename: name,
      description,
    })),
  };
}

/** rest cannot be interrupted while it waits for a rate limit; an aborted request that wakes up sends nothing. */
async function settledOrAborted<T>(request: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(coerceError(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([request, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    request.catch(() => {});
  }
}

function toSent(answer: unknown): Attempt {
  const message = SentMessage.safeParse(answer);
  // A 2xx that we can't read is still a message that was sent.
  if (!message.success) return { kind: "sent" };
  const { id, channel_id: channelId, embeds, content = "" } = message.data;
  const footer = embeds?.[0]?.footer?.text ?? /\n-# (.+)$/.exec(content)?.[1];
  return { kind: "sent", messageId: id, ...(channelId && { channelId }), ...(footer && { footer }) };
}

function toFailure(thrown: unknown, secrets: readonly string[]): Failure {
  const error = coerceError(thrown);
  // Only name and message: `url` holds the interaction's token and `requestBody` the report.
  const reason = redact(`${error.name}: ${error.message}`, secrets);

  if (error instanceof RateLimitError) {
    const retryAfterMs = error.retryAfter > 0 ? error.retryAfter : Number.POSITIVE_INFINITY;
    return { kind: "rate-limited", retryAfterMs, reason: `${error.name}: ${retryAfterMs} ms` };
  }
  if (error instanceof DiscordAPIError) {
    const kind = kindOf(error);
    if (kind !== "refused") return { kind, reason };
    return { kind, reason, ...(typeof error.code === "number" && { code: error.code }) };
  }
  if (error instanceof HTTPError)
    return { kind: "unreachable", perhapsDone: true, reason: `HTTP ${error.status}` };

  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return {
    kind: "unreachable",
    perhapsDone: !NOT_SENT.has(code),
    reason: code ? `${code}: ${reason}` : reason,
  };
}

/** @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
function kindOf({
  code,
  status,
}: DiscordAPIError): "unknown-webhook" | "deleted" | "expired" | "too-large" | "refused" {
  if (code === RESTJSONErrorCodes.UnknownWebhook) return "unknown-webhook";
  if (code === RESTJSONErrorCodes.UnknownMessage) return "deleted";
  if (code === RESTJSONErrorCodes.InvalidWebhookToken || status === 401) return "expired";
  if (code === RESTJSONErrorCodes.RequestEntityTooLarge || status === 413) return "too-large";
  return "refused";
}
