import type Anthropic from "@anthropic-ai/sdk";
import { beforeEach, expect, test } from "vitest";
import { createBudget } from "../../../worker/assistant/budget.ts";
import { collectLog } from "../../log.ts";
import { call, say } from "../../sandbox/anthropic/reply.ts";
import { technician, useAssistant } from "./use-assistant.ts";

const { claude, ask, create, store } = useAssistant();

const limits = { user: { cents: 3, tokens: 1_000_000 }, guild: { cents: 5, tokens: 2_000_000 } };
const { log, lines } = collectLog();
const NOON = Date.parse("2026-11-22T12:00:00Z");
let now: number;
let count = 0;
let guildId: string;

beforeEach(() => {
  now = NOON;
  guildId = `30000000000000000${++count}`;
  lines.length = 0;
});

const budget = () => createBudget({ store: store(), log, limits, now: () => now });
/** Another one in each test. */
const person = (name: string) => ({ userId: `${name}-${count}`, guildId });

/** One cent with the default model. */
const oneCent: Anthropic.Usage = {
  ...{ input_tokens: 0, output_tokens: 1_000, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  ...{ cache_creation: null, inference_geo: null, output_tokens_details: null, server_tool_use: null },
  ...{ service_tier: null, speed: null },
};

async function charge(userId: string, times: number, usage = oneCent, model = "claude-sonnet-5-5") {
  for (let i = 0; i < times; i++) await budget().charge(person(userId), model, usage);
}

test("a budget is open until it is used up, for the person who used it", async () => {
  await charge("a", 2);
  expect(await budget().check(person("a"))).toBeUndefined();
  await charge("a", 1);
  expect(await budget().check(person("a"))).toMatchObject({
    code: "BUDGET_USER_SPENT",
    message: expect.stringContaining(
      "$0.03 of $0.03, 3000 of 1000000 tokens). It starts anew at 2026-11-23 00:00 UTC",
    ),
  });
  expect(await budget().check(person("b"))).toBeUndefined();
});

test("the team's budget ends it for everybody in the guild", async () => {
  await charge("a", 2);
  await charge("b", 2);
  await charge("c", 1);
  expect(await budget().check(person("d"))).toMatchObject({ code: "BUDGET_GUILD_SPENT" });
  expect(await budget().check({ userId: "d", guildId: "another" })).toBeUndefined();
});

test("tokens end it as cents do", async () => {
  const few = createBudget({
    ...{ store: store(), log, now: () => now },
    limits: { user: { cents: 100, tokens: 1_500 }, guild: limits.guild },
  });
  await charge("a", 1);
  expect(await few.check(person("a"))).toBeUndefined();
  await charge("a", 1);
  expect(await few.check(person("a"))).toMatchObject({ code: "BUDGET_USER_SPENT" });
});

test("a new day in UTC starts anew", async () => {
  await charge("a", 3);
  now = Date.parse("2026-11-22T23:59:59Z");
  expect(await budget().check(person("a"))).toBeDefined();
  now = Date.parse("2026-11-23T00:00:00Z");
  expect(await budget().check(person("a"))).toBeUndefined();
});

test("charges at the same time all count", async () => {
  await Promise.all(Array.from({ length: 20 }, () => charge("a", 1)));
  expect((await budget().usage(person("a"))).user).toMatchObject({ cents: 20, tokens: 20_000 });
});

test("the summary says what was spent, of what, until when, and whether it is a guess", async () => {
  await charge("a", 1);
  await charge("b", 2);
  expect(await budget().usage(person("a"))).toEqual({
    user: { cents: 1, tokens: 1_000, limit: limits.user },
    guild: { cents: 3, tokens: 3_000, limit: limits.guild },
    resetsAt: Date.parse("2026-11-23T00:00:00Z"),
    isEstimate: false,
  });
  await charge("b", 1, oneCent, "claude-next");
  expect(await budget().usage(person("a"))).toMatchObject({ guild: { cents: 5 }, isEstimate: true });
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", model: "claude-next" }));
});

test("an answer is not lost because it could not be put on the bill", async () => {
  const away = { ...store(), increment: () => Promise.reject(new Error("Connection is closed.")) };
  const nanoDollars = await createBudget({ store: away, log, limits }).charge(
    person("a"),
    "claude-sonnet-5-5",
    oneCent,
  );
  expect(nanoDollars).toBe(10_000_000);
  expect(lines).toContainEqual(expect.objectContaining({ level: "error", nanoDollars }));
});

test("who has nothing left is told so before anything is sent", async () => {
  const asker = { ...technician, ...person("a") };
  await createBudget({ store: store(), log, limits }).charge(asker, "claude-sonnet-5-5", {
    ...oneCent,
    output_tokens: 1_000_000,
  });
  const { outcome } = await ask("which?", { asker });
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "BUDGET_USER_SPENT" } });
  expect(claude().requests).toEqual([]);
});

test("a budget that is used up in the middle ends the question before its next turn", async () => {
  const asker = { ...technician, ...person("a") };
  claude().replies.push(call(["list_clients", {}]), say("Contoso."));
  const settings = { limits: { ...limits, user: { cents: 0.01, tokens: 1_000_000 } } };
  const { outcome, totals } = await ask("which?", { asker, settings });
  expect(outcome).toMatchObject({
    kind: "capped",
    cap: "budget",
    words: expect.stringContaining("used up for today"),
  });
  expect(claude().requests).toHaveLength(1);

  const { user } = await create(settings).usage(asker);
  expect(user.cents).toBeCloseTo(totals.nanoDollars / 10_000_000, 9);
  expect(user.tokens).toBe(totals.inputTokens + totals.outputTokens);
});
