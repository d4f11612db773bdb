import { afterEach, beforeEach, expect, test } from "vitest";
import { CATALOGUE_KEY } from "../../../src/claudetools/catalogue.ts";
import type { CallOutcome, ClaudeToolsCall } from "../../../worker/claudetools/call-claude-tools.ts";
import { createClaudeTools } from "../../../worker/claudetools/create-claude-tools.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { collectLog } from "../../log.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";

const jobs = useEmbeddedJobs();
let api: ClaudeToolsSandbox;
beforeEach(async () => {
  api = await startClaudeTools();
  await jobs().store.delete(CATALOGUE_KEY);
});
afterEach(() => api.close());

function call(change: Partial<ClaudeToolsCall>, { withKey = true } = {}): Promise<CallOutcome> {
  const config = { CLAUDETOOLS_API_URL: api.url, CLAUDETOOLS_API_KEY: withKey ? api.apiKey : undefined };
  const { call } = createClaudeTools({ config, store: jobs().store, log: collectLog().log });
  return call({
    ...{ method: "GET", endpoint: "/api/clients", requestedBy: "42", level: "tech", isPublic: false },
    signal: new AbortController().signal,
    ...change,
  });
}

const asAdmin = { level: "admin" } as const;

/** What reached the API beside its document. */
const sent = () => api.requests.filter(({ url }) => !url.endsWith("openapi.json"));

async function reasonOf(change: Partial<ClaudeToolsCall>): Promise<string> {
  const outcome = await call(change);
  if (outcome.kind === "answered" || outcome.kind === "needs-confirmation") throw new Error(outcome.kind);
  return outcome.reason;
}

test("a list comes back with what it cost and where it came from", async () => {
  const outcome = await call({ params: "limit=3&is_active=true" });
  expect(outcome).toMatchObject({
    ...{ kind: "answered", method: "GET", target: "/api/clients?limit=3&is_active=true", status: 200 },
    body: {
      items: [{ name: "Contoso Ltd" }, { name: "Fabrikam Inc" }, { name: "Northwind Traders" }],
      total: 29,
    },
  });
  expect(sent()).toMatchObject([{ requestedBy: "discord:42" }]);
});

test.for<[what: string, change: Partial<ClaudeToolsCall>, target: string]>([
  ["params as a JSON object", { params: '{"limit": 2, "name": null}' }, "/api/clients?limit=2"],
  ["params already parsed", { params: { limit: 2 } }, "/api/clients?limit=2"],
  ["a query typed into the endpoint", { endpoint: "/api/clients?limit=2" }, "/api/clients?limit=2"],
  ["an id in the path", { endpoint: " /api/clients/2 " }, "/api/clients/2"],
  [
    "an id among the params",
    { endpoint: "/api/clients/{client_id}", params: "client_id=2" },
    "/api/clients/2",
  ],
  ["a slash that the API doesn't have", { endpoint: "/api/clients/" }, "/api/clients"],
  ["a word where an id could stand", { endpoint: "/api/tasks/overdue" }, "/api/tasks/overdue"],
  ["a slash that the API has", { endpoint: "/api/tags" }, "/api/tags/"],
  [
    "a blank and an umlaut in a value",
    { endpoint: "/api/tasks", params: "assigned_to=Jürgen M" },
    "/api/tasks?assigned_to=J%C3%BCrgen+M",
  ],
])("%s reaches the API as it wants it", async ([, change, target]) => {
  expect(await call(change)).toMatchObject({ kind: "answered", target });
});

