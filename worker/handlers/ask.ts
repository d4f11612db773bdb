import type { Level } from "../../src/access.ts";
import type { AskWork, Job, Origin } from "../../src/jobs/contract.ts";
import { JobCancelled } from "../../src/jobs/queue.ts";
import { redact } from "../../src/redact.ts";
import type { Store } from "../../src/store/store.ts";
import type { Assistant, Answer as Concluded } from "../assistant/assistant.ts";
import { defangAnswer } from "../assistant/defang-answer.ts";
import type { AssistantEvent } from "../assistant/events.ts";
import { actOfTool, type Scope } from "../assistant/tools/scope.ts";
import type { CreateTools } from "../assistant/tools/toolbox.ts";
import type { Totals } from "../assistant/totals.ts";
import type { Audit } from "../audit/audit.ts";
import { inTurn, standInLine } from "../in-turn.ts";
import type { Answer, Report } from "../report.ts";
import { createAnswerView, THINKING } from "./answer-view.ts";
import type { Handler, HandlerContext } from "./handler.ts";

export interface AskOptions {
  assistant: Assistant;
  createTools: CreateTools;
  audit: Audit;
  store: Store;
  /** Of the message that the answer grows in: its thread has the same id. `undefined` if Discord does not say. */
  findMessageId(interaction: Origin, options: { signal: AbortSignal }): Promise<string | undefined>;
  /** Of this process; never shown. */
  secrets: readonly string[];
}

/** `/ask`, a reply, a mention: one question to the assistant, in the conversation that it belongs to. */
export function createAsk(options: AskOptions): Handler<"ask"> {
  const { store } = options;
  return {
    access: "tech",
    async run(work, context) {
      const { job, signal } = context;
      const { level } = context.permission;

      const view = createAnswerView({ show: context.progress, secrets: options.secrets });
      view.say(THINKING);
      const place = await placeOf(work, context, { ...options, signal });
      const onWait = () => view.say("Another question of this conversation is being answered first");
      return inTurn(lineKey(place.line), { store, signal, ticket: job.interaction.id, onWait }, (held) => {
        view.say(THINKING);
        return answer(work, { ...options, context: { ...context, signal: held }, view, level, place });
      });
    },
  };
}

/**
 * Takes a question's place in its conversation as soon as its job was taken: who asks is looked up and put on record first, and
 * that may take the older of two questions longer.
 */
export function lineUpQuestions(store: Store): (job: Job) => Promise<() => Promise<void>> {
  return async function lineUp({ work, interaction }) {
    if (work.kind !== "ask") return async () => undefined;
    const line = interaction.ephemeral ? privateConversation(interaction) : work.threadId;
    // A question in a channel begins a conversation of its own.
    if (line === undefined) return async () => undefined;
    const ticket = interaction.id;
    // The question itself stands in line again, and says in words what the store could not do.
    return standInLine(lineKey(line), { store, ticket }).catch(() => async () => undefined);
  };
}

const lineKey = (line: string) => `conversation:${line}`;

interface Place {
  /** What waits for its turn together. */
  line: string;
  /** What shares a memory. */
  conversation: string;
  replyTo?: string;
  opensThread: boolean;
}

/**
 * A private answer is remembered for its asker alone, whatever channel or thread it is given in; and so is what somebody
 * asks who is limited to some tenants, since in a thread's memory there may be any.
 */
async function placeOf(
  work: AskWork,
  context: Pick<HandlerContext, "job" | "permission">,
  options: Parameters<typeof publicPlaceOf>[2],
): Promise<Place> {
  const { interaction } = context.job;
  if (interaction.ephemeral) {
    const own = privateConversation(interaction);
    return { line: own, conversation: own, replyTo: "private", opensThread: false };
  }
  const place = await publicPlaceOf(work, context.job, options);
  if (context.permission.tenantIds === undefined) return place;
  return { ...place, conversation: ownConversation(place.conversation, interaction.userId) };
}

async function publicPlaceOf(
  { threadId, messageId }: AskWork,
  { id, interaction }: Job,
  { findMessageId, signal }: Pick<AskOptions, "findMessageId"> & { signal: AbortSignal },
): Promise<Place> {
  if (threadId !== undefined) {
    return { line: threadId, conversation: threadId, replyTo: threadId, opensThread: false };
  }
  const first = messageId ?? (await findMessageId(interaction, { signal }));
  return first === undefined
    ? { line: id, conversation: id, opensThread: true }
    : { line: first, conversation: first, replyTo: first, opensThread: true };
}

export function privateConversation({ channelId, userId }: Pick<Origin, "channelId" | "userId">): string {
  return `private:${channelId}:${userId}`;
}

