// Not from the SDK's entry, which is 250 files: the assistant loads them when somebody asks it something.
import {
  AnthropicError,
  APIConnectionError,
  APIError,
  APIUserAbortError,
  BadRequestError,
} from "@anthropic-ai/sdk/core/error";
import { AppError } from "../../src/errors.ts";

/** Bytes stopped coming on an open connection. The SDK's own timeout ends with the headers. */
export class StreamStalled extends Error {
  override readonly name = "StreamStalled";

  constructor(idleMs: number) {
    super(`Nothing came for ${idleMs} ms.`);
  }
}

/** Might the same request succeed in a moment? By class and type, never by text, whose wording may change. */
export function isTransient(thrown: unknown): boolean {
  if (thrown instanceof StreamStalled || thrown instanceof APIConnectionError) return true;
  if (thrown instanceof APIUserAbortError) return false;
  if (thrown instanceof APIError) {
    if (thrown.headers?.get("x-should-retry") === "false") return false;
    // An `error` event inside a stream has a type and no status.
    if (thrown.status === undefined) return thrown.type === "overloaded_error" || thrown.type === "api_error";
    return thrown.status === 408 || thrown.status === 409 || thrown.status === 429 || thrown.status >= 500;
  }
  // A stream cut after its headers, or one that is none: a bare AnthropicError ("terminated").
  return thrown instanceof AnthropicError;
}

/** How long the API asks to stay away, in milliseconds; `undefined` if it does not say. */
export function retryAfterMs(thrown: unknown): number | undefined {
  if (!(thrown instanceof APIError)) return undefined;
  const exact = Number.parseFloat(thrown.headers?.get("retry-after-ms") ?? "");
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const seconds = Number.parseFloat(thrown.headers?.get("retry-after") ?? "");
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined;
}

/**
 * A thinking block came back behind something other than it was thought behind. The API gives no `error_code` for it (SDK 1.12.0 lists
 * none), so there is only the text.
 * @see https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export function isForkedThinking(thrown: unknown): boolean {
  return thrown instanceof BadRequestError && /bound to a different conversation/i.test(thrown.message);
}

/** What went wrong between us and Claude, for the person who asked: what it means and what to do. */
export function claudeError(thrown: unknown, model: string): AppError {
  const failed = (code: string, text: string) => new AppError(code, text, { cause: thrown });

  if (thrown instanceof StreamStalled) {
    return failed(
      "CLAUDE_STALLED",
      "Claude stopped answering in the middle, several times. Ask again in a minute.",
    );
  }
  if (thrown instanceof APIConnectionError) {
    return failed(
      "CLAUDE_UNREACHABLE",
      "The worker could not reach Claude's API. Everything but the assistant works. Check the worker's internet access and ANTHROPIC_BASE_URL, then ask again.",
    );
  }
  if (!(thrown instanceof APIError)) {
    return failed(
      "CLAUDE_CUT_OFF",
      "The connection to Claude broke off in the middle, several times. Ask again in a minute.",
    );
  }
  if (thrown.status === 401) {
    return failed(
      "CLAUDE_KEY_REJECTED",
      "Claude's API does not accept this bot's key. Whoever runs the bot has to put a valid one into ANTHROPIC_API_KEY.",
    );
  }
  // The API has said it as a bad request, too, where there is only the text.
  if (
    thrown.status === 402 ||
    thrown.type === "billing_error" ||
    /credit balance is too low/i.test(thrown.message)
  ) {
    return failed(
      "CLAUDE_NO_CREDIT",
      "The Anthropic account of this bot has no credit left. Whoever runs the bot has to top it up in the Claude Console (Billing).",
    );
  }
  if (thrown.status === 403) {
    return failed(
      "CLAUDE_FORBIDDEN",
      `The bot's Anthropic key may not use ${model}. Whoever runs the bot has to allow it in the workspace of that key, or set CLAUDE_MODEL to another one.`,
    );
  }
  if (thrown.status === 404) {
    return failed(
      "CLAUDE_MODEL_UNKNOWN",
      `Claude's API does not know the model ${model}; it may have been retired. Whoever runs the bot has to correct CLAUDE_MODEL.`,
    );
  }
  if (thrown.status === 413) {
    return failed(
      "CLAUDE_TOO_LARGE",
      "This conversation has become too large to send. Use /forget, then ask for less at once.",
    );
  }
  if (thrown.status === 429 || thrown.type === "rate_limit_error") {
    const waitMs = retryAfterMs(thrown);
    const when = waitMs === undefined ? "in a few minutes" : `in about ${inWords(waitMs)}`;
    return failed(
      "CLAUDE_RATE_LIMITED",
      `The rate limit of this bot's Anthropic account is reached. Ask again ${when}.`,
    );
  }
  if (thrown.status === 529 || thrown.type === "overloaded_error") {
    return failed(
      "CLAUDE_OVERLOADED",
      "Claude is overloaded at the moment and turned the question down several times. Ask again in a few minutes.",
    );
  }
  if (thrown.status === undefined || thrown.status >= 500) {
    return failed(
      "CLAUDE_UNAVAILABLE",
      "Claude's API has a problem of its own. Ask again in a few minutes; https://status.claude.com tells more.",
    );
  }
  return failed(
    "CLAUDE_REFUSED_REQUEST",
    "Claude's API did not accept the request, which is a fault of this bot. The details are in the worker's log. Use /forget and ask anew.",
  );
}

function inWords(durationMs: number): string {
  const minutes = Math.ceil(durationMs / 60_000);
  return minutes <= 1 ? "a minute" : `${minutes} minutes`;
}
