import type Anthropic from "@anthropic-ai/sdk";
import type { Level } from "../../src/access.ts";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { redact } from "../../src/redact.ts";
import type { AssistantEvent, Sink } from "./events.ts";
import { mayUse, type ReadyCall, type Tool } from "./tool.ts";
import { strip, wrapUntrusted } from "./untrusted.ts";

/** Customers' systems and Microsoft's have limits of their own. */
const SIDE_BY_SIDE = 4;
const INPUT_SHOWN = 2_000;

export interface CallOptions {
  /** All there are; which of them may be used is decided here. */
  tools: readonly Tool[];
  level: Level;
  emit: Sink;
  signal: AbortSignal;
  /** Of this process; never shown to the model. */
  secrets: readonly string[];
  log: Log;
}

/** A call that a person has to approve, as plain JSON. */
export interface PendingCall {
  id: string;
  name: string;
  input: unknown;
  target: string;
  /** What the person is shown: the exact call. */
  prompt: string;
}

interface Round {
  results: Anthropic.ToolResultBlockParam[];
  pending: PendingCall[];
}

type Call = Pick<Anthropic.ToolUseBlock, "id" | "name" | "input">;
type Refused = Extract<AssistantEvent, { kind: "call-refused" }>["reason"];
type Examined =
  | { kind: "ready"; tool: Tool; call: ReadyCall }
  | { kind: "refused"; reason: Refused; problem: string };

/**
 * Carries out what one reply asks for. Every call ends in a result that the model can read, but for those that wait for a person.
 * @param callsLeft - How many more may run; the rest is refused.
 * @throws What `signal` was aborted with.
 */
export async function runCalls(
  calls: readonly Call[],
  { callsLeft, ...options }: CallOptions & { callsLeft: number },
): Promise<Round> {
  const round: Round = { results: [], pending: [] };
  const ready: Prepared[] = [];
  for (const [index, call] of calls.entries()) {
    const examined = index < callsLeft ? examine(call, options) : TOO_MANY;
    if (examined.kind === "refused") {
      round.results.push(refuse(call, examined.reason, examined.problem, options));
    } else if (examined.call.prompt !== undefined) {
      const { target, prompt } = examined.call;
      round.pending.push({ id: call.id, name: call.name, input: call.input, target, prompt });
    } else {
      ready.push({ use: call, tool: examined.tool, call: examined.call });
    }
  }
  round.results.push(...(await runAll(ready, options)));
  // In the order of the calls, whichever was done first: the same question is then the same prefix for the cache.
  const placeOf = ({ tool_use_id: id }: Anthropic.ToolResultBlockParam) =>
    calls.findIndex((call) => call.id === id);
  round.results.sort((a, b) => placeOf(a) - placeOf(b));
  return round;
}

/** What a person said to one pending call. */
export type Decision = { kind: "approved"; by: string } | { kind: "declined"; by: string };

/**
 * Carries out what was approved, one call after the other, exactly as it was shown.
 * @param decisions - By the call's id. A call without one is not carried out.
 */
export async function runDecided(
  pending: readonly PendingCall[],
  decisions: Readonly<Record<string, Decision>>,
  options: CallOptions,
): Promise<Anthropic.ToolResultBlockParam[]> {
  const results: Anthropic.ToolResultBlockParam[] = [];
  for (const use of pending) {
    const judged = judge(use, Object.hasOwn(decisions, use.id) ? decisions[use.id] : undefined, options);
    const result =
      judged.kind === "refused"
        ? refuse(use, judged.reason, judged.problem, options)
        : await runOne({ use, tool: judged.tool, call: judged.call }, options);
    results.push(result);
  }
  return results;
}

function judge(use: PendingCall, decision: Decision | undefined, options: CallOptions): Examined {
  if (decision === undefined) {
    return refused("NOT_DECIDED", "Nobody approved this in time. Do not try it again.");
  }
  if (decision.kind === "declined") {
    return refused("DECLINED", `Declined by ${strip(decision.by)}. Do not try it again or in another way.`);
  }
  // Again from the start: roles change, and another release may mean something else by the same input.
  const examined = examine(use, options);
  if (examined.kind === "ready" && examined.call.prompt !== use.prompt) {
    const problem =
      "What was approved is no longer what would be done, so nothing was done. Propose it again.";
    return refused("APPROVAL_CHANGED", problem);
  }
  return examined;
}

