import { expect, test } from "vitest";
import { type Fault, faults } from "../../sandbox/anthropic/faults.ts";
import { call, say } from "../../sandbox/anthropic/reply.ts";
import { shownText, useAssistant } from "./use-assistant.ts";

const { claude, ask, lines } = useAssistant();

test.for<[title: string, fault: Fault]>([
  ["cut in the middle", { kind: "cut" }],
  ["overloaded in the middle", faults.overloadedInStream],
  ["silent in the middle", { kind: "stall" }],
])("a stream that is %s is asked for again, and its beginning forgotten", async ([, fault]) => {
  claude().faults.push(fault);
  claude().replies.push(say("Two clients"), say("Three clients have open tasks."));
  const { outcome, events } = await ask("which?", { settings: { patience: { idleMs: 400, backoffMs: 1 } } });
  expect(outcome).toEqual({ kind: "done", text: "Three clients have open tasks." });
  expect(shownText(events)).toBe("Three clients have open tasks.");
  expect(events.map(({ kind }) => kind)).toContain("text-reset");
  expect(events).toContainEqual({
    kind: "note",
    text: "Claude did not answer; trying again in 1 s (2 of 3).",
  });
  expect(claude().requests).toHaveLength(2);
});

test("what a failed attempt had read is paid for as well", async () => {
  claude().faults.push({ kind: "cut" });
  claude().replies.push(say("Two clients"), say("Two clients"));
  const { totals } = await ask("which?");
  claude().replies.push(say("Two clients"));
  const once = await ask("which?", { threadKey: "another" });
  expect(totals.inputTokens).toBe(2 * once.totals.inputTokens);
});

test("silence before the headers is noticed, too", async () => {
  claude().faults.push({ kind: "hang" });
  claude().replies.push(say("Here."));
  const { outcome } = await ask("which?", { settings: { patience: { idleMs: 400, backoffMs: 1 } } });
  expect(outcome.kind).toBe("done");
});

test.for<[title: string, fault: Fault]>([
  ["the connection is reset", { kind: "reset" }],
  ["the API has an error of its own", faults.internal],
  ["the API is overloaded", faults.overloaded],
  ["the rate limit asks for a moment", faults.rateLimited(0.01)],
])("when %s it is tried again", async ([, fault]) => {
  claude().faults.push(fault, fault);
  claude().replies.push(say("Here."));
  expect((await ask("which?")).outcome).toEqual({ kind: "done", text: "Here." });
});

test.for<[code: string, fault: Fault, times: number]>([
  ["CLAUDE_STALLED", { kind: "stall" }, 3],
  ["CLAUDE_CUT_OFF", { kind: "cut" }, 3],
  ["CLAUDE_UNREACHABLE", { kind: "reset" }, 3],
  ["CLAUDE_OVERLOADED", faults.overloaded, 3],
  ["CLAUDE_OVERLOADED", faults.overloadedInStream, 3],
  ["CLAUDE_UNAVAILABLE", faults.internal, 3],
  ["CLAUDE_RATE_LIMITED", faults.rateLimited(3_600), 1],
  ["CLAUDE_KEY_REJECTED", faults.wrongKey, 1],
  ["CLAUDE_NO_CREDIT", faults.noCredit, 1],
  ["CLAUDE_NO_CREDIT", faults.noCreditAsBadRequest, 1],
  ["CLAUDE_FORBIDDEN", faults.forbidden, 1],
  ["CLAUDE_TOO_LARGE", faults.tooLarge, 1],
])("%s after %o, at the attempt %i", async ([code, fault, times]) => {
  const sent = Array.from({ length: times }, () => fault);
  claude().faults.push(...sent, faults.internal);
  for (const _ of sent) claude().replies.push(say("Two clients"));
  const { outcome, events } = await ask("which?", { settings: { patience: { idleMs: 400, backoffMs: 1 } } });
  expect(outcome).toMatchObject({ kind: "failed", error: { code } });
  expect(shownText(events)).toBe("");
  // The fault after the last attempt is still there: nothing more was asked.
  expect(claude().faults).toEqual([faults.internal]);
});

test("a rate limit of an hour is told at once, with the time", async () => {
  claude().faults.push(faults.rateLimited(3_600));
  const { outcome, totals } = await ask("which?");
  expect(outcome).toMatchObject({
    error: { message: expect.stringContaining("Ask again in about 60 minutes.") },
  });
  expect(totals.elapsedMs).toBeLessThan(5_000);
});

test("Stop interrupts the waiting between two attempts", async () => {
  const stop = new AbortController();
  claude().faults.push(faults.rateLimited(15));
  const { outcome } = await ask("which?", {
    signal: stop.signal,
    emit: (event) => event.kind === "note" && stop.abort(),
  });
  expect(outcome).toEqual({ kind: "stopped", text: "" });
});

test("a thinking block that no longer fits costs the thoughts and not the question", async () => {
  const forked: Fault = {
    kind: "status",
    status: 400,
    error: {
      type: "invalid_request_error",
      message: "messages.1.content.0: The block is bound to a different conversation",
    },
  };
  claude().faults.push(undefined, forked);
  claude().replies.push(call(["list_clients", {}]), call(["list_clients", {}]), say("Contoso."));
  const { outcome } = await ask("which?");
  expect(outcome).toEqual({ kind: "done", text: "Contoso." });
  const [, second, third] = claude().requests.map(({ body }) => body.messages);
  expect(second?.[1]?.content.map(({ type }) => type)).toEqual(["tool_use"]);
  // And it does not come back: the thoughts that follow are bound to a conversation without it.
  expect(third?.[1]?.content.map(({ type }) => type)).toEqual(["tool_use"]);
  expect(third?.[3]?.content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);

  claude().faults.push(undefined, forked, forked);
  claude().replies.push(call(["list_clients", {}]));
  expect((await ask("and now?")).outcome).toMatchObject({ error: { code: "CLAUDE_REFUSED_REQUEST" } });
});

test("neither the key nor the question reaches the log", async () => {
  claude().faults.push(faults.wrongKey);
  await ask("what does zebra cost?");
  const text = lines
    .map((line) => JSON.stringify(line, (_, value) => (value instanceof Error ? value.stack : value)))
    .join();
  expect(text).toContain("Claude's answer failed");
  expect(text).not.toContain(claude().apiKey);
  expect(text).not.toContain("zebra");
});
