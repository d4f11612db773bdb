import * as z from "zod";
import { coerceError } from "../../src/errors.ts";
import { type MessageRef, Snowflake } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import {
  type Attempt,
  type Discord,
  type Failure,
  NO_FLAGS,
  type PostOptions,
  type RequestOptions,
} from "./api.ts";
import type { Original } from "./original.ts";
import { ownThreadKey, THREAD_KEPT_MS } from "./own-thread.ts";
import type { MessageBody } from "./render.ts";

/** Where the answer stands. Kept as long as a report may wait for Discord. */
const Place = z.object({ channelId: Snowflake, messageId: Snowflake, isThread: z.boolean() });
type Place = z.infer<typeof Place>;
const PLACE_KEPT_MS = 24 * 60 * 60_000;

interface MessageOriginalOptions {
  discord: Pick<Discord, "openThread" | "postMessage" | "editMessage" | "readMessage">;
  store: Pick<Store, "get" | "set">;
  log: Log;
}

/**
 * The answer to a message that mentions the bot: the first edit opens a thread from the message and posts there, the
 * later ones change that post. In a thread it stands in that thread. Where no thread can be opened, it stands in the
 * channel and says so. What was posted is remembered, so that a process that comes later goes on in the same message.
 */
export function originalOfMessage(
  origin: MessageRef,
  { discord, store, log }: MessageOriginalOptions,
): Original {
  const key = `answer:${origin.id}`;
  let place: Place | undefined;

  async function findPlace(): Promise<Place | undefined> {
    if (place) return place;
    // Without the store the nonce still finds the post, for some minutes.
    const text = await store.get(key).catch(() => undefined);
    place = text === undefined ? undefined : Place.safeParse(JSON.parse(text)).data;
    return place;
  }

  async function begin(body: MessageBody, options: PostOptions): Promise<Attempt> {
    const opened = await openThread(options);
    if (opened.kind === "unreachable" || opened.kind === "rate-limited") return opened;
    const isThread = opened.kind === "sent";
    // A thread has the id of the message that it begins with.
    const channelId = isThread ? (origin.threadId ?? origin.id) : origin.channelId;
    const posted = await discord.postMessage(channelId, isThread ? body : withNote(body), {
      ...options,
      nonce: `${origin.id}-o`,
      // A thread of its own begins with the message.
      replyTo: isThread && origin.threadId === undefined ? undefined : origin.id,
    });
    if (posted.kind === "sent" && posted.messageId !== undefined) {
      await remember({ channelId, messageId: posted.messageId, isThread });
    }
    return posted;
  }

  async function openThread(options: RequestOptions): Promise<Attempt> {
    if (origin.threadId !== undefined) return { kind: "sent" };
    const opened = await discord.openThread(
      origin.channelId,
      origin.id,
      { name: origin.threadName },
      options,
    );
    if (opened.kind !== "sent") {
      log.warn({ failure: opened.kind, reason: opened.reason }, "no thread could be opened");
    }
    return opened;
  }

  async function remember(found: Place): Promise<void> {
    place = found;
    try {
      await store.set(key, JSON.stringify(found), { ttlMs: PLACE_KEPT_MS });
      if (found.isThread) await store.set(ownThreadKey(found.channelId), "1", { ttlMs: THREAD_KEPT_MS });
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, "the place of an answer was not remembered");
    }
  }

  return {
    expiresAt: Number.POSITIVE_INFINITY,
    hidesFollowUps: false,
    beginsThread: false,
    channelId: () => place?.channelId ?? origin.threadId ?? origin.channelId,
    async edit(body, options = {}) {
      const found = await findPlace();
      if (!found) return begin(body, options);
      // What an edit does not name stays: see `editOriginal`.
      const whole = { content: "", embeds: [], flags: NO_FLAGS, ...(found.isThread ? body : withNote(body)) };
      return discord.editMessage(found.channelId, found.messageId, whole, options);
    },
    async read(options) {
      const found = await findPlace();
      return found ? discord.readMessage(found.channelId, found.messageId, options) : NOTHING_POSTED;
    },
    async followUp(body, { part, ...options }) {
      const found = await findPlace();
      return discord.postMessage(found?.channelId ?? origin.channelId, body, {
        ...options,
        nonce: `${origin.id}-${part}`,
      });
    },
  };
}

const NO_THREAD =
  "No thread could be opened here, so the answer stands in the channel. A thread takes the message that asked, if that was not deleted, and the permissions Create Public Threads and Send Messages in Threads.";
/** @see https://discord.com/developers/docs/resources/message#create-message */
const CONTENT_MAX = 2000;

function withNote(body: MessageBody): MessageBody {
  const content = `${NO_THREAD}\n${body.content ?? ""}`.trim();
  return content.length > CONTENT_MAX ? body : { ...body, content };
}

const NOTHING_POSTED: Failure = { kind: "deleted", reason: "nothing was posted yet" };
