import type { InteractionRef } from "../../src/jobs/contract.ts";
import type { Attempt, Discord, PostOptions, RequestOptions } from "./api.ts";
import type { MessageBody } from "./render.ts";

/** The message that a job is answered in, whatever the request was: how it is changed, read and added to. */
export interface Original {
  /** When Discord stops taking this way, in milliseconds since 1970; a minute early, so that it may be relied on. */
  expiresAt: number;
  /** Whether what is added can be for the requester alone. */
  hidesFollowUps: boolean;
  /** Whether a conversation goes on in a thread that begins with this message. Otherwise it stands in the thread. */
  beginsThread: boolean;
  /** Where the message is: the channel, or the thread once there is one. */
  channelId(): string;
  edit(body: MessageBody, options?: PostOptions): Promise<Attempt>;
  read(options?: RequestOptions): Promise<Attempt>;
  /** @param options.part - Says which of several it is. */
  followUp(body: MessageBody, options: PostOptions & { part: string }): Promise<Attempt>;
}

const DISCORD_EPOCH_MS = 1_420_070_400_000;
const TOKEN_LIFETIME_MS = 14 * 60_000;

/**
 * The original response of an interaction. Its end is counted from the interaction's id, because a job may have waited
 * in the queue.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
 */
export function originalOfInteraction(
  interaction: InteractionRef,
  { discord }: { discord: Pick<Discord, "editOriginal" | "getOriginal" | "followUp"> },
): Original {
  return {
    expiresAt: Number(BigInt(interaction.id) >> 22n) + DISCORD_EPOCH_MS + TOKEN_LIFETIME_MS,
    hidesFollowUps: true,
    beginsThread: true,
    channelId: () => interaction.channelId,
    edit: (body, options) => discord.editOriginal(interaction, body, options),
    read: (options) => discord.getOriginal(interaction, options),
    // A follow-up has no nonce that would tell Discord which it is.
    followUp: (body, { part: _, ...options }) => discord.followUp(interaction, body, options),
  };
}
