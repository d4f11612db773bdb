import { setTimeout as delay } from "node:timers/promises";
import type Anthropic from "@anthropic-ai/sdk";
import { AnthropicError } from "@anthropic-ai/sdk/core/error";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { claudeError, isForkedThinking, isTransient, retryAfterMs, StreamStalled } from "./claude-error.ts";
import type { Sink } from "./events.ts";
import { watchIdle } from "./watch-idle.ts";

export type TurnParams = Anthropic.MessageStreamParams;

export interface Patience {
  /** Silence on an open stream, after which the attempt counts as lost. */
  idleMs: number;
  /** In all. */
  attempts: number;
  /** Before the second attempt; doubles from there. */
  backoffMs: number;
  /** The longest `retry-after` that is waited for. A longer one is told at once. */
  maxWaitMs: number;
}

export const PATIENCE: Patience = { idleMs: 60_000, attempts: 3, backoffMs: 1_000, maxWaitMs: 20_000 };

interface TurnOptions {
  client: Anthropic;
  signal: AbortSignal;
  emit: Sink;
  /** Called once for each attempt that was billed, also for one that failed midway. */
  onUsage(usage: Anthropic.Usage): Promise<void>;
  patience: Patience;
  log: Log;
}

interface Turn {
  reply: Anthropic.Message;
  /** The conversation as it was sent in the end: without its thinking blocks, if they had to go. */
  messages: Anthropic.MessageParam[];
}

/**
 * One answer of the model, streamed. Survives what the SDK does not retry: a stream that is cut, overloaded or silent after its headers. The SDK's own
 * retries are off, because it would sleep through a `retry-after` of an hour without a word.
 * @throws {AppError} With words for the person who asked. If `signal` was aborted, whatever the abort led to.
 */
export async function takeTurn(params: TurnParams, options: TurnOptions): Promise<Turn> {
  const { emit, signal, patience, log } = options;
  let { messages } = params;
  let isForked = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return { reply: await attemptTurn({ ...params, messages }, options), messages };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof AnthropicError || thrown instanceof StreamStalled)) throw thrown;
      emit({ kind: "text-reset" });
      log.warn({ attempt, err: coerceError(thrown) }, "Claude's answer failed");
      if (isForkedThinking(thrown) && !isForked) {
        // The conversation is more worth than the thoughts about it.
        isForked = true;
        messages = withoutThinking(messages);
        continue;
      }
      const waitMs = retryAfterMs(thrown) ?? patience.backoffMs * 2 ** (attempt - 1);
      if (!isTransient(thrown) || attempt >= patience.attempts || waitMs > patience.maxWaitMs) {
        throw claudeError(thrown, params.model);
      }
      const seconds = Math.ceil(waitMs / 1000);
      emit({
        kind: "note",
        text: `Claude did not answer; trying again in ${seconds} s (${attempt + 1} of ${patience.attempts}).`,
      });
      await delay(waitMs, undefined, { signal });
    }
  }
}

async function attemptTurn(
  params: TurnParams,
  { client, signal, emit, onUsage, patience: { idleMs } }: TurnOptions,
): Promise<Anthropic.Message> {
  const watch = watchIdle(idleMs);
  const stream = client.messages.stream(params, {
    signal: AbortSignal.any([signal, watch.signal]),
    middleware: [watch.middleware],
    maxRetries: 0,
  });
  stream.on("text", (delta) => emit({ kind: "text", delta }));
  const reply = await stream
    .finalMessage()
    .catch(async (thrown: unknown) => {
      // What the model had read and written by then is billed all the same.
      const usage = stream.currentMessage?.usage;
      if (usage) await onUsage(usage);
      throw watch.signal.aborted && !signal.aborted ? new StreamStalled(idleMs) : thrown;
    })
    .finally(watch.stop);
  await onUsage(reply.usage);
  return reply;
}

/** All of them, because each is bound to the ones before it. What they led to, text and calls, stays. */
function withoutThinking(messages: readonly Anthropic.MessageParam[]): Anthropic.MessageParam[] {
  return messages.map((message) => {
    if (message.role !== "assistant" || typeof message.content === "string") return message;
    const content = message.content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
    return { ...message, content };
  });
}