test.for<[what: string, change: Partial<ClaudeToolsCall>, says: string]>([
  ["a path out of the API", { endpoint: "/api/clients/../users" }, "Expected a path of the API"],
  ["another host", { endpoint: "//evil.example/api/clients" }, "Expected a path of the API"],
  [
    "a way out through a parameter",
    { endpoint: "/api/clients/{client_id}", params: "client_id=../users" },
    "client_id expected letters",
  ],
  ["a router on no list", { endpoint: "/api/auth/token" }, "not among the endpoints"],
  ["a mistyped router", { endpoint: "/api/clinets" }, "Did you mean /api/clients"],
  ["a mistyped route", { endpoint: "/api/tasks/overdu/x" }, "is not an endpoint of ClaudeTools"],
  [
    "a mistyped route below a client",
    { endpoint: "/api/clients/1/site" },
    "Did you mean /api/clients/{client_id}/sites",
  ],
  [
    "a missing id",
    { endpoint: "/api/clients/{client_id}" },
    "client_id is required, since it stands in the path",
  ],
  ["an id of a wrong kind", { endpoint: "/api/clients/abc" }, "client_id expected integer, got string"],
  ["a number out of range", { params: "limit=500" }, "limit 500 is greater than 200"],
  ["a word for a number", { params: "limit=many" }, "limit expected integer, got string"],
  ["a mistyped filter", { params: "is_activ=true" }, "is_activ is not known; did you mean is_active?"],
  [
    "an unknown filter",
    { params: "colour=red" },
    "colour is not known; this endpoint takes skip, limit, is_active",
  ],
  ["a value of no enum", { endpoint: "/api/tasks", params: "status=opn" }, 'status is not any of ["open",'],
  ["a name without a value", { params: "limit" }, 'got "limit" without a name and a value'],
  ["half an object", { params: '{"limit": ' }, "it is not JSON"],
  ["a list of params", { params: "[1]" }, "got a JSON array"],
  ["an object in a param", { params: '{"limit": {"a": 1}}' }, '"limit" holds another object'],
  ["a body to read with", { body: "{}" }, "body is not taken by this endpoint (GET)"],
  ["a write by a technician", { method: "DELETE", endpoint: "/api/clients/1" }, "Only administrators"],
  [
    "a write of secrets",
    { method: "POST", endpoint: "/api/credentials", ...asAdmin },
    "do not pass through Discord",
  ],
  [
    "secrets in clear",
    { endpoint: "/api/credentials/1/decrypted", ...asAdmin },
    "hands out secrets in clear",
  ],
  [
    "a body that is no JSON",
    { ...asAdmin, method: "POST", body: "{name: 'x'}" },
    'stops being JSON at character 2 (quotes must be ")',
  ],
  ["no body where one is needed", { ...asAdmin, method: "POST" }, "body is required"],
  ["a body without a field", { ...asAdmin, method: "POST", body: "{}" }, "body.name is required"],
  [
    "a body with a wrong field",
    { ...asAdmin, method: "POST", body: { name: "x", contact_email: "nobody" } },
    "body.contact_email is no email",
  ],
])("%s is refused before anything is sent", async ([, change, says]) => {
  expect(await reasonOf(change)).toContain(says);
  expect(sent()).toEqual([]);
});

test("a write waits for a yes to exactly that call, whose secrets are not shown", async () => {
  const change = {
    method: "PUT",
    endpoint: "/api/clients/1",
    body: '{"notes": "pwd: canary", "code": "C"}',
  } as const;
  expect(await call({ ...change, level: "admin" })).toMatchObject({
    ...{ kind: "needs-confirmation", method: "PUT", target: "/api/clients/1" },
    body: { notes: "pwd: [redacted]", code: "C" },
  });
  const confirmed = {
    method: "PUT",
    target: "/api/clients/1",
    body: '{"notes":"pwd: canary","code":"D"}',
  } as const;
  expect(await call({ ...change, ...asAdmin, confirmed })).toMatchObject({ code: "APPROVAL_CHANGED" });
  expect(sent()).toEqual([]);
  const exactly = { ...confirmed, body: confirmed.body.replace("D", "C") };
  expect(await call({ ...change, ...asAdmin, confirmed: exactly })).toMatchObject({ status: 200 });
  expect(sent()).toMatchObject([{ method: "PUT", body: { notes: "pwd: canary", code: "C" } }]);
});

test.for([
  "/api/credentials",
  "/api/credentials/1",
  "/api/clients/1/credentials",
  "/api/users",
  "/api/tokens",
])("%s shows names and no value", async (endpoint) => {
  const outcome = await call({ endpoint, level: "admin" });
  if (outcome.kind !== "answered") throw new Error(outcome.kind);
  expect(JSON.stringify(outcome.body)).toMatch(/Global admin|mike|discord-bot|Howard/);
  expect(JSON.stringify(outcome)).not.toMatch(/canary/i);
  expect(outcome.hiddenCount).toBeGreaterThan(0);
});

