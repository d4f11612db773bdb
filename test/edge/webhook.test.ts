/// <reference types="@cloudflare/vitest-pool-workers/types" />
import { SELF } from "cloudflare:test";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { APPLICATION, commandInteraction, GUILD, ping, TECH_ROLE } from "../interactions.ts";

// Without a Redis the tests that need none still want its address.
const redisUrl = inject("redisUrl") ?? inject("absentRedisUrl");
const frozenRedisUrl = inject("frozenRedisUrl") ?? "";

let publicKey: string;
let privateKey: CryptoKey;
beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Expected a key pair.");
  privateKey = pair.privateKey;
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  if (!(raw instanceof ArrayBuffer)) throw new Error("Expected raw bytes.");
  publicKey = hex(raw);
});

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(interaction: unknown, { redis = redisUrl, tamper = (body: string) => body } = {}) {
  const body = JSON.stringify(interaction);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = await crypto.subtle.sign(
    "Ed25519",
    privateKey,
    new TextEncoder().encode(timestamp + body),
  );
  const environment = {
    DISCORD_APPLICATION_ID: APPLICATION,
    DISCORD_PUBLIC_KEY: publicKey,
    DISCORD_GUILD_ID: GUILD,
    DISCORD_TECH_ROLES: TECH_ROLE,
    REDIS_URL: redis,
  };
  return SELF.fetch("https://edge.test/interactions", {
    method: "POST",
    body: tamper(body),
    headers: {
      "x-environment": JSON.stringify(environment),
      "x-signature-ed25519": hex(signature),
      "x-signature-timestamp": timestamp,
    },
  });
}

const breachCheck = () =>
  commandInteraction("breach-check", { tenant: "contoso.com", upn: "adele@contoso.com" });

test("a ping is answered with a pong", async () => {
  expect(await (await post(ping)).json()).toEqual({ type: 1 });
});

test("a tampered body is a 401", async () => {
  expect((await post(breachCheck(), { tamper: (body) => body.replace("adele", "megan") })).status).toBe(401);
});

test("a caller without a role is refused", async () => {
  const answer = await post({ ...breachCheck(), member: { user: { id: "1" }, roles: [] } });
  expect(await answer.json()).toMatchObject({ type: 4, data: { flags: 68 } });
});

test("a webhook without its variables says so and takes nothing", async () => {
  const response = await SELF.fetch("https://edge.test/interactions", {
    method: "POST",
    body: "{}",
    headers: { "x-environment": "{}" },
  });
  expect(response.status).toBe(503);
});

describe.skipIf(inject("redisUrl") === undefined)("with Redis", () => {
  test("/breach-check is queued and says that no worker is there, in one request after the other", async () => {
    for (let request = 0; request < 5; request += 1) {
      expect(await (await post(breachCheck())).json()).toMatchObject({
        type: 4,
        data: { content: expect.stringContaining("Queued, but nothing runs it now") },
      });
    }
  });

  test("with a frozen Redis the caller is told within two seconds", async () => {
    const startedAt = Date.now();
    const answer = await post(breachCheck(), { redis: frozenRedisUrl });
    expect(await answer.json()).toMatchObject({
      type: 4,
      data: { content: expect.stringContaining("nothing was started") },
    });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });
});
