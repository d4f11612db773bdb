import { afterEach, beforeEach, expect, test } from "vitest";
import type { MessageRef } from "../../../src/jobs/contract.ts";
import { createDiscord } from "../../../worker/discord/api.ts";
import { originalOfMessage } from "../../../worker/discord/message-original.ts";
import { ownThreadKey } from "../../../worker/discord/own-thread.ts";
import { createReply } from "../../../worker/discord/reply.ts";
import type { Progress, Report } from "../../../worker/report.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import { type Fault, faults, type RouteName } from "../../sandbox/discord/faults.ts";
import { type DiscordSandbox, startDiscord } from "../../sandbox/discord.ts";

const report: Report = {
  outcome: "Done",
  title: "Three clients have open tasks",
  tone: "neutral",
  lead: "Contoso, Fabrikam and Northwind.",
  sections: [],
  files: [],
  buttons: [],
};
const working: Progress = { title: "Looking", steps: [] };

const jobs = useEmbeddedJobs();
let discord: DiscordSandbox;

beforeEach(async () => {
  discord = await startDiscord();
});
afterEach(async () => {
  await discord.close();
  expect(discord.violations).toEqual([]);
});

const api = () => createDiscord({ apiUrl: discord.url, botToken: discord.botToken, timeoutMs: 400 });

/** A message that mentions the bot, and the reply of the job that it became. */
function scene({
  threadId,
  id = discord.say({ channelId: threadId ?? CHANNEL }),
}: {
  threadId?: string;
  id?: string;
} = {}) {
  const origin: MessageRef = {
    ...{ id, guildId: GUILD, channelId: threadId ?? CHANNEL, userId: TECH_USER, roleIds: [TECH_ROLE] },
    ...{ ephemeral: false, attachmentLimitBytes: 10_000_000, threadName: "which clients have open tasks?" },
    ...(threadId === undefined ? {} : { threadId }),
  };
  const { log } = collectLog();
  const { store } = jobs();
  /** As another process would make it: with nothing but what the store knows. */
  const createAnother = () =>
    createReply({
      ...{ discord: api(), interaction: origin, jobId: `msg-${id}`, log },
      original: originalOfMessage(origin, { discord: api(), store, log }),
      pace: { firstMs: 1, everyMs: 1 },
      persistence: { unknownWebhookMs: [], unreachableMs: [5, 10, 20], patienceMs: 5_000 },
    });
  const reply = createAnother();
  return { id, origin, reply, createAnother, store };
}

const fail = (route: RouteName, fault: Fault | "hang" | "hang-after-effect", times = 1) =>
  discord.faults.push({ route, fault, times });
const posts = () => discord.messages.filter(({ deleted }) => !deleted);
const titles = () => posts().map(({ channelId, embeds }) => ({ channelId, title: embeds[0]?.title }));

test("a thread is opened from the message, named after the question, and the report posted there", async () => {
  const { id, reply } = scene();
  expect(await reply.finish(report, { durationMs: 1 })).toEqual({ kind: "edited", missing: [] });
  expect(discord.threads.get(id)).toMatchObject({
    parentId: CHANNEL,
    name: "which clients have open tasks?",
  });
  expect(titles()).toEqual([{ channelId: id, title: report.title }]);
  expect(posts()[0]?.pinged).toEqual([]);
});

test("progress and report are one message", async () => {
  const { id, reply } = scene();
  const shown = new Promise<void>((resolve) => void discord.on(() => resolve()));
  reply.progress(working);
  await shown;
  await reply.finish(report, { durationMs: 1 });
  expect(titles()).toEqual([{ channelId: id, title: report.title }]);
  expect(discord.calls.map(({ route }) => route)).toEqual(["open-thread", "post-message", "edit-message"]);
});

test("in a thread the answer stands in that thread, as a reply to the message", async () => {
  const threadId = snowflake();
  const { id, reply } = scene({ threadId });
  await reply.finish(report, { durationMs: 1 });
  expect(discord.threads.size).toBe(0);
  expect(titles()).toEqual([{ channelId: threadId, title: report.title }]);
  expect(posts()[0]?.history[0]).toMatchObject({ message_reference: { message_id: id } });
});

test("a thread that is there already is used", async () => {
  const { id, reply } = scene();
  await api().openThread(CHANNEL, id, { name: "opened by a person" });
  await reply.finish(report, { durationMs: 1 });
  expect(titles()).toEqual([{ channelId: id, title: report.title }]);
});

