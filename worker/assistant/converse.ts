import type Anthropic from "@anthropic-ai/sdk";
import { AppError, coerceError } from "../../src/errors.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import type { Sink } from "./events.ts";
import type { Paused } from "./paused.ts";
import { type CallOptions, type Decision, runCalls, runDecided } from "./run-calls.ts";
import { toolsFor } from "./tool.ts";
import type { Totals } from "./totals.ts";
import { type Patience, type TurnParams, takeTurn } from "./turn.ts";

/** For one question, over all its pauses. */
export interface Caps {
  /** Answers of the model. The last one is asked for without tools, so that it is an answer. */
  turns: number;
  calls: number;
  /** Working time. */
  wallClockMs: number;
  /** Of one answer, thinking included. */
  maxTokens: number;
}

export const CAPS: Caps = { turns: 8, calls: 20, wallClockMs: 10 * 60_000, maxTokens: 8_192 };

/** How a question ended. `words` are for the person who asked, beside or in place of the text. */
type Outcome =
  | { kind: "done"; text: string }
  /** The model's own safety classifier said no. Not a failure of anybody; belongs in the audit. */
  | { kind: "refused"; category: string | undefined; words: string }
  | { kind: "empty"; words: string }
  /** The answer ends in the middle. */
  | { kind: "max-tokens"; text: string; words: string }
  /** A limit of ours was reached; the text is what there was by then. */
  | { kind: "capped"; cap: "turns" | "calls" | "time" | "budget"; text: string; words: string }
  | { kind: "paused"; state: Paused }
  /** The caller's signal was aborted, for whatever reason. */
  | { kind: "stopped"; text: string }
  | { kind: "failed"; error: AppError };

/** Where to begin: a new question, or one that was answered by a person meanwhile. */
export interface Conversation {
  model: string;
  system: string;
  messages: Anthropic.MessageParam[];
  totals: Totals;
}

export interface ConverseOptions extends CallOptions {
  client: Anthropic;
  caps: Caps;
  patience: Patience;
  /** For the provider's abuse detection: says nothing to anyone else. */
  userHash: string;
  /** Asked before each turn. Words if there is no money left. */
  checkBudget(): Promise<AppError | undefined>;
  /** @returns The price in billionths of a US dollar. Must not reject. */
  charge(usage: Anthropic.Usage): Promise<number>;
}

export interface Conclusion {
  outcome: Outcome;
  totals: Totals;
}

/**
 * The tool loop: ask, carry out what the model calls, ask again, until there is an answer or a limit is reached. Knows neither Discord nor the queue. Never
 * rejects.
 */
export function converse(conversation: Conversation, options: ConverseOptions): Promise<Conclusion> {
  return bounded(conversation.totals, options, (run) => loop(conversation, run));
}

/**
 * Goes on with a paused conversation, in this process or another: carries out what was approved, tells the model what was not, and converses.
 * Claim the decision before (`Store.take`), so that a second click does not run anything twice.
 */
export function resume(
  { results, pending, ...conversation }: Paused,
  decisions: Readonly<Record<string, Decision>>,
  options: ConverseOptions,
): Promise<Conclusion> {
  return bounded(conversation.totals, options, async (run) => {
    const decided = await runDecided(pending, decisions, run);
    // One message answers every call of the reply; results come first in it.
    const answer = { role: "user" as const, content: [...results, ...decided] };
    return loop({ ...conversation, messages: [...conversation.messages, answer] }, run);
  });
}

interface Run extends ConverseOptions {
  totals: Totals;
  /** What has been streamed since the last reset. */
  streamed(): string;
  elapsedMs(): number;
}

/** Puts the time limit around `work`, and turns whatever it throws into an outcome. */
async function bounded(
  before: Totals,
  options: ConverseOptions,
  work: (run: Run) => Promise<Outcome>,
): Promise<Conclusion> {
  const { caps, signal: stop, log } = options;
  const startedAt = performance.now();
  const elapsedMs = () => before.elapsedMs + performance.now() - startedAt;
  const deadline = timeoutSignal(Math.max(0, Math.round(caps.wallClockMs - before.elapsedMs)));
  const totals = { ...before };
  let text = "";
  const emit: Sink = (event) => {
    if (event.kind === "text") text += event.delta;
    if (event.kind === "text-reset") text = "";
    options.emit(event);
  };
  const signal = AbortSignal.any([stop, deadline]);
  const run: Run = { ...options, signal, emit, totals, streamed: () => text, elapsedMs };

  const outcome = await work(run).catch((thrown: unknown): Outcome => {
    if (stop.aborted) return { kind: "stopped", text };
    if (deadline.aborted) return capped("time", text, caps);
    if (thrown instanceof AppError) return { kind: "failed", error: thrown };
    log.error({ err: coerceError(thrown) }, "the assistant failed");
    return {
      kind: "failed",
      error: new AppError(
        "ASSISTANT_FAILED",
        "Something went wrong in the assistant. The details are in the worker's log. Ask again.",
        { cause: thrown },
      ),
    };
  });
  return { outcome, totals: { ...totals, elapsedMs: Math.round(elapsedMs()) } };
}

