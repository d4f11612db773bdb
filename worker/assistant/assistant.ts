import { createHmac } from "node:crypto";
import type Anthropic from "@anthropic-ai/sdk";
import * as z from "zod";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import type { FindingsDocument } from "../findings/findings.ts";
import { type BudgetLimits, createBudget, type Spender, type UsageSummary } from "./budget.ts";
import { CAPS, type Caps, type Conclusion, type ConverseOptions, converse, resume } from "./converse.ts";
import type { Sink } from "./events.ts";
import { EXPLAIN_PROMPT, EXPLANATION_SCHEMA, materialOf, parseExplanation, type Remark } from "./explain.ts";
import { createMemory } from "./memory.ts";
import { Paused } from "./paused.ts";
import { type Asker, parseQuestion, renderQuestion, SYSTEM_PROMPT } from "./prompt.ts";
import type { Decision, PendingCall } from "./run-calls.ts";
import type { Tool } from "./tool.ts";
import { NO_TOTALS, type Totals } from "./totals.ts";
import { PATIENCE, type Patience, takeTurn } from "./turn.ts";
import { wrapUntrusted } from "./untrusted.ts";

const DEFAULT_MODEL = "claude-sonnet-5-5";
const ANTHROPIC = "https://api.anthropic.com";

const EXPLANATION_MAX_TOKENS = 2_048;
/** The report is there already: whoever reads it does not wait for prose. */
const EXPLANATION_WITHIN_MS = 45_000;

export interface AssistantOptions {
  /** `undefined`: the assistant says that it has none, and everything else works. */
  apiKey: string | undefined;
  /** Without `/v1`. */
  baseURL?: string;
  model?: string;
  store: Store;
  log: Log;
  now?: () => number;
  /** Of this process, removed from everything that the model reads. The API key is always among them. */
  secrets?: readonly string[];
  limits: BudgetLimits;
  caps?: Partial<Caps>;
  patience?: Partial<Patience>;
}

interface Question {
  text: string;
  /** What shares a memory: the id of the Discord thread (or of the channel, for one-off questions). */
  threadKey: string;
  /** `level` as `authorise` gave it, just now. */
  asker: Asker;
}

export interface RunOptions {
  /** All tools, made for this asker. The model sees those that `asker.level` may use, and can call no other. */
  tools: readonly Tool[];
  /** Everything that happens meanwhile; see `AssistantEvent`. */
  emit: Sink;
  /** Stop, and the end of the process. The outcome is then `stopped`; whoever wants the reason has the signal. */
  signal: AbortSignal;
}

/** How a question ended, for the message, the footer and the audit. `text` is the model's: `defangAnswer` it before Discord. */
export interface Answer {
  outcome:
    | Exclude<Conclusion["outcome"], { kind: "paused" }>
    /** Waits for a person. Keep `state` (plain JSON) and show each call's `prompt`; then call `resume`. */
    | { kind: "paused"; state: PausedQuestion; calls: PendingCall[] };
  totals: Totals;
  model: string;
}

const PausedQuestion = z.object({
  question: z.string(),
  threadKey: z.string(),
  userId: z.string(),
  guildId: z.string(),
  conversation: Paused,
});
/** An unfinished question. Contains customers' data: keep it no longer than the approval may take. */
type PausedQuestion = z.infer<typeof PausedQuestion>;

export interface Assistant {
  /** Never rejects: whatever goes wrong is an outcome. */
  ask(question: Question, options: RunOptions): Promise<Answer>;
  /**
   * Goes on after a person has decided. Claim the state before (`Store.take`), and call `authorise` for whoever clicked and for the asker.
   * @param paused - What `ask` gave, after any detour through JSON.
   * @param decisions - By the call's id; a call without one is not carried out.
   * @param asker - The one who asked, with the level they have now.
   */
  resume(
    paused: unknown,
    decisions: Readonly<Record<string, Decision>>,
    options: RunOptions & { asker: Asker },
  ): Promise<Answer>;
  /**
   * A few sentences about a finished case, for after its report. Without tools, since what it reads is a customer's. Empty if Claude is off, down,
   * out of budget or has nothing to say that can be tied to a finding; never rejects.
   */
  explain(document: FindingsDocument, options: { spender: Spender; signal: AbortSignal }): Promise<Remark[]>;
  /** Clears a thread's memory. A question that is being answered is remembered when it is done. */
  forget(threadKey: string): Promise<void>;
  /** For `/usage`. */
  usage(spender: Spender): Promise<UsageSummary>;
}

