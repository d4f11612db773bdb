import { afterAll, beforeAll, expect, test } from "vitest";
import { APPLICATION, CHANNEL, messageCreate } from "./interactions.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";

// The whole product with DISCORD_GATEWAY=on, between stand-ins of Discord's REST API and of its gateway.
const { log, lines } = collectLog();
let product: Product;
beforeAll(async () => {
  product = await startProduct({ log, mentions: true });
});
afterAll(() => product.close());

const health = async () => (await fetch(`${product.healthUrl}/healthz`)).json();

test("the worker's health says that it listens", async () => {
  await expect
    .poll(health, { timeout: 10_000 })
    .toMatchObject({ gateway: { state: "listening", dropped: 0 } });
});

test("a mention opens a thread, and one message in it ends in an answer", async () => {
  await expect.poll(() => product.gateway?.listeners(), { timeout: 10_000 }).toBe(1);
  const message = messageCreate(`<@${APPLICATION}> which clients have open tasks?`);
  product.discord.say({ id: message.id });
  product.gateway?.dispatch("MESSAGE_CREATE", message);
  // As after a resume.
  product.gateway?.dispatch("MESSAGE_CREATE", message);

  const inThread = () => product.discord.messages.filter(({ channelId }) => channelId === message.id);
  await expect
    .poll(() => inThread().map(messageText).join(), { timeout: 20_000 })
    .toMatch(/(Done|Failed) · /);
  expect(inThread()).toHaveLength(1);
  expect(product.discord.threads.get(message.id)).toEqual({
    channelId: CHANNEL,
    name: "which clients have open tasks?",
  });
});

test("nothing that Discord would refuse was sent, and no secret was logged", () => {
  expect(product.discord.violations).toEqual([]);
  expect(product.gateway?.violations).toEqual([]);
  expect(JSON.stringify(lines)).not.toContain("canary");
});