async function loop({ model, system, messages }: Conversation, run: Run): Promise<Outcome> {
  const { caps, totals, emit } = run;
  for (;;) {
    const spent = await run.checkBudget();
    if (spent && totals.turns === 0) return { kind: "failed", error: spent };
    if (spent) return { kind: "capped", cap: "budget", text: "", words: spent.userMessage };

    const cap = lastTurn(totals, caps);
    const turn = await takeTurn(paramsOf({ model, system, messages }, cap !== undefined, run), {
      ...run,
      onUsage: (usage) => account(usage, run),
    });
    totals.turns += 1;
    messages = [...turn.messages, { role: "assistant", content: turn.reply.content.filter(isSendable) }];

    const calls = turn.reply.content.filter((block) => block.type === "tool_use");
    if (turn.reply.stop_reason !== "tool_use" || calls.length === 0 || cap !== undefined) {
      return endOf(turn.reply, cap, run);
    }
    // What was said before a call was no answer.
    if (run.streamed() !== "") emit({ kind: "text-reset" });
    const callsLeft = caps.calls - totals.calls;
    totals.calls += calls.length;
    const { results, pending } = await runCalls(calls, { ...run, callsLeft });
    if (pending.length > 0) {
      const soFar = { ...totals, elapsedMs: run.elapsedMs() };
      return { kind: "paused", state: { model, system, messages, results, pending, totals: soFar } };
    }
    messages.push({ role: "user", content: results });
  }
}

/** The model may begin with blank words, and the API does not take them back. */
function isSendable(block: Anthropic.ContentBlock): boolean {
  return block.type !== "text" || block.text.trim() !== "";
}

function lastTurn({ turns, calls }: Totals, caps: Caps): "turns" | "calls" | undefined {
  if (turns + 1 >= caps.turns) return "turns";
  // Only once a call had to be turned down: whoever needed exactly as many may have all they need.
  return calls > caps.calls ? "calls" : undefined;
}

function paramsOf(
  { model, system, messages }: Pick<Conversation, "model" | "system" | "messages">,
  isLast: boolean,
  { tools, level, caps, userHash }: Run,
): TurnParams {
  return {
    model,
    max_tokens: caps.maxTokens,
    // Two breakpoints: tools and system are shared by all questions, the rest grows with this one.
    // https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
    cache_control: { type: "ephemeral" },
    tools: toolsFor(level, tools).map(({ name, description, inputSchema }) => ({
      ...{ name, description },
      input_schema: inputSchema,
    })),
    messages,
    output_config: { effort: "medium" },
    metadata: { user_id: userHash },
    ...(isLast && { tool_choice: { type: "none" } }),
  };
}

async function account(usage: Anthropic.Usage, { totals, charge, emit }: Run): Promise<void> {
  const cached = usage.cache_read_input_tokens ?? 0;
  totals.inputTokens += usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + cached;
  totals.cachedTokens += cached;
  totals.outputTokens += usage.output_tokens;
  totals.nanoDollars += await charge(usage);
  emit({ kind: "usage", totals: { ...totals } });
}

function endOf(reply: Anthropic.Message, cap: "turns" | "calls" | undefined, { caps, emit }: Run): Outcome {
  const text = reply.content
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join("")
    .trim();
  switch (reply.stop_reason) {
    case "refusal":
      // A refusal can come after the first words; those are not to be kept.
      if (text !== "") emit({ kind: "text-reset" });
      return refused(reply.stop_details?.category ?? undefined);
    case "max_tokens":
      return {
        kind: "max-tokens",
        text,
        words: "The answer became too long and ends in the middle. Ask for a part of it.",
      };
    case "model_context_window_exceeded":
      return {
        kind: "max-tokens",
        text,
        words: "This conversation has become too long for the model. Use /forget, then ask for less at once.",
      };
  }
  if (cap !== undefined) return capped(cap, text, caps);
  if (text !== "") return { kind: "done", text };
  return { kind: "empty", words: "Claude gave no answer to that. Ask again in other words." };
}

const REFUSAL_SUBJECTS: Readonly<Record<string, string>> = {
  cyber: "cyber attacks; questions about breaches can look like that although they are defence",
  bio: "biology",
  frontier_llm: "building AI models",
  reasoning_extraction: "its own reasoning",
};

function refused(category: string | undefined): Outcome {
  const subject = REFUSAL_SUBJECTS[category ?? ""];
  const why = subject === undefined ? "" : ` Its safety rules took it for a question about ${subject}.`;
  return {
    kind: "refused",
    category,
    words: `Claude declined to answer this.${why} Nothing is wrong with the bot: ask in other words, or use the slash commands, which do without Claude.`,
  };
}

function capped(cap: "turns" | "calls" | "time", text: string, caps: Caps): Outcome {
  const limits = {
    turns: `${caps.turns} rounds`,
    calls: `${caps.calls} tool calls`,
    time: `${Math.round(caps.wallClockMs / 60_000)} minutes`,
  };
  const what = text === "" ? "there is no answer" : "the answer may be incomplete";
  return {
    kind: "capped",
    cap,
    text,
    words: `The limit of ${limits[cap]} for one question was reached, so ${what}. Ask for less at once.`,
  };
}
