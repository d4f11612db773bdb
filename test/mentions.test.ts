import { afterAll, beforeAll, expect, test } from "vitest";
import { APPLICATION, CHANNEL, messageCreate } from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";

// The whole product with DISCORD_GATEWAY=on, between stand-ins of Discord's REST API and of its gateway.
const { log, lines } = collectLog();
let product: Product;
beforeAll(async () => {
  product = await startProduct({ prepareQueue: layOutQueue, log, mentions: true });
});
afterAll(() => product.close());

const health = async () => (await fetch(`${product.healthUrl}/healthz`)).json();

test("the worker's health says that it listens", async () => {
  await expect
    .poll(health, { timeout: 10_000 })
    .toMatchObject({ gateway: { state: "listening", dropped: 0 } });
});

/** Somebody mentions the bot; resolves with what stands in the thread once that has an ending. */
async function mention(question: string, { id, threadId }: { id?: string; threadId?: string } = {}) {
  await expect.poll(() => product.gateway?.listeners(), { timeout: 10_000 }).toBe(1);
  const place = threadId === undefined ? {} : { channelId: threadId };
  const message = messageCreate(`<@${APPLICATION}> ${question}`, {
    ...(id === undefined ? {} : { id }),
    ...place,
  });
  const thread = threadId ?? message.id;
  const inThread = () => product.discord.messages.filter(({ channelId }) => channelId === thread);
  const before = inThread().length;
  product.discord.say({ id: message.id, ...place });
  product.gateway?.dispatch("MESSAGE_CREATE", message);
  // As after a resume.
  product.gateway?.dispatch("MESSAGE_CREATE", message);
  const answers = () => inThread().slice(before).map(messageText);
  await expect.poll(() => answers().join(), { timeout: 30_000 }).toMatch(/(Done|Failed) · /);
  return { id: message.id, answers: answers() };
}

test("a mention opens a thread, in which one message becomes the answer", async () => {
  const { id, answers } = await mention("which clients have open tasks?");
  expect(answers).toEqual([expect.stringMatching(/open tasks[\s\S]*Done · /)]);
  expect(product.discord.threads.get(id)).toMatchObject({
    parentId: CHANNEL,
    name: "which clients have open tasks?",
  });
});

test("a mention in that thread goes on with the conversation, in the same thread", async () => {
  const { id } = await mention("which clients have open tasks?");
  const { answers } = await mention("how many clients are there?", { threadId: id });
  expect(answers).toEqual([expect.stringMatching(/Done · /)]);
  const asked = JSON.stringify(product.claude.requests.at(-1)?.body);
  expect(asked).toContain("which clients have open tasks?");
  expect(asked).toContain("how many clients are there?");
  expect(product.discord.threads.size).toBe(2);
});

test("a breach check is asked for in plain words", async () => {
  const { answers } = await mention("check adele@contoso.com for breach");
  expect(answers.join()).toMatch(/(Confirmed|Likely): adele@contoso\.com/);
});

test("nothing that Discord would refuse was sent, and no secret was logged", () => {
  expect(product.discord.violations).toEqual([]);
  expect(product.gateway?.violations).toEqual([]);
  expect(JSON.stringify(lines)).not.toContain("canary");
});
