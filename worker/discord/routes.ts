import { MessageFlags } from "discord-api-types/v10";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Answer } from "./answer.ts";
import type { Attempt, Discord, Upload } from "./api.ts";
import { type Persistence, persist } from "./persist.ts";
import type { MessageBody } from "./render.ts";

export interface RoutesOptions {
  discord: Discord;
  interaction: Origin;
  answer: Answer;
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
  /** Whether the answer can still be changed: of an interaction, whether its token is worth trying. */
  tokenIsUsable(): boolean;
  edit(body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  /** Never repeated once it may have arrived: follow-ups have no nonce. */
  followUp(body: MessageBody, options: { ephemeral: boolean; files?: readonly Upload[] }): Promise<Attempt>;
  post(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  directMessage(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
  /** To the requester alone: an ephemeral follow-up, or a direct message once the token has ended. */
  privately(part: string, body: MessageBody, files?: readonly Upload[]): Promise<Attempt>;
}

/** The ways to the people, each as persistent as it may be. One delivery shares one patience. */
export function createRoutes({
  discord,
  interaction,
  answer,
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

  const tokenIsUsable = () => !tokenIsDead && now() < answer.expiresAt;

  async function withToken(request: () => Promise<Attempt>, policy: typeof repeat): Promise<Attempt> {
    const attempt = await persist(async () => {
      if (!tokenIsUsable()) return { kind: "expired", reason: "more than 14 minutes after the interaction" };
      return request();
    }, policy);
    if (attempt.kind === "expired" || attempt.kind === "unknown-webhook") tokenIsDead = true;
    return noted(attempt, "answer");
  }

  async function send(
    channel: string,
    part: string,
    body: MessageBody,
    files: readonly Upload[] = [],
  ): Promise<Attempt> {
    const options = { nonce: `${interaction.id}-${part}`, files, signal };
    return noted(await persist(() => discord.postMessage(channel, body, options), repeat), "bot token");
  }

  function noted(attempt: Attempt, route: string): Attempt {
    if (attempt.kind !== "sent") {
      log.warn({ route, failure: attempt.kind, reason: attempt.reason }, "Discord did not take a message");
    }
    return attempt;
  }

  const routes: Routes = {
    tokenIsUsable,
    edit: (body, files = []) => withToken(() => answer.edit(body, { files, signal }), repeat),
    followUp: (body, { ephemeral, files = [] }) =>
      withToken(() => answer.followUp(ephemeral ? asEphemeral(body) : body, { files, signal }), once),
    post: (part, body, files) => send(channelId, part, body, files),
    async directMessage(part, body, files) {
      directMessages ??= persist(() => discord.openDirectMessages(userId, { signal }), repeat);
      const opened = await directMessages;
      if (opened.kind !== "sent" || opened.channelId === undefined) return noted(opened, "direct messages");
      return send(opened.channelId, part, body, files);
    },
    async privately(part, body, files = []) {
      if (answer.hidesFollowUps && tokenIsUsable()) {
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