test.for([
  "/api/infrastructure",
  "/api/services",
  "/api/networks",
  "/api/sessions",
  "/api/tasks",
  "/api/m365-tenants",
])("nothing of %s that is a secret comes through", async (endpoint) => {
  const outcome = await call({ endpoint, params: "limit=50" }).then((first) =>
    first.kind === "invalid" ? call({ endpoint }) : first,
  );
  if (outcome.kind !== "answered") throw new Error(outcome.kind);
  expect(JSON.stringify(outcome)).not.toMatch(/canary/i);
  expect(outcome.redactedCount).toBeGreaterThan(0);
});

test("hidden characters and ten thousand others don't come through", async () => {
  const outcome = await call({ endpoint: "/api/tasks", params: "limit=3", maxStringLength: 300 });
  expect(JSON.stringify(outcome)).not.toMatch(/[\u202e\u200b\u{e0041}]|\\u0007/u);
  expect(outcome).toMatchObject({ kind: "answered", shortenedCount: 1 });
  expect(JSON.stringify(outcome).length).toBeLessThan(3000);
});

test("without the API's document a read goes on and says so, and a write does not", async () => {
  api.openapi.document = { openapi: "3.1.0" };
  expect(await call({})).toMatchObject({
    kind: "answered",
    caveat: expect.stringContaining("cannot be read"),
  });
  const outcome = await call({ ...asAdmin, method: "DELETE", endpoint: "/api/clients/1" });
  expect(outcome).toMatchObject({ kind: "unchecked", code: "OPENAPI_BROKEN" });
  expect(sent()).toHaveLength(1);
});

test("what the API refuses comes back in words, with the id to look for in its log", async () => {
  const outcome = await call({ endpoint: "/api/clients/999" });
  expect(outcome).toMatchObject({ kind: "failed", code: "CLAUDETOOLS_NOT_FOUND", retryable: false });
  expect(outcome).toMatchObject({ requestId: sent()[0]?.requestId });
});

test("without a key, what needs one says which variable is missing", async () => {
  expect(await call({}, { withKey: false })).toMatchObject({
    ...{ kind: "failed", code: "CLAUDETOOLS_UNAUTHENTICATED" },
    reason: expect.stringContaining("CLAUDETOOLS_API_KEY is not set"),
  });
});

test("a secret typed into a filter is sent, and not shown", async () => {
  const outcome = await call({ endpoint: "/api/tasks", params: { assigned_to: "sk-ant-api03-canary" } });
  expect(JSON.stringify(outcome)).not.toContain("canary");
  expect(sent()[0]?.url).toContain("canary");
});

test("a token that is no JWT is removed from the API's own words", async () => {
  const config = { CLAUDETOOLS_API_URL: api.url, CLAUDETOOLS_API_KEY: "plain-key-canary" };
  const { client } = createClaudeTools({ config, store: jobs().store, log: collectLog().log });
  api.faults.push({
    on: /clients/,
    fault: { kind: "status", status: 409, detail: "bad key plain-key-canary" },
  });
  const url = new URL("/api/clients", api.url);
  const { signal } = new AbortController();
  const answer = await client.request({ method: "GET", url, requestedBy: "discord:42", signal });
  expect(answer).toMatchObject({ problem: { message: expect.stringContaining("bad key [redacted].") } });
});

test("the bot's own token is removed from an answer, whatever its shape", async () => {
  const config = { CLAUDETOOLS_API_URL: api.url, CLAUDETOOLS_API_KEY: "plain-key-canary" };
  const { call } = createClaudeTools({ config, store: jobs().store, log: collectLog().log });
  api.faults.push({ on: /clients/, fault: { kind: "status", status: 200, detail: "echo plain-key-canary" } });
  const { signal } = new AbortController();
  const who = { requestedBy: "42", level: "tech", isPublic: false } as const;
  const outcome = await call({ method: "GET", endpoint: "/api/clients", ...who, signal });
  expect(outcome).toMatchObject({ kind: "answered", body: { detail: "echo [redacted]" } });
});
