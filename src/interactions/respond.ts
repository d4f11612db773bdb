import {
  type APIApplicationCommandAutocompleteResponse,
  type APIApplicationCommandOptionChoice,
  type APIInteractionResponseChannelMessageWithSource,
  type APIInteractionResponseDeferredChannelMessageWithSource,
  type APIInteractionResponseDeferredMessageUpdate,
  type APIInteractionResponsePong,
  InteractionResponseType,
  MessageFlags,
} from "discord-api-types/payloads/v10";

/** @see https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object */
export const pong = { type: InteractionResponseType.Pong } satisfies APIInteractionResponsePong;

/** A sentence for the caller alone. It may quote what the caller typed: nothing in it pings or unfurls. */
export function privately(sentence: string) {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      content: sentence,
      flags: MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds,
      allowed_mentions: { parse: [] },
    },
  } satisfies APIInteractionResponseChannelMessageWithSource;
}

/** Discord shows it as "3 minutes ago", in the reader's own words. @see https://discord.com/developers/docs/reference#message-formatting */
export const relativeTime = (atMs: number): string => `<t:${Math.floor(atMs / 1000)}:R>`;

/**
 * A message that the worker's edits turn into the result, where there is something to say before. Without
 * SUPPRESS_EMBEDS, which would hide the result's embed as well, so only for our own words without a link.
 */
export function announce(content: string, { ephemeral }: { ephemeral: boolean }) {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      content,
      ...(ephemeral ? { flags: MessageFlags.Ephemeral } : {}),
      allowed_mentions: { parse: [] },
    },
  } satisfies APIInteractionResponseChannelMessageWithSource;
}

/** "Thinking…". Whether the answer is ephemeral is decided here for good; no other flag is valid. */
export function deferral({ ephemeral }: { ephemeral: boolean }) {
  return {
    type: InteractionResponseType.DeferredChannelMessageWithSource,
    ...(ephemeral ? { data: { flags: MessageFlags.Ephemeral } } : {}),
  } satisfies APIInteractionResponseDeferredChannelMessageWithSource;
}

/** The click is taken; the message stays as it is until the worker edits it. */
export const deferredUpdate = {
  type: InteractionResponseType.DeferredMessageUpdate,
} satisfies APIInteractionResponseDeferredMessageUpdate;

/** @see https://discord.com/developers/docs/interactions/application-commands#autocomplete */
const CHOICES_MAX = 25;

export function suggest(choices: readonly APIApplicationCommandOptionChoice<string>[]) {
  return {
    type: InteractionResponseType.ApplicationCommandAutocompleteResult,
    data: { choices: choices.slice(0, CHOICES_MAX) },
  } satisfies APIApplicationCommandAutocompleteResponse;
}
