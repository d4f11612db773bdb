import { afterEach, beforeEach, expect } from "vitest";
import {
  type Answer,
  type AssistantOptions,
  createAssistant,
  type RunOptions,
} from "../../../worker/assistant/assistant.ts";
import type { AssistantEvent } from "../../../worker/assistant/events.ts";
import type { Asker } from "../../../worker/assistant/prompt.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { collectLog } from "../../log.ts";
import { type AnthropicSandbox, startAnthropic } from "../../sandbox/anthropic.ts";
import { LIMITS } from "./limits.ts";
import { testTools } from "./test-tools.ts";

export const technician: Asker = {
  userId: "100000000000000001",
  guildId: "200000000000000001",
  name: "Jo",
  level: "tech",
};
export const admin: Asker = { ...technician, userId: "100000000000000002", name: "Kim", level: "admin" };

interface Asked extends Answer {
  events: AssistantEvent[];
}

type AskOptions = Partial<RunOptions> & {
  asker?: Asker;
  threadKey?: string;
  settings?: Partial<AssistantOptions>;
};

/** A stand-in for Claude and the assistant before it, new for each test; a test that leaves an illegal request behind fails. */
export function useAssistant({ tolerant = false } = {}) {
  const jobs = useEmbeddedJobs();
  const { log, lines } = collectLog();
  let claude: AnthropicSandbox;
  let count = 0;
  let threadKey: string;

  beforeEach(async () => {
    claude = await startAnthropic();
    threadKey = `thread-${++count}`;
    lines.length = 0;
  });
  afterEach(async () => {
    const { violations } = claude;
    await claude.close();
    if (!tolerant) expect(violations).toEqual([]);
  });

  function create(settings: Partial<AssistantOptions> = {}) {
    return createAssistant({
      limits: LIMITS,
      apiKey: claude.apiKey,
      baseURL: claude.url,
      store: jobs().store,
      log,
      patience: { backoffMs: 1 },
      ...settings,
    });
  }

  async function ask(
    text: string,
    { settings, asker = technician, emit = () => undefined, ...options }: AskOptions = {},
  ): Promise<Asked> {
    const events: AssistantEvent[] = [];
    const answer = await create(settings).ask(
      { text, threadKey: options.threadKey ?? threadKey, asker },
      {
        tools: testTools(),
        signal: new AbortController().signal,
        ...options,
        emit(event) {
          events.push(event);
          emit(event);
        },
      },
    );
    return { ...answer, events };
  }

  return { claude: () => claude, store: () => jobs().store, threadKey: () => threadKey, create, ask, lines };
}

/** The text that a person has before them after these events. */
export function shownText(events: readonly AssistantEvent[]): string {
  let text = "";
  for (const event of events) {
    if (event.kind === "text") text += event.delta;
    if (event.kind === "text-reset") text = "";
  }
  return text;
}
