import {
  type APIApplicationCommandAutocompleteResponse,
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

export const noChoices = {
  type: InteractionResponseType.ApplicationCommandAutocompleteResult,
  data: { choices: [] },
} satisfies APIApplicationCommandAutocompleteResponse;
