import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../worker/assistant/tool.ts";
import { call, type Reply, refuse, say } from "../../sandbox/anthropic/reply.ts";
import type { ClaudeRequest } from "../../sandbox/anthropic/request.ts";
import { testTools } from "./test-tools.ts";
import { admin, shownText, useAssistant } from "./use-assistant.ts";

const { claude, ask, threadKey, lines } = useAssistant();

/** The tool results of a request's last message, parsed. */
function lastResults(request: ClaudeRequest | undefined) {
  return (request?.messages.at(-1)?.content ?? []).flatMap((block) =>
    block.type === "tool_result"
      ? [{ isError: block.is_error, content: JSON.parse(String(block.content)) }]
      : [],
  );
}

test("an answer is streamed and returned", async () => {
  claude().replies.push(say("Two clients have open tasks."));
  const { outcome, totals, events } = await ask("which clients have open tasks?");
  expect(outcome).toEqual({ kind: "done", text: "Two clients have open tasks." });
  expect(shownText(events)).toBe("Two clients have open tasks.");
  expect(totals).toMatchObject({ turns: 1, calls: 0 });
  expect(totals.nanoDollars).toBeGreaterThan(0);
});

test("the first words reach the sink while the model is still speaking", async () => {
  let release = () => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  claude().replies.push({ ...say("Two clients have open tasks."), hold });
  let shown = "";
  const answer = await ask("which?", {
    emit(event) {
      if (event.kind !== "text") return;
      shown += event.delta;
      // The stand-in sends nothing after the first words until these have arrived here.
      release();
    },
  });
  expect(answer.outcome.kind).toBe("done");
  expect(shown).toBe("Two clients have open tasks.");
});

test("blank words before a call are not sent back, which the API would refuse", async () => {
  const { content } = call(["list_clients", {}]);
  claude().replies.push({ content: [{ type: "text", text: "\n\n" }, ...content] }, say("One client."));
  expect((await ask("how many?")).outcome).toEqual({ kind: "done", text: "One client." });
});

test("who asks and when stands in the message, and what is the same for all before it", async () => {
  claude().replies.push(say("a"), say("b"));
  await ask("one", { settings: { now: () => Date.parse("2026-11-22T10:00:00Z") } });
  await ask("two", { asker: admin, threadKey: "another", tools: testTools().reverse() });
  const [first, second] = claude().requests.map(({ body }) => body);
  expect(first?.messages[0]?.content[0]).toMatchObject({
    text: '{"now":"2026-11-22T10:00:00.000Z","asked_by":"Jo","role":"tech"}\n\none',
  });
  expect(second?.system).toEqual(first?.system);
  expect(first?.tools?.map(({ name }) => name)).toEqual(["broken", "export_all", "failing", "list_clients"]);
  expect(second?.tools?.map(({ name }) => name)).toEqual([
    "broken",
    "delete_client",
    "export_all",
    "failing",
    "list_clients",
  ]);
  expect(
    claude()
      .requests.map(({ text }) => text)
      .join(),
  ).not.toContain("10000000000000000");
});

test("a tool round: label, count, row and the answer after it", async () => {
  claude().replies.push(call(["list_clients", { name: "Cont" }]), say("Contoso."));
  const { outcome, events, totals } = await ask("which client?");
  expect(outcome).toEqual({ kind: "done", text: "Contoso." });
  expect(events.filter(({ kind }) => kind.startsWith("tool"))).toEqual([
    { kind: "tool-started", id: expect.any(String), name: "list_clients", target: "Cont" },
    {
      ...{ kind: "tool-ended", id: expect.any(String), name: "list_clients", target: "Cont" },
      ...{ state: "ok", count: 1, durationMs: expect.any(Number) },
    },
  ]);
  expect(lastResults(claude().requests[1]?.body)).toEqual([
    { content: { source: "claudetools_api /api/clients", data: [{ id: 7, name: "Contoso" }] } },
  ]);
  expect(totals).toMatchObject({ turns: 2, calls: 1 });
});

