import { randomBytes } from "node:crypto";
import type { Fault } from "./faults.ts";
import type { InputUsage } from "./prompt-cache.ts";
import type { Reply, ReplyBlock } from "./reply.ts";

/** An event of the stream, or a moment at which something other than an event happens. */
export type Frame =
  | { kind: "event"; data: { type: string } & Record<string, unknown> }
  | { kind: "hold"; until: Promise<unknown> }
  | { kind: "break"; fault: Fault };

interface FramesOptions {
  model: string;
  usage: InputUsage;
  /** Signs a thinking block. */
  seal: (thinking: string) => string;
  fault: Fault | undefined;
}

/**
 * A reply as the stream that the API makes of it.
 * @see https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function* framesOf(reply: Reply, { model, usage, seal, fault }: FramesOptions): Generator<Frame> {
  const id = `msg_${randomBytes(12).toString("hex")}`;
  yield event("message_start", {
    message: {
      ...{ id, type: "message", role: "assistant", model, content: [] },
      ...{ stop_reason: null, stop_sequence: null, stop_details: null },
      usage: { ...usage, output_tokens: 1, service_tier: "standard" },
    },
  });
  yield event("ping");

  let isHeld = false;
  for (const [index, block] of reply.content.entries()) {
    yield event("content_block_start", { index, content_block: emptied(block) });
    for (const delta of deltas(block, seal)) {
      yield event("content_block_delta", { index, delta });
      if (fault && block.type !== "thinking") yield { kind: "break", fault };
      if (reply.hold && !isHeld && block.type === "text") {
        isHeld = true;
        yield { kind: "hold", until: reply.hold };
      }
    }
    yield event("content_block_stop", { index });
  }
  // A reply of nothing but thinking, or of nothing at all.
  if (fault) yield { kind: "break", fault };

  yield event("message_delta", { delta: stopOf(reply), usage: { output_tokens: outputTokens(reply) } });
  yield event("message_stop");
}

/** The same reply to a request without `stream`. */
export function messageOf(reply: Reply, { model, usage, seal }: Omit<FramesOptions, "fault">): object {
  return {
    ...{ id: `msg_${randomBytes(12).toString("hex")}`, type: "message", role: "assistant", model },
    content: reply.content.map((block) => {
      if (block.type === "thinking") return { ...block, signature: seal(block.thinking) };
      return block.type === "text" ? block : { ...emptied(block), input: block.input };
    }),
    ...stopOf(reply),
    usage: { ...usage, output_tokens: outputTokens(reply) },
  };
}

function event(type: string, fields: Record<string, unknown> = {}): Frame {
  return { kind: "event", data: { type, ...fields } };
}

function emptied(block: ReplyBlock): Record<string, unknown> {
  if (block.type === "text") return { type: "text", text: "" };
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  return {
    type: "tool_use",
    id: block.id ?? `toolu_${randomBytes(12).toString("hex")}`,
    name: block.name,
    input: {},
  };
}

function deltas(block: ReplyBlock, seal: (thinking: string) => string): object[] {
  if (block.type === "text") return pieces(block.text).map((text) => ({ type: "text_delta", text }));
  if (block.type === "thinking") {
    return [
      ...pieces(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
      { type: "signature_delta", signature: seal(block.thinking) },
    ];
  }
  const json = pieces(JSON.stringify(block.input));
  // The first one is empty, and the others are cut anywhere.
  return ["", ...json].map((partial_json) => ({ type: "input_json_delta", partial_json }));
}

/** Cut without regard to words, but never inside a character, since each piece is JSON of its own. */
function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,11}(?![\udc00-\udfff])|[\s\S]{1,12}/g) ?? [];
}

function stopOf({ content, stopReason, category }: Reply): Record<string, unknown> {
  const isCall = content.some(({ type }) => type === "tool_use");
  return {
    stop_reason: stopReason ?? (isCall ? "tool_use" : "end_turn"),
    stop_sequence: null,
    stop_details:
      stopReason === "refusal" ? { type: "refusal", category: category ?? null, explanation: null } : null,
  };
}

function outputTokens({ content }: Reply): number {
  return Math.max(1, Math.ceil(JSON.stringify(content).length / 4));
}
