import { MessageFlags, RESTJSONErrorCodes } from "discord-api-types/v10";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Attempt, Discord, Upload } from "./api.ts";
import type { Original } from "./original.ts";
import { type Persistence, persist } from "./persist.ts";
import type { MessageBody } from "./render.ts";

export interface RoutesOptions {
  discord: Discord;
  interaction: Origin;
  original: Original;
  log: Log;
  now: () => number;
  signal: AbortSignal | undefined;
  persistence: Persistence;
}

/**
 * A message that the bot token sends has a `part`, which says which message of the delivery it is. Discord keeps
 * one message per nonce and author, so that one which arrived unnoticed isn't there twice: not by repetition, not
 * by a second delivery, not in another channel.
 */
export interface Routes {
  /** Whether the original can still be changed: of an interaction, whether its token is worth trying. */
  tokenIsUsable(): boolean;
  /** What comes from now on takes other ways than the interaction's token. */
  leaveToken(): void;
  edit(body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  /** Never repeated once it may have arrived: follow-ups have no nonce. */
  followUp(
    body: MessageBody,
    options: { ephemeral: boolean; files?: readonly Upload[]; part?: string },
  ): Promise<Attempt>;
  post(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  directMessage(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  /** To the requester alone: an ephemeral follow-up, or a direct message once the token has ended. */
  privately(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
}

/** The ways to the people, each as persistent as it may be. One delivery shares one patience. */
export function createRoutes({
  discord,
  interaction,
  original,
  log,
  now,
  signal,
  persistence,
}: RoutesOptions): Routes {
  const { channelId, userId } = interaction;
  const until = performance.now() + persistence.patienceMs;
  const repeat = { ...persistence, until, idempotent: true, signal };
  const once = { ...repeat, idempotent: false };

  let tokenIsDead = false;
  let directMessages: Promise<Attempt> | undefined;

  const tokenIsUsable = () => !tokenIsDead && now() < original.expiresAt;

  async function withToken(request: () => Promise<Attempt>, policy: typeof repeat): Promise<Attempt> {
    const attempt = await unarchived(original.channelId, () =>
      persist(async () => {
        if (!tokenIsUsable())
          return { kind: "expired", reason: "more than 14 minutes after the interaction" };
        return request();
      }, policy),
    );
    if (attempt.kind === "expired" || attempt.kind === "unknown-webhook") tokenIsDead = true;
    return noted(attempt, "original");
  }

  async function send(
    channel: string,
    part: string,
    body: MessageBody,
    files: readonly Upload[] = [],
  ): Promise<Attempt> {
    const options = { nonce: `${interaction.id}-${part}`, files, signal };
    const attempt = await unarchived(
      () => channel,
      () => persist(() => discord.postMessage(channel, body, options), repeat),
    );
    return noted(attempt, "bot token");
  }

  /** A thread that was archived meanwhile is opened again, once; a locked one stays as it is. */
  async function unarchived(channel: () => string, request: () => Promise<Attempt>): Promise<Attempt> {
    const attempt = await request();
    if (attempt.kind !== "refused" || attempt.code !== RESTJSONErrorCodes.InvalidActionOnArchivedThread) {
      return attempt;
    }
    const opened = noted(await discord.unarchiveThread(channel(), { signal }), "archived thread");
    return opened.kind === "sent" ? request() : attempt;
  }

  function noted(attempt: Attempt, route: string): Attempt {
    if (attempt.kind !== "sent") {
      log.warn({ route, failure: attempt.kind, reason: attempt.reason }, "Discord did not take a message");
    }
    return attempt;
  }

  const routes: Routes = {
    tokenIsUsable,
    leaveToken() {
      tokenIsDead = true;
    },
    edit: (body, files = []) => withToken(() => original.edit(body, { files, signal }), repeat),
    followUp: (body, { ephemeral, files = [], part = "f" }) =>
      withToken(() => original.followUp(ephemeral ? asEphemeral(body) : body, { files, signal, part }), once),
    post: (part, body, files) => send(channelId, part, body, files),
    async directMessage(part, body, files) {
      directMessages ??= persist(() => discord.openDirectMessages(userId, { signal }), repeat);
      const opened = await directMessages;
      if (opened.kind !== "sent" || opened.channelId === undefined) return noted(opened, "direct messages");
      return send(opened.channelId, part, body, files);
    },
    async privately(part, body, files = []) {
      if (original.hidesFollowUps && tokenIsUsable()) {
        const followed = await routes.followUp(body, { ephemeral: true, files });
        if (tokenIsUsable()) return followed;
      }
      return routes.directMessage(part, body, files);
    },
  };
  return routes;
}

/** @see https://discord.com/developers/docs/resources/message#message-object-message-flags */
const asEphemeral = (body: MessageBody): MessageBody => ({
  ...body,
  flags: (body.flags ?? 0) | MessageFlags.Ephemeral,
});