const TOO_MANY = refused(
  "TOO_MANY_CALLS",
  "The limit of tool calls for one question is reached. Answer with what is known, and say what is missing.",
);

function examine(
  { name, input }: Call,
  { tools, level, secrets }: Pick<CallOptions, "tools" | "level" | "secrets">,
): Examined {
  const tool = tools.find((each) => each.name === name);
  if (!tool) return refused("UNKNOWN_TOOL", "There is no such tool.");
  if (!mayUse(level, tool)) return refused("NOT_PERMITTED", "The person who asks may not use this tool.");
  const json = JSON.stringify(input) ?? "";
  if (secrets.some((secret) => secret.length >= 8 && json.includes(secret))) {
    return refused("SECRET_IN_INPUT", "A secret of this bot must not be sent anywhere.");
  }
  const prepared = tool.prepare(input);
  if (prepared.kind === "invalid") return refused("INPUT_INVALID", prepared.problem);
  return { kind: "ready", tool, call: prepared.call };
}

function refused(reason: Refused, problem: string): Examined {
  return { kind: "refused", reason, problem };
}

interface Prepared {
  use: Call;
  tool: Tool;
  call: ReadyCall;
}

/** Reads side by side, then the others one after the other, so that nothing is read while it is being changed. */
async function runAll(
  ready: readonly Prepared[],
  options: CallOptions,
): Promise<Anthropic.ToolResultBlockParam[]> {
  const results: Anthropic.ToolResultBlockParam[] = [];
  const reads = ready.filter(({ tool }) => tool.parallel).values();
  const lanes = Array.from({ length: SIDE_BY_SIDE }, async () => {
    // One iterator for all lanes: each takes the next call that nobody has.
    for (const each of reads) results.push(await runOne(each, options));
  });
  await Promise.all(lanes);
  for (const each of ready) if (!each.tool.parallel) results.push(await runOne(each, options));
  return results;
}

async function runOne(
  { use, tool, call }: Prepared,
  { emit, signal, secrets, log }: CallOptions,
): Promise<Anthropic.ToolResultBlockParam> {
  signal.throwIfAborted();
  const { id } = use;
  const row = { id, name: tool.name, target: call.target };
  const startedAt = performance.now();
  const end = (state: "ok" | "failed" | "stopped", count?: number) =>
    emit({
      ...{ kind: "tool-ended", ...row, state, durationMs: Math.round(performance.now() - startedAt) },
      ...(count === undefined ? {} : { count }),
    });

  emit({ kind: "tool-started", ...row });
  const progress = (text: string) => emit({ kind: "tool-progress", id, text: strip(text) });
  try {
    const output = await untilAborted(call.run({ signal, progress }), signal);
    const content = wrapUntrusted(output, { secrets });
    end("ok", output.count);
    return { type: "tool_result", tool_use_id: id, content };
  } catch (thrown) {
    if (signal.aborted) {
      end("stopped");
      throw signal.reason;
    }
    end("failed");
    log.warn({ tool: tool.name, err: coerceError(thrown) }, "tool failed");
    const error =
      thrown instanceof AppError
        ? { code: thrown.code, message: thrown.userMessage }
        : {
            code: "TOOL_FAILED",
            message: "The tool failed for a reason of its own; it is in the worker's log.",
          };
    return failure(id, wrapUntrusted({ source: tool.name, data: { error } }, { secrets }));
  }
}

/** A tool that ignores its signal must not hold the question up. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    // It may have come while the work was being started, and is not said twice.
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

function refuse(
  { id, name, input }: Call,
  reason: Refused,
  problem: string,
  { emit, secrets, log }: Pick<CallOptions, "emit" | "secrets" | "log">,
): Anthropic.ToolResultBlockParam {
  const shown = strip(name).slice(0, 64);
  log.warn({ tool: shown, reason }, "tool call refused");
  const json = redact(strip(JSON.stringify(input) ?? "nothing"), secrets).slice(0, INPUT_SHOWN);
  emit({ kind: "call-refused", id, name: shown, reason, input: json });
  return failure(
    id,
    wrapUntrusted({ source: "bot", data: { error: { code: reason, message: problem } } }, { secrets }),
  );
}

function failure(id: string, content: string): Anthropic.ToolResultBlockParam {
  return { type: "tool_result", tool_use_id: id, content, is_error: true };
}
