import { afterEach, beforeEach, expect, test } from "vitest";
import { CATALOGUE_KEY, readCatalogue } from "../../../src/claudetools/catalogue.ts";
import { createCatalogueSource } from "../../../worker/claudetools/catalogue-source.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { collectLog } from "../../log.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";

const jobs = useEmbeddedJobs();
const { signal } = new AbortController();

let api: ClaudeToolsSandbox;
let time = 1_000_000;
beforeEach(async () => {
  api = await startClaudeTools();
  await jobs().store.delete(CATALOGUE_KEY);
});
afterEach(() => api.close());

function open() {
  const { log, lines } = collectLog();
  const client = createClaudeToolsClient({
    origin: api.url,
    apiKey: undefined,
    retryDelayMs: 1,
  });
  const source = createCatalogueSource({ client, store: jobs().store, log, now: () => time });
  return { lines, current: () => source.current(signal) };
}

const documents = () =>
  api.requests.filter(({ url }) => url.endsWith("openapi.json")).map(({ url, status }) => `${status} ${url}`);

test("the catalogue is read once, kept, and left for the webhook to read", async () => {
  const { current } = open();
  const first = await current();
  expect(await current()).toBe(first);
  expect(first.kind).toBe("current");
  expect(documents()).toEqual(["200 /openapi.json"]);
  expect((await readCatalogue(jobs().store))?.endpoints.length).toBeGreaterThan(80);
});

test("after some minutes the API is asked whether it has changed, and says no in a few bytes", async () => {
  const { current } = open();
  await current();
  time += 6 * 60_000;
  const again = await current();
  expect(again).toMatchObject({ kind: "current", catalogue: { confirmedAtMs: time } });
  expect(documents()).toEqual(["200 /openapi.json", "304 /openapi.json"]);
});

test("another document is taken over", async () => {
  const { current } = open();
  await current();
  api.openapi.document = { openapi: "3.0.3", info: {}, paths: { "/api/tags/": { get: { summary: "New" } } } };
  time += 6 * 60_000;
  expect(await current()).toMatchObject({
    kind: "current",
    catalogue: { openapi: "3.0.3", endpoints: [{ path: "/api/tags/", summary: "New" }] },
  });
});

test("the document is found below /api as well, and there first from then on", async () => {
  api.openapi.path = "/api/openapi.json";
  const { current } = open();
  expect(await current()).toMatchObject({
    kind: "current",
    catalogue: { documentPath: "/api/openapi.json" },
  });
  time += 6 * 60_000;
  await current();
  expect(documents()).toEqual(["404 /openapi.json", "200 /api/openapi.json", "304 /api/openapi.json"]);
});

test("a page where the document should be leads to the other place too", async () => {
  api.openapi.path = "/api/openapi.json";
  api.faults.push({ on: /^GET \/openapi/, fault: { kind: "html" } });
  expect(await open().current()).toMatchObject({ kind: "current" });
});

test.for<[what: string, spoil: () => void, code: string]>([
  [
    "is down",
    () => api.faults.push({ on: /./, fault: { kind: "reset" }, times: 99 }),
    "CLAUDETOOLS_UNREACHABLE",
  ],
  [
    "answers with a page",
    () => api.faults.push({ on: /./, fault: { kind: "html" }, times: 99 }),
    "CLAUDETOOLS_NOT_JSON",
  ],
  [
    "has a broken document",
    () => Object.assign(api.openapi, { document: { openapi: "3.1.0" } }),
    "OPENAPI_BROKEN",
  ],
  [
    "has a document of another version",
    () => Object.assign(api.openapi, { document: { swagger: "2.0" } }),
    "OPENAPI_VERSION",
  ],
])("when the API %s, the old copy stays and the reason is said", async ([, spoil, code]) => {
  await open().current();
  spoil();
  // Another process, which has nothing but what the store holds.
  const { current, lines } = open();
  const state = await current();
  expect(state).toMatchObject({ kind: "stale", problem: { code } });
  expect(state.kind === "stale" && state.catalogue.endpoints.length).toBeGreaterThan(80);
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", code, kept: true }));
  expect((await readCatalogue(jobs().store))?.endpoints.length).toBeGreaterThan(80);
});

test("without a copy and without the API there is none, and it is asked again after half a minute", async () => {
  api.faults.push({ on: /./, fault: { kind: "status", status: 500 } });
  const { current } = open();
  expect(await current()).toMatchObject({ kind: "none", problem: { code: "CLAUDETOOLS_BROKEN" } });
  expect((await current()).kind).toBe("none");
  time += 31_000;
  expect((await current()).kind).toBe("current");
});

test("a copy of another shape counts as none", async () => {
  await jobs().store.set(CATALOGUE_KEY, '{"endpoints": "?"}', { ttlMs: 60_000 });
  expect(await readCatalogue(jobs().store)).toBeUndefined();
  await jobs().store.set(CATALOGUE_KEY, "{", { ttlMs: 60_000 });
  expect(await readCatalogue(jobs().store)).toBeUndefined();
});
