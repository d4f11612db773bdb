import { createHash, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type HttpBindings, type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { sign, verify } from "hono/jwt";
import { isRecord } from "../../worker/claudetools/json-value.ts";
import { checkBody, checkId, checkQuery, type FieldError } from "./claudetools/check-input.ts";
import type { Fault, ScriptedFault } from "./claudetools/faults.ts";
import { createOpenApi } from "./claudetools/openapi.ts";
import { createRecords, type StoredRecord } from "./claudetools/records.ts";
import { idName, listPath, ROUTERS, type Router } from "./claudetools/routers.ts";
import { takeFault } from "./graph/faults.ts";

export interface ClaudeToolsOptions {
  /** The moment that the records' dates are relative to. Default: now. */
  now?: number;
  /** Read for the end of tokens. A test may turn it forward in place of waiting. */
  clock?: () => number;
  /** Added to every answer. Default 0. */
  latencyMs?: number;
  /** Life of `apiKey` from the start on. Default: an hour. */
  tokenLifeMs?: number;
  port?: number;
}

interface ClaudeToolsRequest {
  method: string;
  /** Path and query. */
  url: string;
  requestedBy: string | undefined;
  requestId: string | undefined;
  authorised: boolean;
  /** Parsed JSON, or `undefined`. */
  body: unknown;
  status: number | "none";
}

export interface ClaudeToolsSandbox {
  url: string;
  /** For `CLAUDETOOLS_API_KEY`. */
  apiKey: string;
  /** The tables, by router; a test may change them. */
  records: Map<string, StoredRecord[]>;
  /** What `/openapi.json` answers; a test may put another one in its place, broken ones too. `undefined`: 404. */
  openapi: { document: unknown; path: "/openapi.json" | "/api/openapi.json" };
  faults: ScriptedFault[];
  requests: ClaudeToolsRequest[];
  /** What no well-behaved client does: unknown routes, calls without `X-Requested-By`. Empty after a good test. */
  violations: string[];
  /** Every token ends here, whatever it says itself. */
  endTokens(): void;
  /** How much of its endless answers was taken before the caller hung up. */
  floodedBytes(): number;
  /** A token of the sandbox. */
  issueToken(options: { lifeMs: number }): Promise<string>;
  close(): Promise<void>;
}

interface Environment {
  Variables: { request: ClaudeToolsRequest };
  Bindings: HttpBindings;
}
type Call = Context<Environment>;

/**
 * A stand-in for the team's ClaudeTools API, a FastAPI service, on a free port of the loopback address. It answers as
 * FastAPI and pydantic do: 422 with `detail[].loc`, 404 and 405 as `{"detail": …}`, 307 for a slash too many.
 * @see https://fastapi.tiangolo.com/tutorial/handling-errors/
 */
export async function startClaudeTools({
  now = Date.now(),
  clock = Date.now,
  latencyMs = 0,
  tokenLifeMs = 3_600_000,
  port = 0,
}: ClaudeToolsOptions = {}): Promise<ClaudeToolsSandbox> {
  const key = randomBytes(32).toString("hex");
  const records = createRecords(now);
  const openapi: ClaudeToolsSandbox["openapi"] = { document: createOpenApi(), path: "/openapi.json" };
  const faults: ScriptedFault[] = [];
  const requests: ClaudeToolsRequest[] = [];
  const violations: string[] = [];
  const replays = new Map<string, { body: string; record: StoredRecord }>();
  let tokensEnded = false;
  let floodedBytes = 0;

  function issueToken({ lifeMs }: { lifeMs: number }): Promise<string> {
    const issuedAt = Math.floor(clock() / 1000);
    return sign(
      { sub: "discord-bot", iat: issuedAt, exp: issuedAt + Math.floor(lifeMs / 1000) },
      key,
      "HS256",
    );
  }

  async function isAuthorised(header: string | undefined): Promise<boolean> {
    const token = /^Bearer (.+)$/.exec(header ?? "")?.[1];
    if (token === undefined || tokensEnded) return false;
    // The sandbox's own clock decides about the end.
    const claims = await verify(token, key, { alg: "HS256", exp: false, nbf: false, iat: false }).catch(
      () => undefined,
    );
    return typeof claims?.exp === "number" && claims.exp * 1000 > clock();
  }

  const app = new Hono<Environment>();

  app.use(async (c, next) => {
    const url = c.req.url.slice(new URL(c.req.url).origin.length);
    const line = `${c.req.method} ${url}`;
    const text = await c.req.text();
    const request: ClaudeToolsRequest = {
      ...{ method: c.req.method, url, requestedBy: c.req.header("x-requested-by") },
      ...{ requestId: c.req.header("x-request-id"), body: parseJson(text), status: "none" },
      authorised: await isAuthorised(c.req.header("authorization")),
    };
    requests.push(request);
    c.set("request", request);
    if (!request.requestedBy || !request.requestId) violations.push(`${line} does not say who asks`);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });

    const fault = takeFault(faults, line);
    if (fault?.kind === "lost-answer") await next();
    const faulty = fault && (await answerFault(c, fault));
    if (faulty) c.res = faulty;
    else await next();
    request.status = c.res.status;
  });

  async function answerFault(c: Call, fault: Fault): Promise<Response> {
    switch (fault.kind) {
      case "hang":
      case "lost-answer":
        // Until the caller hangs up.
        await new Promise((resolve) => c.req.raw.signal.addEventListener("abort", resolve));
        return c.body(null, 503);
      case "reset":
        c.env.incoming.socket.destroy();
        return c.body(null, 503);
      case "html":
        return new Response("<!DOCTYPE html><html><title>502 Bad Gateway canary</title></html>", {
          ...{ status: fault.status ?? 200, headers: { "content-type": "text/html" } },
        });
      case "redirect":
        return new Response(null, { status: fault.status ?? 307, headers: { location: fault.location } });
      case "half-json":
        return new Response('{"items": [{"id": 1, "na', { headers: { "content-type": "application/json" } });
      case "flood":
        return new Response(flood(fault.sizeBytes ?? 50_000_000), {
          headers: { "content-type": "application/json" },
        });
      case "status":
        return fault.detail === undefined
          ? new Response("Internal Server Error", { status: fault.status, headers: { ...fault.headers } })
          : Response.json({ detail: fault.detail }, { status: fault.status, headers: { ...fault.headers } });
    }
  }

  function flood(sizeBytes: number): ReadableStream<Uint8Array> {
    const chunk = new TextEncoder().encode(`"${"x".repeat(65_533)}",`);
    let sent = 0;
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(sent === 0 ? new TextEncoder().encode("[") : chunk);
        sent += chunk.byteLength;
        floodedBytes = sent;
        if (sent >= sizeBytes) controller.close();
      },
    });
  }

  for (const path of ["/openapi.json", "/api/openapi.json"] as const) {
    app.get(path, (c) => {
      if (openapi.path !== path || openapi.document === undefined)
        return c.json({ detail: "Not Found" }, 404);
      const text = JSON.stringify(openapi.document);
      const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 16)}"`;
      if (c.req.header("if-none-match") === etag) return c.body(null, 304, { etag });
      return c.body(text, 200, { "content-type": "application/json", etag });
    });
  }
  app.get("/api/health", (c) => c.json({ status: "healthy", database: "connected" }));

  app.use("/api/*", async (c, next) => {
    if (!c.var.request.authorised && isRoute(c.req.method, c.req.path)) {
      return c.json({ detail: "Could not validate credentials" }, 401, { "www-authenticate": "Bearer" });
    }
    return next();
  });

  for (const table of ["sites", "sessions", "infrastructure", "credentials"]) {
    app.get(`/api/clients/:id/${table}`, (c) => {
      const id = c.req.param("id") ?? "";
      const errors = checkId("client_id", id);
      if (errors.length > 0) return invalid(c, errors);
      return c.json(rowsOf(table).filter((record) => record.client_id === Number(id)));
    });
  }
  app.get("/api/tasks/overdue", (c) => {
    const today = new Date(now).toISOString();
    return c.json(
      rowsOf("tasks").filter(({ status, due_date: due }) => status !== "done" && String(due) < today),
    );
  });
  app.get("/api/credentials/:id/decrypted", (c) => c.json({ id: 1, password: "canary-decrypted" }));

  for (const router of ROUTERS) {
    const path = listPath(router);
    const one = `/api/${router.name}/:id`;
    app.get(path, (c) => list(c, router));
    app.get(one, (c) => withRecord(c, router, (record) => c.json(record)));
    if (router.isReadOnly) continue;
    app.post(path, (c) => create(c, router));
    app.on(router.isPatchable ? ["PUT", "PATCH"] : ["PUT"], one, (c) => {
      return withRecord(c, router, (record) => {
        const { body } = c.var.request;
        const errors = checkBody(router, body, { isUpdate: true });
        if (errors.length > 0) return invalid(c, errors);
        return c.json(
          Object.assign(record, isRecord(body) ? body : {}, { updated_at: new Date(clock()).toISOString() }),
        );
      });
    });
    app.delete(one, (c) =>
      withRecord(c, router, (record) => {
        rowsOf(router.name).splice(rowsOf(router.name).indexOf(record), 1);
        return c.body(null, 204);
      }),
    );
  }

  app.notFound((c) => {
    const { method, path, url } = c.req;
    const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    if (isRoute(method, other)) return c.redirect(new URL(other + new URL(url).search, url).href, 307);
    if (isRoute(undefined, path)) return c.json({ detail: "Method Not Allowed" }, 405);
    violations.push(`${method} ${path} is not a route of the sandbox`);
    return c.json({ detail: "Not Found" }, 404);
  });
  app.onError((error, c) => {
    violations.push(`the sandbox itself failed: ${String(error)}`);
    return c.text("Internal Server Error", 500);
  });

  const routes = Object.entries(createOpenApi().paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => ({
      method,
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    })),
  );
  function isRoute(method: string | undefined, path: string): boolean {
    return routes.some((route) => {
      return (method === undefined || route.method === method.toLowerCase()) && route.pattern.test(path);
    });
  }

  function rowsOf(table: string): StoredRecord[] {
    const rows = records.get(table);
    if (rows === undefined) throw new Error(`no table ${table}`);
    return rows;
  }

  function list(c: Call, router: Router): Response {
    const query = new URL(c.req.url).searchParams;
    const errors = checkQuery(router, query);
    if (errors.length > 0) return invalid(c, errors);
    const wanted = Object.entries(router.fields).flatMap(([name, field]) => {
      const value = query.get(name);
      return field.isFilter && value !== null ? [[name, value] as const] : [];
    });
    const search = router.isSearchable ? (query.get("search") ?? "") : "";
    const rows = rowsOf(router.name).filter(
      (row) =>
        wanted.every(([name, value]) => String(row[name]) === value) &&
        String(row.name).toLowerCase().includes(search.toLowerCase()),
    );
    const skip = Number(query.get("skip") ?? 0);
    const items = rows.slice(skip, skip + Number(query.get("limit") ?? 50));
    return router.list === "page" ? c.json({ items, total: rows.length }) : c.json(items);
  }

  /** The same `Idempotency-Key` or `external_id` once more gives the record of the first time; with another body, 409. */
  function create(c: Call, router: Router): Response {
    const { body } = c.var.request;
    if (body === undefined) {
      const ctx = { error: "Expecting value" };
      return invalid(c, [
        { type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {}, ctx },
      ]);
    }
    const errors = checkBody(router, body, { isUpdate: false });
    if (errors.length > 0 || !isRecord(body)) return invalid(c, errors);

    const { external_id: externalId } = body;
    const key = c.req.header("idempotency-key") ?? (typeof externalId === "string" ? externalId : undefined);
    const earlier = key === undefined ? undefined : replays.get(`${router.name} ${key}`);
    if (earlier !== undefined) {
      if (earlier.body === JSON.stringify(body)) return c.json(earlier.record, 200);
      return c.json({ detail: "This key was used for another body." }, 409);
    }
    const at = new Date(clock()).toISOString();
    const id = Math.max(0, ...rowsOf(router.name).map((row) => row.id)) + 1;
    const record: StoredRecord = { ...body, id, created_at: at, updated_at: at };
    rowsOf(router.name).push(record);
    if (key !== undefined) replays.set(`${router.name} ${key}`, { body: JSON.stringify(body), record });
    return c.json(record, 201);
  }

  function withRecord(c: Call, router: Router, use: (record: StoredRecord) => Response): Response {
    const id = c.req.param("id") ?? "";
    const errors = checkId(idName(router), id);
    if (errors.length > 0) return invalid(c, errors);
    const record = rowsOf(router.name).find((row) => row.id === Number(id));
    return record ? use(record) : c.json({ detail: `${router.model} not found` }, 404);
  }

  let server: ServerType | undefined;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, resolve);
    server.once("error", reject);
  });

  return {
    url: `http://127.0.0.1:${address.port}`,
    apiKey: await issueToken({ lifeMs: tokenLifeMs }),
    ...{ records, openapi, faults, requests, violations, issueToken },
    endTokens: () => {
      tokensEnded = true;
    },
    floodedBytes: () => floodedBytes,
    close: () =>
      new Promise((resolve) => {
        server?.close(() => resolve());
        if (server && "closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function invalid(c: Call, detail: FieldError[]): Response {
  return c.json({ detail }, 422);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
