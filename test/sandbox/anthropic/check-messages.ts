import type { RequestBlock, RequestMessage } from "./request.ts";

/**
 * The rules of a conversation that no schema can express.
 * @returns What the API would say about the first one broken, or `undefined` if the conversation is legal.
 */
export function checkMessages(messages: readonly RequestMessage[]): string | undefined {
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role === "assistant") {
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
  const seen = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === messages[index - 1]?.role) {
      return `messages.${index}: roles must alternate between "user" and "assistant", but found multiple "${message.role}" roles in a row`;
    }
    const problem =
      checkBlocks(message, index) ??
      checkToolUses(message, seen, index) ??
      checkToolResults(message, messages[index - 1], index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkBlocks({ role, content }: RequestMessage, index: number): string | undefined {
  if (content.length === 0) return `messages.${index}: all messages must have non-empty content`;
  const empty = content.findIndex((block) => block.type === "text" && block.text.trim() === "");
  if (empty >= 0)
    return `messages.${index}.content.${empty}: text content blocks must contain non-whitespace text`;
  const foreign = content.find(({ type }) =>
    role === "user" ? type === "tool_use" || type === "thinking" : type === "tool_result",
  );
  return foreign && `messages.${index}: \`${foreign.type}\` blocks are not permitted in ${role} messages`;
}

function checkToolUses(message: RequestMessage, seen: Set<string>, index: number): string | undefined {
  for (const id of toolUseIds(message)) {
    if (seen.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`;
    seen.add(id);
  }
  return undefined;
}

function checkToolResults(
  message: RequestMessage,
  before: RequestMessage | undefined,
  index: number,
): string | undefined {
  const asked = before?.role === "assistant" ? toolUseIds(before) : [];
  const answered = message.content.flatMap((block) =>
    block.type === "tool_result" ? [block.tool_use_id] : [],
  );
  const orphan = answered.find((id) => !asked.includes(id));
  if (orphan !== undefined) {
    return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
  }
  if (new Set(answered).size !== answered.length) {
    return `messages.${index}: each tool_use must have a single result`;
  }
  const open = asked.find((id) => !answered.includes(id));
  if (open !== undefined) {
    return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open}`;
  }
  const firstOther = message.content.findIndex(({ type }) => type !== "tool_result");
  const isLate = (block: RequestBlock, at: number) => block.type === "tool_result" && at > firstOther;
  if (firstOther >= 0 && message.content.some(isLate)) {
    return `messages.${index}: \`tool_result\` blocks must come first in the content`;
  }
  return undefined;
}

function toolUseIds({ content }: RequestMessage): string[] {
  return content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}
