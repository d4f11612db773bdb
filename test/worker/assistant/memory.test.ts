import { beforeEach, expect, test } from "vitest";
import { createMemory, type Memory } from "../../../worker/assistant/memory.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";

const jobs = useEmbeddedJobs();
let memory: Memory;
let threadKey: string;
let count = 0;

beforeEach(() => {
  memory = createMemory({ store: jobs().store });
  threadKey = `thread-${++count}`;
});

const exchange = (n: number, length = 10) => ({
  question: `q${n} `.padEnd(length, "x"),
  answer: `a${n} `.padEnd(length, "y"),
});

test("a thread that was never spoken in is empty", async () => {
  expect(await memory.recall(threadKey)).toEqual([]);
});

test("the last twenty messages are kept, questions and answers in turn", async () => {
  for (let n = 0; n < 13; n++) await memory.remember(threadKey, exchange(n, 3));
  const messages = await memory.recall(threadKey);
  expect(messages).toHaveLength(20);
  expect(messages[0]).toEqual({ role: "user", content: "q3 " });
  expect(messages.at(-1)).toEqual({ role: "assistant", content: "a12 " });
  expect(messages.map(({ role }) => role)).toEqual(Array(10).fill(["user", "assistant"]).flat());
});

test("what is too long is cut, between characters", async () => {
  await memory.remember(threadKey, { question: `x${"\u{1f600}".repeat(5_000)}`, answer: "a" });
  const [question] = await memory.recall(threadKey);
  expect(question?.content).toMatch(/ \[cut\]$/);
  expect(question?.content.length).toBeLessThan(8_010);
  expect(question?.content).not.toMatch(/\p{Cs}/u);
});

test("of long exchanges fewer are kept, the newest in any case", async () => {
  for (let n = 0; n < 6; n++) await memory.remember(threadKey, exchange(n, 8_000));
  const messages = await memory.recall(threadKey);
  expect(messages).toHaveLength(6);
  expect(messages[0]?.content).toContain("q3 ");
});

test("an empty answer is not remembered, since it would make every later request illegal", async () => {
  await memory.remember(threadKey, { question: "q", answer: " \n" });
  expect(await memory.recall(threadKey)).toEqual([]);
});

test("forgetting clears one thread", async () => {
  await memory.remember(threadKey, exchange(1));
  await memory.remember(`${threadKey}-other`, exchange(2));
  await memory.forget(threadKey);
  expect(await memory.recall(threadKey)).toEqual([]);
  expect(await memory.recall(`${threadKey}-other`)).toHaveLength(2);
});

test("what another release wrote counts as forgotten", async () => {
  await memory.remember(threadKey, exchange(1));
  const [key = ""] = (await jobs().store.keys("conversation:")).filter((each) => each.endsWith(threadKey));
  await jobs().store.set(key, '[{"role":"user"}]', { ttlMs: 60_000 });
  expect(await memory.recall(threadKey)).toEqual([]);
});