/** Claude with our tools, memory and budgets. Knows neither Discord nor the queue. */
export function createAssistant({
  apiKey,
  baseURL = ANTHROPIC,
  model = DEFAULT_MODEL,
  store,
  log,
  now = Date.now,
  secrets = [],
  limits,
  caps,
  patience,
}: AssistantOptions): Assistant {
  const budget = createBudget({ store, log, now, limits });
  const memory = createMemory({ store });
  const known = apiKey === undefined ? secrets : [...secrets, apiKey];

  async function converseOptions(asker: Asker, run: RunOptions, model: string): Promise<ConverseOptions> {
    if (apiKey === undefined) {
      throw new AppError(
        "CLAUDE_NO_KEY",
        "The assistant is not set up: this bot has no key for Claude. Whoever runs it has to set ANTHROPIC_API_KEY. The slash commands work without it.",
      );
    }
    return {
      ...run,
      client: await createClient({ apiKey, baseURL, log }),
      level: asker.level,
      secrets: known,
      caps: { ...CAPS, ...caps },
      patience: { ...PATIENCE, ...patience },
      userHash: hashOf(asker.userId, apiKey),
      checkBudget: () => budget.check(asker),
      charge: (usage) => budget.charge(asker, model, usage),
      log,
    };
  }

  async function conclude(
    { outcome, totals }: Conclusion,
    origin: Omit<PausedQuestion, "conversation">,
    model: string,
  ): Promise<Answer> {
    if (outcome.kind === "paused") {
      const state = { ...origin, conversation: outcome.state };
      return { outcome: { kind: "paused", state, calls: outcome.state.pending }, totals, model };
    }
    // Half an answer too, so that "go on" has something to go on from.
    if (outcome.kind === "done" || outcome.kind === "max-tokens" || outcome.kind === "capped") {
      await memory
        .remember(origin.threadKey, { question: origin.question, answer: outcome.text })
        .catch((err: unknown) => log.warn({ err }, "conversation not remembered"));
    }
    return { outcome, totals, model };
  }

  async function begin({ text, threadKey, asker }: Question, run: RunOptions): Promise<Answer> {
    const options = await converseOptions(asker, run, model);
    const question = parseQuestion(text);
    const messages = await memory.recall(threadKey);
    messages.push({ role: "user", content: renderQuestion(question, { asker, now: now() }) });
    const conclusion = await converse({ model, system: SYSTEM_PROMPT, messages, totals: NO_TOTALS }, options);
    const { userId, guildId } = asker;
    return conclude(conclusion, { question, threadKey, userId, guildId }, model);
  }

  async function goOn(
    paused: unknown,
    decisions: Readonly<Record<string, Decision>>,
    { asker, ...run }: RunOptions & { asker: Asker },
  ): Promise<Answer> {
    const { conversation, ...origin } = parsePaused(paused, asker);
    const options = await converseOptions(asker, run, conversation.model);
    return conclude(await resume(conversation, decisions, options), origin, conversation.model);
  }

  async function explain(
    document: FindingsDocument,
    { spender, signal }: { spender: Spender; signal: AbortSignal },
  ): Promise<Remark[]> {
    if (apiKey === undefined || document.findings.length === 0) return [];
    if ((await budget.check(spender)) !== undefined) return [];
    const material = { source: "findings of a breach check", data: materialOf(document) };
    const { reply } = await takeTurn(
      {
        model,
        max_tokens: EXPLANATION_MAX_TOKENS,
        system: EXPLAIN_PROMPT,
        messages: [{ role: "user", content: wrapUntrusted(material, { secrets: known }) }],
        output_config: { effort: "low", format: { type: "json_schema", schema: EXPLANATION_SCHEMA } },
        metadata: { user_id: hashOf(spender.userId, apiKey) },
      },
      {
        ...{ log, emit: () => undefined },
        client: await createClient({ apiKey, baseURL, log }),
        signal: AbortSignal.any([signal, timeoutSignal(EXPLANATION_WITHIN_MS)]),
        patience: { ...PATIENCE, ...patience },
        onUsage: async (usage) => void (await budget.charge(spender, model, usage)),
      },
    );
    const text = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
    return parseExplanation(text, document);
  }

  const failed = (thrown: unknown) => answerFailed(thrown, { model, log });
  return {
    ask: (question, run) => begin(question, run).catch(failed),
    resume: (paused, decisions, options) => goOn(paused, decisions, options).catch(failed),
    explain: (document, options) =>
      explain(document, options).catch((thrown: unknown) => {
        log.warn({ err: coerceError(thrown) }, "findings not explained");
        return [];
      }),
    forget: memory.forget,
    usage: budget.usage,
  };
}

function hashOf(userId: string, apiKey: string): string {
  return createHmac("sha256", apiKey).update(userId).digest("hex");
}

interface ClientOptions {
  apiKey: string;
  baseURL: string;
  log: Log;
}

/** For one conversation. The SDK is loaded with the first: half a second that the start of a process can do without. */
async function createClient({ apiKey, baseURL, log }: ClientOptions): Promise<Anthropic> {
  const { default: Anthropic } = await import("@anthropic-ai/sdk");
  const quietly = (message: string) => log.debug({ sdk: message }, "Anthropic SDK");
  return new Anthropic({
    apiKey,
    // Stated although they are the defaults, so that no variable of the environment has a say in where the key goes.
    authToken: null,
    baseURL,
    openTelemetry: false,
    maxRetries: 0,
    // Its default is the console, which on this side is for our own log lines.
    logger: { error: quietly, warn: quietly, info: quietly, debug: quietly },
    logLevel: "warn",
  });
}

/** @throws {AppError} `PAUSED_INVALID`, `PAUSED_OF_ANOTHER` */
function parsePaused(paused: unknown, asker: Asker): PausedQuestion {
  const result = PausedQuestion.safeParse(paused);
  if (!result.success) {
    throw new AppError(
      "PAUSED_INVALID",
      "This question was paused by another release of the bot and cannot go on. Nothing was carried out. Ask it again.",
    );
  }
  if (result.data.userId !== asker.userId || result.data.guildId !== asker.guildId) {
    throw new AppError(
      "PAUSED_OF_ANOTHER",
      "Somebody else asked this question, so it goes on only for them.",
    );
  }
  return result.data;
}

function answerFailed(thrown: unknown, { model, log }: { model: string; log: Log }): Answer {
  let error: AppError;
  if (thrown instanceof AppError) error = thrown;
  else {
    log.error({ err: coerceError(thrown) }, "the assistant failed");
    error = new AppError(
      "ASSISTANT_FAILED",
      "The assistant could not read what it remembers. Ask again in a moment.",
      { cause: thrown },
    );
  }
  return { outcome: { kind: "failed", error }, totals: NO_TOTALS, model };
}
