import { createHash } from "node:crypto";
import type { ClaudeRequest } from "./request.ts";

/** One block of a request in the order in which the model reads it: tools, system, messages. */
export interface PrefixBlock {
  /** Stands for this block and everything before it. */
  hash: string;
  tokens: number;
  /** A cache breakpoint was set here. */
  marked: boolean;
}

/** About four characters to a token, which is near enough to bill by in a test. */
const CHARS_PER_TOKEN = 4;

/**
 * The request as a chain of hashes, so that two requests can be compared by what they have in common from the beginning.
 * Cache markers are no part of it: moving one changes nothing that the model reads.
 */
export function prefixOf({
  model,
  tools = [],
  system = [],
  messages,
  tool_choice,
}: Pick<ClaudeRequest, "model" | "tools" | "system" | "messages" | "tool_choice">): PrefixBlock[] {
  const chain: PrefixBlock[] = [];
  let hash = digest(model);
  const add = (place: string, block: { cache_control?: unknown; [field: string]: unknown }) => {
    const { cache_control, ...content } = block;
    const text = JSON.stringify(content);
    hash = digest(`${hash}\n${place}\n${text}`);
    chain.push({ hash, tokens: Math.ceil(text.length / CHARS_PER_TOKEN), marked: cache_control != null });
  };
  for (const tool of tools) add("tool", tool);
  for (const block of system) add("system", block);
  // Another tool_choice keeps the cache of tools and system, and none of the messages.
  // https://platform.claude.com/docs/en/build-with-claude/prompt-caching
  if (tool_choice?.type === "none") hash = digest(`${hash} none`);
  for (const [index, { role, content }] of messages.entries()) {
    for (const block of content) add(`${role} ${index}`, block);
  }
  return chain;
}

/** What a thinking block is bound to: everything that the model had read when it thought. */
export function conversationHash(request: Pick<ClaudeRequest, "tools" | "system" | "messages">): string {
  const { tools, system, messages } = request;
  return prefixOf({ model: "", tools, system, messages }).at(-1)?.hash ?? "";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
