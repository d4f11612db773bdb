import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClaudeToolsSandbox, startClaudeTools } from "./claudetools.ts";
import { createWorld } from "./tenants/world.ts";

let api: ClaudeToolsSandbox;
beforeEach(async () => {
  api = await startClaudeTools();
});
afterEach(() => api.close());

async function ask(
  path: string,
  { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: object } = {},
) {
  const response = await fetch(new URL(path, api.url), {
    method,
    headers: {
      ...{ authorization: `Bearer ${api.apiKey}`, "x-requested-by": "discord:1", "x-request-id": "r" },
      ...{ "content-type": "application/json", ...headers },
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

test("its document describes about a hundred endpoints in as many routers as the real one", async () => {
  const { body } = await ask("/openapi.json");
  const operations = Object.values<Record<string, { tags: string[] }>>(body.paths).flatMap((item) =>
    Object.values(item),
  );
  expect(operations.length).toBeGreaterThanOrEqual(90);
  expect(new Set(operations.flatMap(({ tags }) => tags)).size).toBeGreaterThanOrEqual(16);
});

test("every endpoint that it describes exists", async () => {
  const { body } = await ask("/openapi.json");
  for (const [path, item] of Object.entries<object>(body.paths)) {
    if (path === "/api/auth/token") continue;
    for (const method of Object.keys(item)) {
      const { status } = await ask(path.replace(/\{\w+\}/g, "999"), { method: method.toUpperCase() });
      expect([200, 404, 422], `${method} ${path}`).toContain(status);
    }
  }
  expect(api.violations).toEqual([]);
});

test("the tenants are those of the Microsoft stand-in", async () => {
  const { body } = await ask("/api/m365-tenants?limit=3");
  const pairs = body.items.map(({ tenant_id, default_domain }: Record<string, string>) => [
    tenant_id,
    default_domain,
  ]);
  expect(pairs).toEqual(createWorld(0).map(({ id, domains }) => [id, domains[0]?.id]));
});

test("lists are paged, as a page or as an array, and filtered", async () => {
  const second = await ask("/api/clients?skip=25&limit=25");
  expect(second.body).toMatchObject({ total: 30, items: { length: 5 } });
  expect((await ask("/api/services?limit=2")).body).toHaveLength(2);
  expect((await ask("/api/m365-tenants?default_domain=fabrikam.com")).body).toMatchObject({ total: 1 });
});

test.for<[what: string, path: string, request: object, detail: unknown]>([
  [
    "an id that is no number",
    "/api/clients/abc",
    {},
    [
      {
        type: "int_parsing",
        loc: ["path", "client_id"],
        msg: "Input should be a valid integer, unable to parse string as an integer",
        input: "abc",
      },
    ],
  ],
  [
    "a limit too high",
    "/api/clients?limit=500",
    {},
    [
      {
        ...{
          type: "less_than_equal",
          loc: ["query", "limit"],
          msg: "Input should be less than or equal to 200",
        },
        ...{ input: "500", ctx: { le: 200 } },
      },
    ],
  ],
  [
    "a missing field",
    "/api/tags/",
    { method: "POST", body: { color: "#fff" } },
    [{ type: "missing", loc: ["body", "name"], msg: "Field required", input: { color: "#fff" } }],
  ],
  [
    "a body that is no JSON",
    "/api/tags/",
    { method: "POST", body: "{name" },
    [expect.objectContaining({ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error" })],
  ],
  [
    "a word that is not in the enum",
    "/api/security-incidents",
    { method: "POST", body: { title: "x", severity: "bad" } },
    [
      expect.objectContaining({
        ...{ type: "enum", loc: ["body", "severity"] },
        msg: "Input should be 'info', 'low', 'medium', 'high' or 'critical'",
      }),
    ],
  ],
])("%s is a 422 as pydantic writes it", async ([, path, request, detail]) => {
  expect(await ask(path, request)).toMatchObject({ status: 422, body: { detail } });
});

test("an unknown route is FastAPI's 404, and noted", async () => {
  expect(await ask("/api/nothing")).toMatchObject({ status: 404, body: { detail: "Not Found" } });
  expect(api.violations).toEqual(["GET /api/nothing is not a route of the sandbox"]);
});

test("another method is a 405, and a slash too many a redirect", async () => {
  expect(await ask("/api/users", { method: "POST" })).toMatchObject({ status: 405 });
  const { status, headers } = await ask("/api/clients/?limit=1");
  expect([status, headers.get("location")]).toEqual([307, `${api.url}/api/clients?limit=1`]);
});

test("no token, a forged one and one that has ended are not taken", async () => {
  const ended = await api.issueToken({ lifeMs: -1000 });
  for (const authorization of ["", "Bearer x", `Bearer ${api.apiKey.slice(0, -4)}AAAA`, `Bearer ${ended}`]) {
    expect(await ask("/api/clients", { headers: { authorization } })).toMatchObject({ status: 401 });
  }
});

test("a token ends when its time is over", async () => {
  await api.close();
  let time = Date.now();
  api = await startClaudeTools({ clock: () => time, tokenLifeMs: 60_000 });
  expect((await ask("/api/clients")).status).toBe(200);
  time += 61_000;
  expect((await ask("/api/clients")).status).toBe(401);
});

test("an incident that is sent again is stored once", async () => {
  const body = { title: "Takeover", severity: "high", external_id: "audit-17" };
  const first = await ask("/api/security-incidents", { method: "POST", body });
  const again = await ask("/api/security-incidents", { method: "POST", body });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body).toEqual(first.body);
  expect((await ask("/api/security-incidents?external_id=audit-17")).body.total).toBe(1);
  const other = await ask("/api/security-incidents", { method: "POST", body: { ...body, title: "Else" } });
  expect(other.status).toBe(409);
});

test("an answer that is lost leaves the record behind", async () => {
  api.faults.push({ on: /incidents/, fault: { kind: "lost-answer" } });
  const stop = new AbortController();
  const request = fetch(new URL("/api/security-incidents", api.url), {
    method: "POST",
    headers: { authorization: `Bearer ${api.apiKey}`, "idempotency-key": "k" },
    body: JSON.stringify({ title: "Takeover", severity: "high" }),
    signal: stop.signal,
  });
  await expect.poll(() => api.records.get("security-incidents")?.length).toBe(3);
  stop.abort();
  await expect(request).rejects.toThrow();
});
