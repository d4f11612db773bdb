import type Anthropic from "@anthropic-ai/sdk";
import * as z from "zod";
import { Totals } from "./totals.ts";

const ToolUse = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});
const KnownBlock = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() }),
  ToolUse,
]);
const ToolResult = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.string(),
  is_error: z.boolean().optional(),
});

const KnownMessage = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), content: z.union([z.string(), z.array(ToolResult)]) }),
  z.object({ role: z.literal("assistant"), content: z.union([z.string(), z.array(KnownBlock)]) }),
]);

// Checked, and kept as they came with every field of them: a thinking block that is not sent back byte for byte is refused.
const Message = z.custom<Anthropic.MessageParam>((value) => KnownMessage.safeParse(value).success);
const Result = z.custom<Anthropic.ToolResultBlockParam>((value) => ToolResult.safeParse(value).success);

/**
 * A conversation that waits for a person, as plain JSON. It holds the raw blocks of the unfinished question, and the model and system prompt that its
 * thinking is bound to, so that another process can go on with it.
 */
export const Paused = z.object({
  model: z.string(),
  system: z.string(),
  messages: z.array(Message).min(2),
  /** Of the calls of the last message that needed no approval. */
  results: z.array(Result),
  pending: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        input: z.unknown(),
        target: z.string(),
        prompt: z.string(),
      }),
    )
    .min(1),
  totals: Totals,
});
export type Paused = z.infer<typeof Paused>;
