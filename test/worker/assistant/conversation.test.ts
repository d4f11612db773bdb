import { expect, test } from "vitest";
import { call, say } from "../../sandbox/anthropic/reply.ts";
import { useAssistant } from "./use-assistant.ts";

const { claude, ask, create, threadKey } = useAssistant();

test("thirty questions with tool rounds in one thread: every request is legal, and the thread is remembered", async () => {
  let turns = 0;
  for (let n = 0; n < 30; n++) {
    const rounds = n % 4;
    turns += rounds + 1;
    for (let round = 0; round < rounds; round++)
      claude().replies.push(call(["list_clients", {}], ["failing", {}]));
    claude().replies.push(say(`Answer ${n}.`));
    expect((await ask(`Question ${n}?`)).outcome).toEqual({ kind: "done", text: `Answer ${n}.` });
  }
  // `useAssistant` checks after each test that the stand-in refused nothing.
  expect(claude().requests).toHaveLength(turns);
  const last = claude().requests.at(-1)?.body.messages ?? [];
  expect(last.slice(0, 20).map(({ content }) => content[0])).toMatchObject(
    Array.from({ length: 10 }, (_, n) => [
      { text: `Question ${19 + n}?` },
      { text: `Answer ${19 + n}.` },
    ]).flat(),
  );
  expect(last.slice(0, 20).every(({ content }) => content.length === 1 && content[0]?.type === "text")).toBe(
    true,
  );
});

test("what was not answered is not remembered", async () => {
  claude().replies.push({ content: [], stopReason: "refusal" }, { content: [] }, say("Contoso."));
  await ask("Bad?");
  await ask("Empty?");
  await ask("Which?");
  expect(claude().requests.at(-1)?.body.messages).toHaveLength(1);
});

test("half an answer is remembered, so that one can ask to go on", async () => {
  claude().replies.push({ ...say("First of all"), stopReason: "max_tokens" }, say("And then."));
  await ask("How?");
  await ask("Go on.");
  expect(claude().requests.at(-1)?.body.messages[1]?.content).toMatchObject([{ text: "First of all" }]);
});

test("after forgetting, the next question stands alone", async () => {
  claude().replies.push(say("Contoso."), say("Who?"));
  await ask("Which client?");
  await create().forget(threadKey());
  await ask("And its tenant?");
  expect(claude().requests.at(-1)?.body.messages).toHaveLength(1);
});

test("tool results and thoughts of an earlier question are gone", async () => {
  claude().replies.push(call(["list_clients", {}]), say("One client."), say("Yes."));
  await ask("How many?");
  await ask("Sure?");
  expect(claude().requests.at(-1)?.text).not.toContain("Contoso");
});