test("what is said before a call is taken back, so that only the answer remains", async () => {
  claude().replies.push(
    {
      content: [
        { type: "text", text: "Let me look." },
        { type: "tool_use", name: "list_clients", input: {} },
      ],
    },
    say("Contoso."),
  );
  const { events } = await ask("which client?");
  expect(shownText(events)).toBe("Contoso.");
});

test("reads run side by side, up to four, and then what is no read, alone", async () => {
  let running = 0;
  const seen: string[] = [];
  const measure = (name: string, parallel: boolean) =>
    defineTool({
      ...{ name, description: name, input: z.object({ n: z.int() }), access: "tech", parallel },
      target: ({ n }) => String(n),
      async run() {
        running += 1;
        seen.push(`${name} ${running}`);
        await delay(20);
        running -= 1;
        return { source: name, data: null };
      },
    });
  claude().replies.push(
    call(["act", { n: 0 }], ...Array.from({ length: 6 }, (_, n): [string, unknown] => ["read", { n }]), [
      "act",
      { n: 1 },
    ]),
    say("Done."),
  );
  await ask("all of them", { tools: [measure("read", true), measure("act", false)] });
  expect(seen.slice(0, 4)).toEqual(["read 1", "read 2", "read 3", "read 4"]);
  expect(seen.slice(-2)).toEqual(["act 1", "act 1"]);
  expect(Math.max(...seen.map((line) => Number(line.split(" ")[1])))).toBe(4);
});

test("input that fails validation is told in words, and the model can try again", async () => {
  claude().replies.push(call(["list_clients", { name: 7 }]), call(["list_clients", {}]), say("Contoso."));
  const { outcome, events } = await ask("which client?");
  expect(outcome.kind).toBe("done");
  const [result] = lastResults(claude().requests[1]?.body);
  expect(result).toMatchObject({ isError: true, content: { data: { error: { code: "INPUT_INVALID" } } } });
  expect(result?.content.data.error.message).toContain("expected string, received number");
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "call-refused", reason: "INPUT_INVALID", input: '{"name":7}' }),
  );
});

test.for<[title: string, tool: string, error: object]>([
  [
    "with words for people: the model reads them",
    "failing",
    { code: "GRAPH_NOT_LICENSED", message: "Microsoft gave no sign-in log." },
  ],
  [
    "as programs do: the model learns only that it did",
    "broken",
    { code: "TOOL_FAILED", message: expect.not.stringContaining("secret") },
  ],
])("a tool that throws %s", async ([, tool, error]) => {
  claude().replies.push(call([tool, {}]), say("I could not see it."));
  const { outcome, events } = await ask("look");
  expect(outcome.kind).toBe("done");
  expect(lastResults(claude().requests[1]?.body)).toMatchObject([
    { isError: true, content: { data: { error } } },
  ]);
  expect(events).toContainEqual(expect.objectContaining({ kind: "tool-ended", state: "failed" }));
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", message: "tool failed", tool }));
});

test("a tool result of 5 MB is cut to 20 kB, and says so", async () => {
  claude().replies.push(call(["export_all", {}]), say("Too much."));
  await ask("everything");
  const [result] = lastResults(claude().requests[1]?.body);
  expect(result?.content.truncated).toMatch(/5000\d+ bytes in all. Ask narrower/);
  expect(claude().requests[1]?.text.length).toBeLessThan(40_000);
});

test("the last turn has no tools, and its answer says that a limit was reached", async () => {
  for (let i = 0; i < 2; i++) claude().replies.push(call(["list_clients", {}]));
  claude().replies.push(say("As far as I got."));
  const { outcome, totals } = await ask("loop", { settings: { caps: { turns: 3 } } });
  expect(outcome).toMatchObject({ kind: "capped", cap: "turns", text: "As far as I got." });
  expect(outcome).toMatchObject({ words: expect.stringContaining("limit of 3 rounds") });
  expect(claude().requests.map(({ body }) => body.tool_choice?.type)).toEqual([undefined, undefined, "none"]);
  expect(totals).toMatchObject({ turns: 3, calls: 2 });
});

