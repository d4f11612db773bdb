import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Answer } from "../../../worker/assistant/assistant.ts";
import type { Decision } from "../../../worker/assistant/run-calls.ts";
import { layOutQueue } from "../../lay-out-queue.ts";
import { call, say } from "../../sandbox/anthropic/reply.ts";
import type { Errand, Told } from "./resume-process.ts";
import { testTools } from "./test-tools.ts";
import { admin, technician, useAssistant } from "./use-assistant.ts";

const { claude, ask, create, store } = useAssistant();

/** A question that waits for somebody to approve a deletion, after a read that needed nobody. */
async function pause(...calls: [string, unknown][]) {
  claude().replies.push(call(["list_clients", {}], ...calls));
  const answer = await ask("delete Contoso", { asker: admin });
  if (answer.outcome.kind !== "paused") throw new Error(`Expected a pause, got ${answer.outcome.kind}.`);
  const { state, calls: pending } = answer.outcome;
  // As it would come back from wherever it was kept.
  return { state: JSON.parse(JSON.stringify(state)), pending, totals: answer.totals };
}

async function goOn(state: unknown, decisions: Record<string, Decision>, asker = admin) {
  const ran: [string, unknown][] = [];
  const events: object[] = [];
  const answer: Answer = await create().resume(state, decisions, {
    asker,
    tools: testTools(ran),
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
  });
  return { ...answer, ran, events };
}

const approved: Decision = { kind: "approved", by: "Kim" };

test("a call that needs a person is not carried out; the others of the same reply are", async () => {
  const { pending, totals } = await pause(["delete_client", { id: 7 }]);
  expect(pending).toEqual([
    {
      id: expect.any(String),
      name: "delete_client",
      input: { id: 7 },
      target: "client 7",
      prompt: "DELETE /api/clients/7",
    },
  ]);
  expect(totals).toMatchObject({ turns: 1, calls: 2 });
});

test("once approved, exactly that call runs, and the model goes on with all its thoughts", async () => {
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  claude().replies.push(say("Deleted."));
  const { outcome, totals, ran } = await goOn(state, { [String(pending[0]?.id)]: approved });
  expect(outcome).toEqual({ kind: "done", text: "Deleted." });
  expect(ran).toEqual([["delete_client", { id: 7 }]]);
  expect(totals).toMatchObject({ turns: 2, calls: 2 });
  const { messages } = claude().requests.at(-1)?.body ?? {};
  expect(messages?.at(-2)?.content.map(({ type }) => type)).toEqual(["thinking", "tool_use", "tool_use"]);
  expect(messages?.at(-1)?.content.map(({ type }) => type)).toEqual(["tool_result", "tool_result"]);

  // The whole question is remembered, as text.
  claude().replies.push(say("Yes."));
  await ask("Really?", { asker: admin });
  expect(
    claude()
      .requests.at(-1)
      ?.body.messages.map(({ content }) => content[0]),
  ).toMatchObject([
    { text: "delete Contoso" },
    { text: "Deleted." },
    { text: expect.stringContaining("Really?") },
  ]);
});

test.for<[title: string, decisions: (id: string) => Record<string, Decision>, reason: string, words: string]>(
  [
    ["declined", (id) => ({ [id]: { kind: "declined", by: "Kim" } }), "DECLINED", "Declined by Kim."],
    ["not decided in time", () => ({}), "NOT_DECIDED", "Nobody approved this in time."],
    [
      "decided for another call",
      () => ({ toolu_other: approved }),
      "NOT_DECIDED",
      "Nobody approved this in time.",
    ],
  ],
)("a call that was %s does not run, and the model learns why", async ([, decisions, reason, words]) => {
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  claude().replies.push(say("Then not."));
  const { outcome, ran, events } = await goOn(state, decisions(String(pending[0]?.id)));
  expect(outcome).toEqual({ kind: "done", text: "Then not." });
  expect(ran).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "call-refused", name: "delete_client", reason }),
  );
  expect(claude().requests.at(-1)?.text).toContain(words);
});

test("of two calls each has its own decision", async () => {
  const { state, pending } = await pause(["delete_client", { id: 7 }], ["delete_client", { id: 8 }]);
  claude().replies.push(say("One."));
  const { ran } = await goOn(state, { [String(pending[1]?.id)]: approved });
  expect(ran).toEqual([["delete_client", { id: 8 }]]);
});

test("whoever lost the role meanwhile gets nothing done, approved or not", async () => {
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  claude().faults.push({
    kind: "status",
    status: 400,
    error: { type: "invalid_request_error", message: "The block is bound to a different conversation" },
  });
  claude().replies.push(say("Not allowed."));
  const { ran, events } = await goOn(
    state,
    { [String(pending[0]?.id)]: approved },
    { ...admin, level: "tech" },
  );
  expect(ran).toEqual([]);
  expect(events).toContainEqual(expect.objectContaining({ kind: "call-refused", reason: "NOT_PERMITTED" }));
});

test("what would now be another call than the approved one does not run", async () => {
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  state.conversation.pending[0].input.id = 8;
  claude().replies.push(say("Changed."));
  const { ran, events } = await goOn(state, { [String(pending[0]?.id)]: approved });
  expect(ran).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "call-refused", reason: "APPROVAL_CHANGED" }),
  );
});

test.for<
  [title: string, change: (state: Record<string, unknown>) => unknown, asker: typeof admin, code: string]
>([
  ["of another release", () => ({ version: 0 }), admin, "PAUSED_INVALID"],
  [
    "with a block of another kind",
    (state) => JSON.parse(JSON.stringify(state).replace('"thinking"', '"image"')),
    admin,
    "PAUSED_INVALID",
  ],
  ["of somebody else", (state) => state, technician, "PAUSED_OF_ANOTHER"],
])("a question %s does not go on", async ([, change, asker, code]) => {
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  const { outcome, ran } = await goOn(change(state), { [String(pending[0]?.id)]: approved }, asker);
  expect(outcome).toMatchObject({ kind: "failed", error: { code } });
  expect(ran).toEqual([]);
});

// A whole process starts, with a database of its own.
test("another process goes on where this one paused", { timeout: 120_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "resume-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await layOutQueue(dataDir);
  const { state, pending } = await pause(["delete_client", { id: 7 }]);
  await store().set("paused:1", JSON.stringify(state), { ttlMs: 60_000 });
  claude().replies.push(say("Deleted by another process."));
  const child = fork(fileURLToPath(new URL("./resume-process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const errand: Errand = {
    ...{ apiKey: claude().apiKey, baseURL: claude().url, dataDir, asker: admin },
    paused: String(await store().take("paused:1")),
    decisions: { [String(pending[0]?.id)]: approved },
  };
  child.send(errand);
  const [told]: Told[] = await once(child, "message");
  child.disconnect();
  await once(child, "exit");
  expect(told).toEqual({
    outcome: { kind: "done", text: "Deleted by another process." },
    ran: [["delete_client", { id: 7 }]],
  });
  expect(claude().requests.at(-1)?.body.messages.at(-2)?.content[0]?.type).toBe("thinking");
});
