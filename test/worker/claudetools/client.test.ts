import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Method } from "../../../src/claudetools/catalogue.ts";
import {
  type ClaudeToolsClientOptions,
  createClaudeToolsClient,
} from "../../../worker/claudetools/client.ts";
import type { Fault } from "../../sandbox/claudetools/faults.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";

let api: ClaudeToolsSandbox;
beforeEach(async () => {
  api = await startClaudeTools();
});
afterEach(() => api.close());

interface Ask extends Partial<ClaudeToolsClientOptions> {
  method?: Method;
  body?: unknown;
  etag?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function ask(path: string, { method = "GET", body, etag, headers = {}, signal, ...options }: Ask = {}) {
  const client = createClaudeToolsClient({
    origin: api.url,
    apiKey: api.apiKey,
    retryDelayMs: 1,
    ...options,
  });
  return client.request({
    method,
    url: new URL(path, api.url),
    body,
    etag,
    headers,
    requestedBy: "discord:42",
    signal: signal ?? new AbortController().signal,
  });
}

async function problem(path: string, options: Ask = {}) {
  const answer = await ask(path, options);
  if (answer.kind !== "failed") throw new Error(`expected a failure, got ${answer.kind}`);
  const { code, userMessage, retryable } = answer.problem;
  return { code, text: userMessage, retryable };
}

test("a call carries the token, who asks and an id, and brings JSON back", async () => {
  const answer = await ask("/api/clients/1");
  expect(answer).toMatchObject({ kind: "answered", status: 200, body: { name: "Contoso Ltd" } });
  expect(api.requests).toMatchObject([
    { authorised: true, requestedBy: "discord:42", requestId: answer.requestId },
  ]);
  expect(api.violations).toEqual([]);
});

test("an idempotency key goes along, and the API takes the same record once", async () => {
  const headers = { "idempotency-key": "audit-17" };
  const options: Ask = { method: "POST", body: { title: "Takeover", severity: "high" }, headers };
  const first = await ask("/api/security-incidents", options);
  expect(first).toMatchObject({ kind: "answered", status: 201 });
  expect(await ask("/api/security-incidents", options)).toMatchObject({ kind: "answered", status: 200 });
});

test("an answer without a body is null", async () => {
  expect(await ask("/api/tags/1", { method: "DELETE" })).toMatchObject({
    kind: "answered",
    status: 204,
    body: null,
  });
});

test("what has not changed is not sent again", async () => {
  const first = await ask("/openapi.json");
  if (first.kind !== "answered" || first.etag === undefined) throw new Error("expected an ETag");
  expect(await ask("/openapi.json", { etag: first.etag })).toMatchObject({ kind: "not-modified" });
});

test.for<[what: string, fault: Fault, code: string, says: RegExp]>([
  ["a page in place of JSON", { kind: "html" }, "CLAUDETOOLS_NOT_JSON", /got an HTML page \(HTTP 200\)/],
  ["JSON that breaks off", { kind: "half-json" }, "CLAUDETOOLS_BROKEN_JSON", /says it is JSON and is not/],
  [
    "a failing route",
    { kind: "status", status: 500 },
    "CLAUDETOOLS_BROKEN",
    /failed at GET \/api\/clients \(HTTP 500\)/,
  ],
  [
    "a refusal with a reason",
    { kind: "status", status: 403, detail: "Not enough permissions" },
    "CLAUDETOOLS_FORBIDDEN",
    /does not let the bot's token do GET \/api\/clients: Not enough permissions\. Give/,
  ],
  [
    "a conflict",
    { kind: "status", status: 409, detail: "Exists" },
    "CLAUDETOOLS_REFUSED",
    /HTTP 409\): Exists/,
  ],
  [
    "a validator that repeats a secret",
    { kind: "status", status: 422, detail: [{ loc: ["body", "password"], msg: "canary is too short" }] },
    "CLAUDETOOLS_INVALID",
    /: body\.password: is not accepted\./,
  ],
  ["a broken connection", { kind: "reset" }, "CLAUDETOOLS_UNREACHABLE", /could not be reached/],
  ["a proxy's page for an outage", { kind: "html", status: 502 }, "CLAUDETOOLS_BROKEN", /HTTP 502/],
  [
    "too many requests",
    { kind: "status", status: 429, detail: "Slow" },
    "CLAUDETOOLS_THROTTLED",
    /Wait a minute/,
  ],
])("%s is said in words", async ([, fault, code, says]) => {
  api.faults.push({ on: /clients/, fault, times: Number.POSITIVE_INFINITY });
  const { code: got, text } = await problem("/api/clients");
  expect(got).toBe(code);
  expect(text).toMatch(says);
  expect(text).not.toMatch(/canary|DOCTYPE/);
  expect(text).not.toContain(api.apiKey);
});