test("a model that calls a tool on its last turn all the same gets nothing done", async () => {
  const ran: [string, unknown][] = [];
  claude().replies.push(call(["list_clients", {}]));
  const { outcome } = await ask("loop", { settings: { caps: { turns: 1 } }, tools: testTools(ran) });
  expect(outcome).toMatchObject({ kind: "capped", cap: "turns", text: "" });
  expect(ran).toEqual([]);
});

test("calls beyond the limit are refused, and the next turn is the last", async () => {
  const ran: [string, unknown][] = [];
  claude().replies.push(call(...Array.from({ length: 5 }, (): [string, unknown] => ["list_clients", {}])));
  claude().replies.push(say("Some of it."));
  const { outcome, events } = await ask("all", { settings: { caps: { calls: 3 } }, tools: testTools(ran) });
  expect(outcome).toMatchObject({ kind: "capped", cap: "calls", text: "Some of it." });
  expect(ran).toHaveLength(3);
  expect(
    events.filter((event) => event.kind === "call-refused" && event.reason === "TOO_MANY_CALLS"),
  ).toHaveLength(2);
  expect(claude().requests[1]?.body.tool_choice).toEqual({ type: "none" });
});

test("exactly as many calls as allowed are no limit reached", async () => {
  claude().replies.push(call(["list_clients", {}], ["list_clients", {}]), say("All of it."));
  const { outcome } = await ask("all", { settings: { caps: { calls: 2 } } });
  expect(outcome).toEqual({ kind: "done", text: "All of it." });
});

test("the wall clock ends a question, with what was said by then", async () => {
  const never = new Promise<never>(() => undefined);
  claude().replies.push({ ...say("So far: Contoso."), hold: never });
  const { outcome } = await ask("slow", { settings: { caps: { wallClockMs: 1_500 } } });
  expect(outcome).toMatchObject({ kind: "capped", cap: "time", text: "So far: Con" });
  await expect.poll(() => claude().requests[0]?.aborted).toBe(true);
});

test("a refusal is told in plain words, without what was said before it", async () => {
  claude().replies.push(refuse("cyber"));
  const { outcome, events } = await ask("was adele breached?");
  expect(outcome).toMatchObject({ kind: "refused", category: "cyber" });
  expect(outcome).toMatchObject({
    words: expect.stringContaining("declined to answer this. Its safety rules"),
  });
  expect(shownText(events)).toBe("");

  claude().replies.push({ ...say("First you"), stopReason: "refusal" });
  const midway = await ask("how?");
  expect(midway.outcome).toMatchObject({ kind: "refused", category: undefined });
  expect(shownText(midway.events)).toBe("");
});

test.for<[title: string, reply: Reply, outcome: object]>([
  ["nothing at all is an ending of its own", { content: [] }, { kind: "empty" }],
  [
    "thoughts without words are one too",
    { content: [{ type: "thinking", thinking: "Hm." }] },
    { kind: "empty" },
  ],
  [
    "an answer that ends in the middle says so",
    { ...say("Contoso has"), stopReason: "max_tokens" },
    { kind: "max-tokens", text: "Contoso has" },
  ],
  [
    "a conversation that is too long says so",
    { ...say("Contoso"), stopReason: "model_context_window_exceeded" },
    { kind: "max-tokens", words: expect.stringContaining("/forget") },
  ],
])("%s", async ([, reply, outcome]) => {
  claude().replies.push(reply);
  expect((await ask("what?")).outcome).toMatchObject(outcome);
});

test("a call that was cut off by the limit of tokens is not carried out", async () => {
  const ran: [string, unknown][] = [];
  claude().replies.push({ ...call(["list_clients", {}]), stopReason: "max_tokens" });
  const { outcome } = await ask("what?", { tools: testTools(ran) });
  expect(outcome.kind).toBe("max-tokens");
  expect(ran).toEqual([]);
});

