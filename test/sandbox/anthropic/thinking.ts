import { createHmac, randomBytes } from "node:crypto";
import { conversationHash } from "./prefix.ts";
import type { ClaudeRequest } from "./request.ts";

/**
 * Signatures of thinking blocks. Each is bound to the system prompt, the tools and all earlier messages; on models of the 5.5 family, a block
 * that comes back after anything else is refused.
 * @see https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export function createThinkingSeal() {
  const key = randomBytes(32);
  const seal = (thinking: string, conversation: Pick<ClaudeRequest, "tools" | "system" | "messages">) =>
    createHmac("sha256", key)
      .update(`${thinking}\n${conversationHash(conversation)}`)
      .digest("base64");

  /** What the API says about the first block that is not what it was, or not where it was. */
  function check(request: ClaudeRequest): string | undefined {
    for (const [index, { content }] of request.messages.entries()) {
      const conversation = { ...request, messages: request.messages.slice(0, index) };
      for (const [at, block] of content.entries()) {
        if (block.type !== "thinking" || block.signature === seal(block.thinking, conversation)) continue;
        return `messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block: The block is bound to a different conversation`;
      }
    }
    return undefined;
  }
  return { seal, check };
}