test("no answer in time is said, with what to look at", async () => {
  api.faults.push({ on: /clients/, fault: { kind: "hang" }, times: Number.POSITIVE_INFINITY });
  const { code, text, retryable } = await problem("/api/clients", { answerTimeoutMs: 50, deadlineMs: 400 });
  expect({ code, retryable }).toEqual({ code: "CLAUDETOOLS_TIMEOUT", retryable: true });
  expect(text).toContain("did not answer GET /api/clients in time. Nothing was changed");
});

test("a machine that is off is said, with what to check", async () => {
  await api.close();
  const { code, text } = await problem("/api/clients");
  expect(code).toBe("CLAUDETOOLS_UNREACHABLE");
  expect(text).toContain("could not be reached (ECONNREFUSED)");
  api = await startClaudeTools();
});

test.for<[what: string, fault: Fault]>([
  ["an outage", { kind: "status", status: 503 }],
  ["a broken connection", { kind: "reset" }],
  ["a Retry-After of nothing", { kind: "status", status: 429, headers: { "retry-after": "0" } }],
])("a read is repeated after %s", async ([, fault]) => {
  api.faults.push({ on: /clients/, fault, times: 2 });
  expect(await ask("/api/clients")).toMatchObject({ kind: "answered" });
  expect(api.requests).toHaveLength(3);
  expect(new Set(api.requests.map(({ requestId }) => requestId)).size).toBe(1);
});

test("a Retry-After beyond the deadline is not waited for", async () => {
  api.faults.push({
    on: /clients/,
    fault: { kind: "status", status: 503, headers: { "retry-after": "3600" } },
  });
  expect((await problem("/api/clients")).code).toBe("CLAUDETOOLS_BROKEN");
  expect(api.requests).toHaveLength(1);
});

test.for<[what: string, fault: Fault]>([
  ["an outage", { kind: "status", status: 503 }],
  ["a lost answer", { kind: "lost-answer" }],
  ["a broken connection", { kind: "reset" }],
])(
  "a write is not repeated after %s, and the caller is told that it may have happened",
  async ([, fault]) => {
    api.faults.push({ on: /tags/, fault, times: Number.POSITIVE_INFINITY });
    // Long enough for a busy machine to have the request arrive.
    const options: Ask = { method: "POST", body: { name: "new" }, answerTimeoutMs: 3000 };
    const { text, retryable } = await problem("/api/tags/", options);
    expect(api.requests).toHaveLength(1);
    expect(retryable).toBe(false);
    expect(text).toContain("It may have been done all the same");
  },
);

test.for<Method>(["POST", "DELETE"])(
  "a %s that went to the wrong server is not repeated, and has changed nothing",
  async (method) => {
    api.faults.push({ on: /tags/, fault: { kind: "status", status: 421 } });
    const options: Ask = { method, ...(method === "POST" && { body: { name: "Straße" } }) };
    const answer = await ask(method === "POST" ? "/api/tags/" : "/api/tags/1", options);
    expect(answer).toMatchObject({ kind: "failed", status: 421, changed: "nothing" });
    expect(api.requests).toHaveLength(1);
  },
);