test("Stop while the model speaks ends at once, with the words so far", async () => {
  const stop = new AbortController();
  claude().replies.push({ ...say("Contoso and others"), hold: new Promise(() => undefined) });
  const { outcome } = await ask("slow", {
    signal: stop.signal,
    emit: (event) => event.kind === "text" && stop.abort(),
  });
  expect(outcome).toMatchObject({ kind: "stopped", text: "Contoso and" });
  await expect.poll(() => claude().requests[0]?.aborted).toBe(true);
});

test.for([
  ["that heeds it", true],
  ["that does not", false],
] as const)("Stop in the middle of a tool %s ends at once", async ([, isPolite]) => {
  const stop = new AbortController();
  const slow = defineTool({
    ...{ name: "slow", description: "slow", input: z.object({}), access: "tech", parallel: true },
    target: () => "contoso.com",
    run: (_, { signal, progress }) =>
      new Promise((_resolve, reject) => {
        if (isPolite) signal.addEventListener("abort", () => reject(signal.reason));
        progress("3 of 9 checks");
      }),
  });
  claude().replies.push(call(["slow", {}]));
  const { outcome, events } = await ask("sweep", {
    tools: [slow],
    signal: stop.signal,
    emit: (event) => event.kind === "tool-progress" && stop.abort(),
  });
  expect(outcome).toEqual({ kind: "stopped", text: "" });
  expect(events).toContainEqual(expect.objectContaining({ kind: "tool-progress", text: "3 of 9 checks" }));
  expect(events.at(-1)).toMatchObject({ kind: "tool-ended", state: "stopped" });
  expect(claude().requests).toHaveLength(1);
});

test("what is asked after Stop was pressed is not even sent", async () => {
  const { outcome } = await ask("what?", { signal: AbortSignal.abort() });
  expect(outcome).toEqual({ kind: "stopped", text: "" });
  expect(claude().requests).toEqual([]);
});

test.for<[title: string, text: string, code: string]>([
  ["without words", " \u200b\n", "QUESTION_EMPTY"],
  ["that is far too long", "x".repeat(9_000), "QUESTION_TOO_LONG"],
])("a question %s is not sent", async ([, text, code]) => {
  expect((await ask(text)).outcome).toMatchObject({ kind: "failed", error: { code } });
  expect(claude().requests).toEqual([]);
});

test("a question of 6,000 characters is, and what cannot be seen in it is not", async () => {
  claude().replies.push(say("Long."));
  expect((await ask(`${"ä".repeat(6_000)}\u{e0041}`)).outcome.kind).toBe("done");
  expect(claude().requests[0]?.text).not.toContain("\u{e0041}");
});

test("without a key the assistant says how to get one", async () => {
  const { outcome } = await ask("what?", { settings: { apiKey: undefined } });
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "CLAUDE_NO_KEY" } });
});

test("the cache is read from the second turn on, and by other threads", async () => {
  const lengthy = defineTool({
    ...{
      name: "lengthy",
      description: "x".repeat(3_000),
      input: z.object({}),
      access: "tech",
      parallel: true,
    },
    target: () => "x",
    run: async () => ({ source: "x", data: "y".repeat(4_000) }),
  });
  claude().replies.push(call(["lengthy", {}]), call(["lengthy", {}]), say("One."), say("Two."));
  const first = await ask("one", { tools: [lengthy] });
  const other = await ask("two", { tools: [lengthy], threadKey: `${threadKey()}-other` });
  // Another thread reads tools and system, that is all but the question itself.
  expect(other.totals.cachedTokens).toBeGreaterThan(1_000);
  expect(other.totals.inputTokens - other.totals.cachedTokens).toBeLessThan(60);
  // The third turn reads the result of the first call as well, a thousand tokens.
  expect(first.totals.cachedTokens).toBeGreaterThan(2 * other.totals.cachedTokens + 900);
});
