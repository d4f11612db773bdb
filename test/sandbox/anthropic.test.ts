import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { type Fault, faults } from "./anthropic/faults.ts";
import { call, refuse, say } from "./anthropic/reply.ts";
import { type AnthropicSandbox, startAnthropic } from "./anthropic.ts";

let clockMs: number;
let claude: AnthropicSandbox;

beforeEach(async () => {
  clockMs = 0;
  claude = await startAnthropic({ maxBodyBytes: 200_000, clock: () => clockMs });
});
afterEach(() => claude.close());

const question = { role: "user", content: "Which client?" };
const tool = {
  name: "list_clients",
  description: "All clients.",
  input_schema: { type: "object", properties: {} },
};
const legal = { model: "claude-sonnet-5-5", max_tokens: 1_000, messages: [question] };
const toolUse = (id: string) => ({ type: "tool_use", id, name: "list_clients", input: {} });
const result = (tool_use_id: string) => ({ type: "tool_result", tool_use_id, content: "[]" });
const text = (words: string) => ({ type: "text", text: words });

function post(body: object | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${claude.url}/v1/messages`, {
    method: "POST",
    headers: {
      "x-api-key": claude.apiKey,
      "anthropic-version": "2026-10-21",
      "content-type": "application/json",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const ErrorAnswer = z.object({
  type: z.literal("error"),
  error: z.object({ type: z.string(), message: z.string() }),
});
const Answer = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })),
  usage: z.object({
    input_tokens: z.number(),
    cache_creation_input_tokens: z.number(),
    cache_read_input_tokens: z.number(),
    output_tokens: z.number(),
  }),
});

async function ask(body: object) {
  return Answer.parse(await (await post(body)).json());
}

/** The conversation after one call that has been answered. */
function conversation(...tail: object[]) {
  return {
    ...legal,
    tools: [tool],
    messages: [question, { role: "assistant", content: [toolUse("a")] }, ...tail],
  };
}

test.for<[title: string, change: object, message: string]>([
  ["a sampling parameter", { temperature: 0 }, "temperature"],
  ["a thinking budget", { thinking: { type: "enabled", budget_tokens: 2_000 } }, "thinking"],
  ["thinking switched off", { thinking: { type: "disabled" } }, "thinking"],
  ["a forced tool", { tools: [tool], tool_choice: { type: "tool", name: "list_clients" } }, "tool_choice"],
  ["any tool forced", { tools: [tool], tool_choice: { type: "any" } }, "tool_choice"],
  ["a server tool", { tools: [{ type: "web_search_20250305", name: "web_search" }] }, "tools[0]"],
  ["no tokens", { max_tokens: 0 }, "max_tokens"],
  ["more tokens than the model has", { max_tokens: 128_001 }, "max_tokens"],
  ["no messages", { messages: [] }, "messages"],
  ["an answer first", { messages: [{ role: "assistant", content: "a" }, question] }, "first message"],
  ["two questions in a row", { messages: [question, question] }, "roles must alternate"],
  [
    "the beginning of an answer",
    { messages: [question, { role: "assistant", content: "It is" }] },
    "prefill",
  ],
  ["an empty text", { messages: [{ role: "user", content: [text(" ")] }] }, "non-whitespace"],
  ["an empty message", { messages: [{ role: "user", content: [] }] }, "non-empty content"],
  [
    "five cache breakpoints",
    { system: Array(5).fill({ ...text("a"), cache_control: { type: "ephemeral" } }) },
    "maximum of 4",
  ],
  ["two tools of one name", { tools: [tool, tool] }, "unique"],
  ["a call that nobody answers", conversation({ role: "user", content: "And?" }), "without `tool_result`"],
  [
    "an answer to no call",
    conversation({ role: "user", content: [result("a"), result("b")] }),
    "unexpected `tool_use_id`",
  ],
  [
    "two answers to one call",
    conversation({ role: "user", content: [result("a"), result("a")] }),
    "single result",
  ],
  [
    "words before the result",
    conversation({ role: "user", content: [text("So:"), result("a")] }),
    "must come first",
  ],
  [
    "a history of calls without tools",
    { ...conversation({ role: "user", content: [result("a")] }), tools: [] },
    "must define tools",
  ],
  [
    "the same call twice",
    conversation(
      { role: "user", content: [result("a")] },
      { role: "assistant", content: [toolUse("a")] },
      { role: "user", content: [result("a")] },
    ),
    "ids must be unique",
  ],
  ["a call by the user", { messages: [{ role: "user", content: [toolUse("a")] }] }, "not permitted"],
])("it refuses %s", async ([, change, message]) => {
  const answer = await post({ ...legal, ...change });
  expect(answer.status).toBe(400);
  expect(ErrorAnswer.parse(await answer.json()).error.message).toContain(message);
  expect(claude.violations).toHaveLength(1);
});

test("what is legal passes, and words after the results do too", async () => {
  claude.replies.push(say("a"), say("b"));
  expect((await post(legal)).status).toBe(200);
  expect((await post(conversation({ role: "user", content: [result("a"), text("And?")] }))).status).toBe(200);
  expect(claude.violations).toEqual([]);
});

test.for<[title: string, send: () => Promise<Response>, status: number, type: string]>([
  ["a wrong key", () => post(legal, { "x-api-key": "wrong" }), 401, "authentication_error"],
  ["another version", () => post(legal, { "anthropic-version": "2023-06-01" }), 400, "invalid_request_error"],
  ["a model that does not exist", () => post({ ...legal, model: "claude-3" }), 404, "not_found_error"],
  ["too large a body", () => post({ ...legal, system: "x".repeat(200_000) }), 413, "request_too_large"],
  [
    "half a character",
    () => post(JSON.stringify(legal).replace("Which", "\\udc00")),
    400,
    "invalid_request_error",
  ],
  ["no JSON", () => post("{"), 400, "invalid_request_error"],
  ["another route", () => fetch(`${claude.url}/v1/complete`), 404, "not_found_error"],
  ["a request that no reply was scripted for", () => post(legal), 500, "api_error"],
])("%s has its own status", async ([, send, status, type]) => {
  const answer = await send();
  expect(answer.status).toBe(status);
  expect(ErrorAnswer.parse(await answer.json()).error.type).toBe(type);
  expect(claude.violations).toHaveLength(1);
});

test("the events of a stream, in the API's order", async () => {
  claude.replies.push({
    content: [
      { type: "thinking", thinking: "" },
      { type: "text", text: "Contoso." },
      { type: "tool_use", name: "list_clients", input: { n: 1 } },
    ],
  });
  const stream = await (await post({ ...legal, stream: true })).text();
  const types = [...stream.matchAll(/^event: (.+)$/gm)].map(([, type]) => type);
  expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
    ...["message_start", "ping"],
    ...["content_block_start", "content_block_delta", "content_block_stop"],
    ...["content_block_start", "content_block_delta", "content_block_stop"],
    ...["content_block_start", "content_block_delta", "content_block_stop"],
    ...["message_delta", "message_stop"],
  ]);
  expect(stream).toContain('"partial_json":""');
  expect(stream).toContain('"stop_reason":"tool_use"');
});

test("a refusal has a category and no content", async () => {
  claude.replies.push(refuse("cyber"));
  expect(await ask(legal)).toMatchObject({
    ...{ content: [], stop_reason: "refusal" },
    stop_details: { type: "refusal", category: "cyber" },
  });
});

test("a thinking block is taken back only where it was thought", async () => {
  claude.replies.push(call(["list_clients", {}]), say("a"), say("b"), say("c"));
  const { content } = await ask({ ...legal, tools: [tool] });
  const id = String(content[1]?.id);
  const goOn = (change: object) =>
    post({
      ...legal,
      tools: [tool],
      messages: [question, { role: "assistant", content }, { role: "user", content: [result(id)] }],
      ...change,
    });

  expect((await goOn({})).status).toBe(200);
  expect((await goOn({ cache_control: { type: "ephemeral" } })).status).toBe(200);
  for (const change of [{ system: "x" }, { tools: [{ ...tool, description: "Others." }] }]) {
    const answer = await goOn(change);
    expect(answer.status).toBe(400);
    expect(ErrorAnswer.parse(await answer.json()).error.message).toContain(
      "bound to a different conversation",
    );
  }
});

test("the cache is written once, read from then on, and forgotten after five minutes", async () => {
  const system = [{ ...text("x".repeat(4_000)), cache_control: { type: "ephemeral" } }];
  for (let i = 0; i < 4; i++) claude.replies.push(say("a"));

  const first = await ask({ ...legal, system });
  expect(first.usage).toMatchObject({ cache_read_input_tokens: 0 });
  expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1_000);
  expect(first.usage.input_tokens).toBeLessThan(30);

  const second = await ask({ ...legal, system, messages: [{ ...question, content: "Another?" }] });
  expect(second.usage).toMatchObject({
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: first.usage.cache_creation_input_tokens,
  });

  const changed = await ask({ ...legal, system, tools: [tool] });
  expect(changed.usage.cache_read_input_tokens).toBe(0);

  clockMs += 6 * 60_000;
  expect((await ask({ ...legal, system })).usage.cache_read_input_tokens).toBe(0);
});

test("another tool_choice keeps the cache of the system prompt alone", async () => {
  const cache_control = { type: "ephemeral" };
  const system = [{ ...text("x".repeat(4_000)), cache_control }];
  const lengthy = {
    ...legal,
    system,
    cache_control,
    messages: [{ role: "user", content: "y".repeat(4_000) }],
  };
  for (let i = 0; i < 3; i++) claude.replies.push(say("a"));
  await ask(lengthy);
  const same = await ask(lengthy);
  const changed = await ask({ ...lengthy, tool_choice: { type: "none" } });
  expect(same.usage.cache_read_input_tokens).toBeGreaterThan(2_000);
  expect(changed.usage.cache_read_input_tokens).toBeGreaterThan(1_000);
  expect(changed.usage.cache_read_input_tokens).toBeLessThan(1_100);
});

test("too short a prefix is not cached", async () => {
  claude.replies.push(say("a"));
  const { usage } = await ask({ ...legal, cache_control: { type: "ephemeral" } });
  expect(usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 });
});

test("fault: an error inside the stream comes after the first words", async () => {
  claude.faults.push(faults.overloadedInStream);
  claude.replies.push(say("Two clients have open tasks."));
  const stream = await (await post({ ...legal, stream: true })).text();
  expect(stream).toMatch(/message_start[\s\S]+text_delta[\s\S]+overloaded_error/);
});

test.for<[title: string, fault: Fault]>([
  ["a cut after the first words", { kind: "cut" }],
  ["a reset before any answer", { kind: "reset" }],
])("fault: %s", async ([, fault]) => {
  claude.faults.push(fault);
  claude.replies.push(say("Two clients have open tasks."));
  const body = post({ ...legal, stream: true }).then((answer) => answer.text());
  await expect(body).rejects.toThrow();
  expect(claude.violations).toEqual([]);
});

test("fault: a status with its headers, for one request", async () => {
  claude.faults.push(faults.rateLimited(3_600));
  claude.replies.push(say("a"));
  const limited = await post(legal);
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "3600"]);
  expect((await post(legal)).status).toBe(200);
});