test("a redirect to another host is not followed, and the token goes nowhere", async () => {
  const seen: unknown[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers);
    response.end("{}");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? address.port : 0;
  api.faults.push({ on: /clients/, fault: { kind: "redirect", location: `http://127.0.0.1:${port}/steal` } });
  const { code, text } = await problem("/api/clients");
  other.close();
  expect(code).toBe("CLAUDETOOLS_REDIRECTED");
  expect(text).toContain("a redirect to another host (HTTP 307)");
  expect(text).not.toContain(String(port));
  expect(seen).toEqual([]);
});

test("a redirect on the same host names the path to ask for", async () => {
  const { text } = await problem("/api/clients/");
  expect(text).toContain(
    "a redirect to /api/clients (HTTP 307), which the bot does not follow. Ask for that path itself.",
  );
});

test("fifty megabytes are not read", async () => {
  api.faults.push({ on: /clients/, fault: { kind: "flood" } });
  const { code, text } = await problem("/api/clients");
  expect(code).toBe("CLAUDETOOLS_TOO_LARGE");
  expect(text).toContain("more than 5 MB");
  expect(api.floodedBytes()).toBeLessThan(15_000_000);
});

test("a validation error names the fields, and repeats nothing of what was sent", async () => {
  const body = { name: "", client_id: "canary-secret" };
  const { code, text } = await problem("/api/sites", { method: "POST", body });
  expect(code).toBe("CLAUDETOOLS_INVALID");
  expect(text).toContain(
    "body.client_id: Input should be a valid integer; body.name: String should have at least 1",
  );
  expect(text).not.toContain("canary");
});

test("an id that does not exist is said in the API's words", async () => {
  const { code, text } = await problem("/api/clients/999");
  expect(code).toBe("CLAUDETOOLS_NOT_FOUND");
  expect(text).toContain("nothing at GET /api/clients/999: Client not found");
});

test("a hostile error text comes short, visible and without secrets", async () => {
  const detail = `\u202eSee password=canary ${"x".repeat(5000)}`;
  api.faults.push({ on: /clients/, fault: { kind: "status", status: 404, detail } });
  const { text } = await problem("/api/clients");
  expect(text).toContain(": See password=[redacted] xxx");
  expect(text.length).toBeLessThan(400);
  expect(text).not.toContain("\u202e");
});

test("a token that has expired is told with its date", async () => {
  const apiKey = await api.issueToken({ lifeMs: -60_000 });
  const { code, text } = await problem("/api/clients", { apiKey });
  expect(code).toBe("CLAUDETOOLS_UNAUTHENTICATED");
  expect(text).toMatch(/expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Put a new one into CLAUDETOOLS_API_KEY/);
});

test("a token that ends in the middle is told when it does", async () => {
  const client = createClaudeToolsClient({ origin: api.url, apiKey: api.apiKey });
  const page = (skip: number) =>
    client.request({
      method: "GET",
      url: new URL(`/api/clients?limit=10&skip=${skip}`, api.url),
      requestedBy: "discord:42",
      signal: new AbortController().signal,
    });
  expect((await page(0)).kind).toBe("answered");
  api.endTokens();
  const second = await page(10);
  if (second.kind !== "failed") throw new Error("expected a failure");
  expect(second.problem.userMessage).toContain("does not accept the bot's token, though it is good until");
});

test("without a token, what needs one says so, and health works", async () => {
  expect((await problem("/api/clients", { apiKey: undefined })).text).toContain(
    "CLAUDETOOLS_API_KEY is not set",
  );
  expect(await ask("/api/health", { apiKey: undefined })).toMatchObject({ body: { status: "healthy" } });
});

test("a caller who gives up is not kept waiting", async () => {
  api.faults.push({ on: /clients/, fault: { kind: "hang" } });
  const stop = new AbortController();
  const asked = ask("/api/clients", { signal: stop.signal });
  await expect.poll(() => api.requests.length).toBe(1);
  stop.abort(new Error("stopped"));
  await expect(asked).rejects.toThrow("stopped");
});

test("a call to another host never leaves", async () => {
  await expect(ask("http://127.0.0.1:1/api/clients")).rejects.toThrow("another host");
});
