/** A block of a scripted reply. */
export type ReplyBlock =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string }
  /** `input` is `unknown`, since a model can send anything. */
  | { type: "tool_use"; id?: string; name: string; input: unknown };

type StopReason = "end_turn" | "tool_use" | "max_tokens" | "refusal" | "model_context_window_exceeded";

/** What the model says to one request. */
export interface Reply {
  content: ReplyBlock[];
  /** Default: `tool_use` if it calls a tool, else `end_turn`. */
  stopReason?: StopReason;
  /** Of a refusal. */
  category?: string;
  /** The stream waits for this after its first text, so that a test can look in between. */
  hold?: Promise<unknown>;
}

export const say = (text: string): Reply => ({ content: [{ type: "text", text }] });

/** Calls in one reply run side by side. As Sonnet 5.5 does by default, what it thinks before is not shown but for a signature. */
export function call(...calls: [name: string, input: unknown][]): Reply {
  return {
    content: [
      { type: "thinking", thinking: "" },
      ...calls.map(([name, input]) => ({ type: "tool_use" as const, name, input })),
    ],
  };
}

/** Nothing is said; the classifier stopped it before the first word. */
export const refuse = (category: string): Reply => ({ content: [], stopReason: "refusal", category });
