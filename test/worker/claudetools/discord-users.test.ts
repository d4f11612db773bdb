import { afterEach, beforeEach, expect, test } from "vitest";
import { CATALOGUE_KEY } from "../../../src/claudetools/catalogue.ts";
import { createCatalogueSource } from "../../../worker/claudetools/catalogue-source.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { createDiscordUsers } from "../../../worker/claudetools/discord-users.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake } from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";

const jobs = useEmbeddedJobs();
let api: ClaudeToolsSandbox;
let now: number;
let userId: string;
beforeEach(async () => {
  api = await startClaudeTools();
  now = Date.now();
  userId = snowflake();
  await jobs().store.delete(CATALOGUE_KEY);
});
afterEach(() => api.close());

function open() {
  const { store } = jobs();
  const { log } = collectLog();
  const client = createClaudeToolsClient({
    ...{ origin: api.url, apiKey: api.apiKey, answerTimeoutMs: 300, deadlineMs: 600, retryDelayMs: 5 },
  });
  const catalogue = createCatalogueSource({ client, store, log });
  const users = createDiscordUsers({ client, catalogue, store, log, now: () => now, patienceMs: 500 });
  return () => users.standingOf(userId, new AbortController().signal);
}

function list(...rows: Record<string, unknown>[]): void {
  api.records.set(
    "discord-users",
    rows.map((row, index) => ({ id: index + 1, discord_id: userId, ...row })),
  );
}
const asked = () => api.requests.filter(({ url }) => url.startsWith("/api/discord-users")).length;

test.for<[role: unknown, level: string]>([
  ["admin", "admin"],
  ["Administrator", "admin"],
  ["technician", "tech"],
  ["none", "none"],
  ["viewer", "none"],
  [null, "none"],
])("the role %s lets a person do what %s may", async ([role, level]) => {
  list({ role, claudetools_user: "tess" });
  expect(await open()()).toMatchObject({ kind: "known", level, user: "tess" });
});

test("of several rows the strictest counts, and one that is not active lets nobody do anything", async () => {
  list({ role: "admin" }, { role: "tech" });
  expect(await open()()).toMatchObject({ level: "tech" });
  userId = snowflake();
  list({ role: "admin", is_active: false });
  expect(await open()()).toMatchObject({ level: "none", role: "inactive" });
});

test("another person's row says nothing, even from an API that does not filter", async () => {
  list({ role: "admin", discord_id: "4711" });
  expect(await open()()).toEqual({ kind: "silent" });
});

test("an API without such a table is silent, and is not asked for it", async () => {
  api.openapi.document = {
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: { "/api/health": { get: {} } },
  };
  expect(await open()()).toEqual({ kind: "silent" });
  expect(asked()).toBe(0);
});

test("the answer is kept for five minutes, and for longer while the API is down", async () => {
  list({ role: "tech" });
  const standing = open();
  await standing();
  list({ role: "admin" });
  expect(await standing()).toMatchObject({ level: "tech" });
  expect(asked()).toBe(1);

  now += 6 * 60_000;
  api.faults.push({ on: /discord-users/, fault: { kind: "hang" }, times: 99 });
  expect(await standing()).toMatchObject({ level: "tech" });
  const before = asked();
  expect(await standing()).toMatchObject({ level: "tech" });
  expect(asked()).toBe(before);

  api.faults.length = 0;
  now += 2 * 60_000;
  expect(await standing()).toMatchObject({ level: "admin" });
});

test("of an API that never answered Discord's word holds", async () => {
  api.faults.push({ on: /./, fault: { kind: "reset" }, times: 99 });
  expect(await open()()).toEqual({ kind: "silent" });
});