test.for<[title: string, fault: Fault]>([
  ["may not be opened", faults.missingPermissions],
  ["cannot be seen", faults.missingAccess],
  ["has no message to begin with any more", faults.unknownMessage],
])("where a thread %s, the answer stands in the channel and says why", async ([, fault]) => {
  const { id, reply } = scene();
  fail("open-thread", fault, 9);
  await reply.finish(report, { durationMs: 1 });
  expect(titles()).toEqual([{ channelId: CHANNEL, title: report.title }]);
  expect(posts()[0]?.content).toContain("No thread could be opened here");
  expect(posts()[0]?.history[0]).toMatchObject({
    message_reference: { message_id: id, fail_if_not_exists: false },
  });
});

test.for<RouteName>(["open-thread", "post-message"])(
  "one answer is there although Discord's own to %s was lost",
  async (route) => {
    const { id, reply } = scene();
    fail(route, faults.unavailableAfterEffect);
    await reply.finish(report, { durationMs: 1 });
    expect(titles()).toEqual([{ channelId: id, title: report.title }]);
  },
);

test("a long answer is several messages, each of them once, in the thread", async () => {
  const { id, reply } = scene();
  const text = Array.from({ length: 900 }, (_, index) => `word${index}`).join(" ");
  const answer = { question: "?", text, notes: [], steps: [], facts: [], threadName: "not another thread" };
  await reply.finish({ ...report, answer }, { durationMs: 1 });
  expect(posts().length).toBeGreaterThan(3);
  expect(posts().map(({ channelId }) => channelId)).toEqual(posts().map(() => id));
  const shown = posts()
    .map(({ content }) => content)
    .join(" ");
  expect(shown.match(/word\d+/g)).toHaveLength(900);
  expect([...discord.threads.keys()]).toEqual([id]);
});

test("an embed is seen although text without previews stood there before", async () => {
  const { reply } = scene();
  const draft = { hasBegun: true, text: () => "Contoso has" };
  reply.progress({ title: "Thinking", steps: [], draft });
  await expect.poll(() => posts()[0]?.content).toContain("Contoso has");
  await reply.finish(report, { durationMs: 1 });
  expect(posts()).toMatchObject([{ content: "", flags: 0, embeds: [{ title: report.title }] }]);
});

test("another process ends the message that a dead one began", async () => {
  const { id, reply, createAnother } = scene();
  const shown = new Promise<void>((resolve) => void discord.on(() => resolve()));
  reply.progress(working);
  await shown;
  // The first process remembers it a moment after Discord has it.
  await expect.poll(() => jobs().store.get(`answer:${id}`)).toBeDefined();
  await createAnother().finish(report, { durationMs: 1 });
  expect(titles()).toEqual([{ channelId: id, title: report.title }]);
});

test("an answer that a person deleted is given again in the thread", async () => {
  const { id, reply } = scene();
  reply.progress(working);
  await expect.poll(() => jobs().store.get(`answer:${id}`)).toBeDefined();
  const [first] = posts();
  if (first) discord.deleteMessage(first.id);
  expect(await reply.finish(report, { durationMs: 1 })).toMatchObject({ kind: "followed-up" });
  expect(titles()).toEqual([{ channelId: id, title: report.title }]);
});

test("a report whose thread is gone is posted where the question was asked", async () => {
  const { reply, id } = scene();
  reply.progress(working);
  await expect.poll(() => jobs().store.get(`answer:${id}`)).toBeDefined();
  fail("edit-message", faults.unknownChannel, 9);
  expect(await reply.finish(report, { durationMs: 1 })).toMatchObject({ kind: "posted" });
  expect(titles().at(-1)).toEqual({ channelId: CHANNEL, title: report.title });
});

test("what is for the requester alone goes to direct messages, never to the thread", async () => {
  const { reply } = scene();
  await reply.finish({ ...report, transcript: "a script's output" }, { durationMs: 1 });
  expect(posts().map(({ route }) => route)).toEqual(["channel", "direct-message"]);
});

test("an answer in the channel says why to its end", async () => {
  const { reply } = scene();
  fail("open-thread", faults.missingPermissions, 9);
  reply.progress(working);
  await expect.poll(() => posts().length).toBe(1);
  await reply.finish(report, { durationMs: 1 });
  expect(posts()).toMatchObject([
    { content: expect.stringContaining("No thread"), embeds: [{ title: report.title }] },
  ]);
});

test("the thread is remembered as one of ours, a channel is not", async () => {
  const { id, reply, store } = scene();
  await reply.finish(report, { durationMs: 1 });
  expect(await store.get(ownThreadKey(id))).toBe("1");
  const refused = scene();
  fail("open-thread", faults.missingPermissions);
  await refused.reply.finish(report, { durationMs: 1 });
  expect(await store.get(ownThreadKey(CHANNEL))).toBeUndefined();
});

test("an answer may be changed an hour after the question", async () => {
  const id = discord.say({ id: snowflake(Date.now() - 60 * 60_000) });
  const { reply } = scene({ id });
  expect(await reply.finish(report, { durationMs: 1 })).toMatchObject({ kind: "edited" });
});
