import { LLMock } from "@copilotkit/aimock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAssistant } from "../../../worker/assistant/assistant.ts";
import type { AssistantEvent } from "../../../worker/assistant/events.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { collectLog } from "../../log.ts";
import { LIMITS } from "./limits.ts";
import { testTools } from "./test-tools.ts";
import { shownText, technician } from "./use-assistant.ts";

// An emulator that nobody here wrote: what our own stand-in and our own loop agree on might still be wrong.

const jobs = useEmbeddedJobs();
let mock: LLMock;

beforeEach(async () => {
  mock = new LLMock({ port: 0, host: "127.0.0.1", strict: true, logLevel: "silent" });
  await mock.start();
});
afterEach(() => mock.stop());

async function ask(text: string) {
  const ran: [string, unknown][] = [];
  const events: AssistantEvent[] = [];
  const assistant = createAssistant({
    limits: LIMITS,
    apiKey: "sk-ant-mock",
    baseURL: mock.url,
    store: jobs().store,
    log: collectLog().log,
    patience: { backoffMs: 1 },
  });
  const answer = await assistant.ask(
    { text, threadKey: text, asker: technician },
    {
      tools: testTools(ran),
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
    },
  );
  return { ...answer, ran, events };
}

test("a question with thinking, two calls at once and an answer", async () => {
  const userMessage = /which clients/;
  const toolCalls = ['{"name":"Con"}', "{}"].map((input) => ({ name: "list_clients", arguments: input }));
  mock.addFixture({
    match: { userMessage, hasToolResult: false },
    response: { reasoning: "Two look-ups will do.", toolCalls },
  });
  mock.addFixture({ match: { userMessage, hasToolResult: true }, response: { content: "Contoso, twice." } });

  const { outcome, totals, ran, events } = await ask("which clients are there?");
  expect(outcome).toEqual({ kind: "done", text: "Contoso, twice." });
  expect(ran).toEqual([
    ["list_clients", { name: "Con" }],
    ["list_clients", {}],
  ]);
  expect(totals).toMatchObject({ turns: 2, calls: 2 });
  expect(shownText(events)).toBe("Contoso, twice.");
  expect(mock.getRequests()).toHaveLength(2);
});

test("a stream that breaks off is asked for again", async () => {
  const userMessage = /broken/;
  mock.addFixture({
    match: { userMessage, sequenceIndex: 0 },
    response: { content: "Half of this, and then nothing more comes." },
    ...{ chunkSize: 4, truncateAfterChunks: 4, latency: 1 },
  });
  mock.addFixture({ match: { userMessage, sequenceIndex: 1 }, response: { content: "All of it." } });
  const { outcome, events } = await ask("broken?");
  expect(outcome).toEqual({ kind: "done", text: "All of it." });
  expect(shownText(events)).toBe("All of it.");
});

test("a refusal", async () => {
  mock.addFixture({ match: { userMessage: /bad/ }, response: { content: "", finishReason: "refusal" } });
  expect((await ask("bad?")).outcome).toMatchObject({ kind: "refused" });
});

test("an overload that passes", async () => {
  const userMessage = /busy/;
  const overloaded = { error: { message: "Overloaded", type: "overloaded_error" }, status: 529 };
  mock.addFixture({ match: { userMessage, sequenceIndex: 0 }, response: overloaded });
  mock.addFixture({ match: { userMessage, sequenceIndex: 1 }, response: { content: "Here." } });
  expect((await ask("busy?")).outcome).toEqual({ kind: "done", text: "Here." });
});