/** What one person alone has asked in a thread. */
export function ownConversation(conversation: string, userId: string): string {
  return `${conversation}:${userId}`;
}

interface Asking extends AskOptions {
  context: HandlerContext;
  view: ReturnType<typeof createAnswerView>;
  level: Level;
  place: Place;
}

async function answer(work: AskWork, asking: Asking): Promise<Report> {
  const { assistant, createTools, audit, context, view, level, place, secrets } = asking;
  // What somebody pastes, or quotes from a message, is as little for Claude or for a channel as what a tool finds.
  const question = redact(work.question, secrets);
  const { job, signal } = context;
  const { userId, guildId } = job.interaction;
  const cases: string[] = [];
  const scope: Scope = { context, level, audit };

  const refusals: Promise<void>[] = [];
  const emit = (event: AssistantEvent) => {
    view.emit(event);
    if (event.kind === "call-refused") refusals.push(audit.refused(actOfRefused(scope, event), event.reason));
  };
  const concluded = await assistant.ask(
    {
      text: question,
      threadKey: place.conversation,
      asker: { userId, guildId, name: `Discord user ${userId}`, level },
    },
    { tools: createTools(scope, (caseId) => cases.push(caseId)), emit, signal },
  );
  await Promise.all(refusals);
  if (concluded.outcome.kind === "refused") {
    const act = actOfTool(scope, { name: "claude", args: { question } });
    await audit.refused(act, `MODEL_REFUSED_${concluded.outcome.category ?? "UNSAID"}`.toUpperCase());
  }
  // The process ends, or the turn was lost: the queue decides what becomes of the question.
  if (concluded.outcome.kind === "stopped" && !(signal.reason instanceof JobCancelled)) throw signal.reason;

  const { outcome, text, notes } = endOf(concluded);
  context.log.info({ outcome: concluded.outcome.kind, ...concluded.totals }, "question answered");
  return reportOf(
    outcome,
    {
      question: titleOf(question),
      text: defangAnswer(text, { secrets }),
      notes,
      steps: view.steps(),
      facts: factsOf(concluded.totals),
      ...(place.replyTo !== undefined && { replyTo: place.replyTo }),
      ...(place.opensThread && { threadName: threadNameOf(question) }),
    },
    cases,
  );
}

function actOfRefused(scope: Scope, { name, input }: Extract<AssistantEvent, { kind: "call-refused" }>) {
  return actOfTool(scope, { name, args: { input } });
}

interface End {
  outcome: Report["outcome"];
  text: string;
  notes: string[];
}

function endOf({ outcome }: Concluded): End {
  switch (outcome.kind) {
    case "done":
      return { outcome: "Done", text: outcome.text, notes: [] };
    case "max-tokens":
    case "capped":
      return outcome.text === ""
        ? { outcome: "Failed", text: outcome.words, notes: [] }
        : { outcome: "Done", text: outcome.text, notes: [outcome.words] };
    case "refused":
    case "empty":
      return { outcome: "Failed", text: outcome.words, notes: [] };
    case "stopped":
      return {
        outcome: "Stopped",
        text: outcome.text,
        notes: ["Stopped on request; the answer is not complete."],
      };
    case "paused":
      return {
        outcome: "Failed",
        text: "That needs an approval, which the assistant cannot ask for.",
        notes: [],
      };
    case "failed":
      return { outcome: "Failed", text: outcome.error.userMessage, notes: [] };
  }
}

function reportOf(outcome: Report["outcome"], answer: Answer, cases: readonly string[]): Report {
  return {
    outcome,
    title: "Answer",
    tone: "neutral",
    lead: "",
    sections: [],
    files: [],
    // Discord takes five buttons in a row.
    buttons: cases.slice(0, 4).map((caseId) => ({ action: "show-result", caseId })),
    answer,
  };
}

function factsOf({ calls, inputTokens, outputTokens }: Totals): string[] {
  const tokens = inputTokens + outputTokens;
  return [`${calls} ${calls === 1 ? "call" : "calls"}`, `${tokens.toLocaleString("en")} tokens`];
}

/** The first line, without what a quoted message holds. */
function titleOf(question: string): string {
  return question.trim().split("\n")[0] ?? "";
}

/** @see https://discord.com/developers/docs/resources/channel#start-thread-from-message */
const THREAD_NAME_MAX = 100;

function threadNameOf(question: string): string {
  const words = defangAnswer(titleOf(question))
    .replace(/[`\s]+/g, " ")
    .trim();
  const cut =
    words.length > THREAD_NAME_MAX
      ? `${words.slice(0, THREAD_NAME_MAX - 1).replace(/\p{Cs}$/u, "")}…`
      : words;
  return cut === "" ? "Question" : cut;
}
