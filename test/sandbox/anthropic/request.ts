import * as z from "zod";

const cache_control = z
  .strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish();

const Text = z.strictObject({
  type: z.literal("text"),
  text: z.string(),
  citations: z.null().optional(),
  cache_control,
});
const ToolUse = z.strictObject({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[\w-]+$/),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal("direct") }).optional(),
  cache_control,
});
const ToolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Text)]).optional(),
  is_error: z.boolean().optional(),
  cache_control,
});
const Block = z.discriminatedUnion("type", [
  Text,
  z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  ToolUse,
  ToolResult,
]);
export type RequestBlock = z.infer<typeof Block>;

/** A string is shorthand for one text block. */
const texts = z
  .union([z.string(), z.array(Text)])
  .transform((content): z.infer<typeof Text>[] => expand(content));
const blocks = z.union([z.string(), z.array(Block)]).transform((content): RequestBlock[] => expand(content));

function expand<Item>(content: string | Item[]): (Item | { type: "text"; text: string })[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

const Message = z.strictObject({ role: z.enum(["user", "assistant"]), content: blocks });
export type RequestMessage = z.infer<typeof Message>;

const Tool = z.strictObject({
  name: z.string().regex(/^[\w-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  cache_control,
});

/**
 * What `POST /v1/messages` takes from this project, for a model of the 5.5 family. Strict, as the real one is: sampling parameters, thinking
 * budgets, a forced `tool_choice`, server tools and misspelled fields are refused.
 * @see https://platform.claude.com/docs/en/api/messages
 */
export const ClaudeRequest = z.strictObject({
  model: z.string(),
  max_tokens: z.int().min(1).max(128_000),
  messages: z.array(Message).min(1),
  system: texts.optional(),
  tools: z.array(Tool).optional(),
  tool_choice: z
    .strictObject({ type: z.enum(["auto", "none"]), disable_parallel_tool_use: z.boolean().optional() })
    .optional(),
  stream: z.boolean().optional(),
  cache_control,
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  output_config: z
    .strictObject({
      effort: z.enum(["low", "medium", "high", "xhigh", "max"]).optional(),
      format: z
        .strictObject({
          type: z.literal("json_schema"),
          schema: z.looseObject({ type: z.literal("object") }),
        })
        .optional(),
    })
    .optional(),
});
export type ClaudeRequest = z.infer<typeof ClaudeRequest>;
