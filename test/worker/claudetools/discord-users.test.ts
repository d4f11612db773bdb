import { afterEach, beforeEach, expect, test } from "vitest";
import { CATALOGUE_KEY } from "../../../src/claudetools/catalogue.ts";
import { createCatalogueSource } from "../../../worker/claudetools/catalogue-source.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { createDiscordUsers } from "../../../worker/claudetools/discord-users.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake } from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import { createOpenApi } from "../../sandbox/claudetools/openapi.ts";
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

/** @param patienceMs - Short only where nobody answers: a busy machine takes its time. */
function open({ patienceMs = 20_000 } = {}) {
  const { store } = jobs();
  const { log } = collectLog();
  const client = createClaudeToolsClient({
    ...{ origin: api.url, apiKey: api.apiKey, retryDelayMs: 5 },
  });
  const catalogue = createCatalogueSource({ client, store, log });
  const users = createDiscordUsers({ client, catalogue, store, log, now: () => now, patienceMs });
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

test("somebody far down in a list that cannot be filtered is found", async () => {
  const document = createOpenApi();
  const get: { parameters?: { name: string }[] } = document.paths["/api/discord-users"]?.get ?? {};
  get.parameters = get.parameters?.filter(({ name }) => name !== "discord_id") ?? [];
  api.openapi.document = document;
  const others = Array.from({ length: 250 }, (_, index) => ({ role: "admin", discord_id: `47${index}` }));
  list(...others, { role: "none", discord_id: userId });
  expect(await open()()).toMatchObject({ kind: "known", level: "none" });
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
  api.faults.push({ on: /./, fault: { kind: "hang" }, times: 99 });
  const impatient = open({ patienceMs: 50 });
  expect(await impatient()).toMatchObject({ level: "tech" });
  const before = api.requests.length;
  expect(await impatient()).toMatchObject({ level: "tech" });
  expect(api.requests.length).toBe(before);

  api.faults.length = 0;
  now += 2 * 60_000;
  expect(await standing()).toMatchObject({ level: "admin" });
});

test("of an API that never answered Discord's word holds", async () => {
  api.faults.push({ on: /./, fault: { kind: "reset" }, times: 99 });
  expect(await open()()).toEqual({ kind: "silent" });
});
