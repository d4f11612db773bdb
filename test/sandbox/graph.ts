import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, graphError, NOT_PREMIUM } from "./graph/answer.ts";
import { answerExchange } from "./graph/exchange.ts";
import { type Fault, type ScriptedFault, takeFault } from "./graph/faults.ts";
import { aadsts, answerLogin } from "./graph/login.ts";
import { badRequest, order, parseFilter, refuseQuery, select } from "./graph/odata.ts";
import { type Result, ROUTES, type Route } from "./graph/routes.ts";
import { readSeries } from "./graph/series.ts";
import { SWEEP_ROUTES } from "./graph/sweep-routes.ts";
import { createPatienceCheck, createThrottle } from "./graph/throttle.ts";
import { createTokens } from "./graph/token.ts";
import type { SandboxTenant } from "./tenants/tenant.ts";
import { createWorld } from "./tenants/world.ts";

export interface GraphOptions {
  /** The moment that the world's dates are relative to. Default: now. */
  now?: number;
  /** Read for throttling and token life. A test may turn it forward in place of waiting. */
  clock?: () => number;
  /** Added to every answer, whoever gives it. Default 0. */
  latencyMs?: number;
  /** Awaited before every answer, so that a test may see who waits together. Gets method and path with query. */
  beforeAnswer?: (line: string) => Promise<void>;
  /** In which five audit reports may be asked for. Default: Microsoft's ten seconds. */
  reportsWindowMs?: number;
  tenants?: SandboxTenant[];
  /** The most rows in a page, whatever `$top` says; Microsoft's is 1,000. Default 20, so that paging is exercised. */
  pageSize?: number;
}

type Host = "login" | "graph" | "exchange";

interface LoggedRequest {
  host: Host;
  method: string;
  /** Path and query. */
  url: string;
  authorised: boolean;
  status: number | "none";
}

export interface GraphSandbox {
  graphUrl: string;
  loginUrl: string;
  exchangeUrl: string;
  clientId: string;
  clientSecret: string;
  tenants: SandboxTenant[];
  faults: ScriptedFault[];
  requests: LoggedRequest[];
  /** What no well-behaved client does: unknown routes, coming back before `Retry-After`. Empty after a good test. */
  violations: string[];
  close: () => Promise<void>;
}

/**
 * A stand-in for login.microsoftonline.com, Microsoft Graph and Exchange's admin API on three free ports of the loopback
 * address. It checks what the real ones check: secrets, audience and permissions of the token, licences, query options,
 * throttle limits.
 */
export async function startGraph({
  now = Date.now(),
  clock = Date.now,
  latencyMs = 0,
  beforeAnswer = async () => {},
  reportsWindowMs = 10_000,
  tenants = createWorld(now),
  pageSize = 20,
}: GraphOptions = {}): Promise<GraphSandbox> {
  const clientId = "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de";
  const clientSecret = `Q8x~${randomBytes(24).toString("base64url")}`;
  const tokens = createTokens(randomBytes(32), clock);
  const throttle = createThrottle({ clock, reportsWindowMs });
  const patience = createPatienceCheck({ clock });
  const skiptokens = new Map<string, number>();
  const faults: ScriptedFault[] = [];
  const requests: LoggedRequest[] = [];
  const violations: string[] = [];

  async function handle(host: Host, request: IncomingMessage, response: ServerResponse) {
    const { method = "GET", url = "/" } = request;
    const line = `${method} ${url}`;
    const logged: LoggedRequest = {
      host,
      method,
      url,
      authorised: request.headers.authorization !== undefined,
      status: "none",
    };
    requests.push(logged);
    const body = await readBody(request);

    const early = patience.earlyBy(line);
    if (early > 0) violations.push(`${line} came back ${early} ms before Retry-After`);

    const fault = takeFault(faults, line);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === "html") {
      logged.status = fault.status ?? 200;
      response.writeHead(logged.status, { "content-type": "text/html" });
      response.end("<!DOCTYPE html><html><head><title>Service Unavailable</title></head></html>");
      return;
    }
    const scripted = fault && faultAnswer(fault);
    const answer =
      scripted ?? (await honest(host, request, body, fault?.kind === "next-link" ? fault.url : undefined));

    const retryAfter = Number(answer.headers?.["retry-after"]);
    if (retryAfter > 0) patience.told(line, retryAfter);
    logged.status = answer.status;
    response.writeHead(answer.status, {
      "content-type": "application/json;odata.metadata=minimal;charset=utf-8",
      date: new Date(clock()).toUTCString(),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  }

  async function honest(
    host: Host,
    request: IncomingMessage,
    body: string,
    nextLink: string | undefined,
  ): Promise<Answer> {
    const { method = "GET", url = "/" } = request;
    if (host === "graph") return graph(method, url, request, nextLink);
    await transport(`${method} ${url}`);
    return host === "login"
      ? login(method, url, request, body)
      : exchange(method, url, request, body, nextLink);
  }

  async function transport(line: string): Promise<void> {
    await beforeAnswer(line);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
  }

  function login(method: string, url: string, request: IncomingMessage, body: string): Answer {
    const contentType = request.headers["content-type"] ?? "";
    const answer = answerLogin(
      { method, url: new URL(url, loginUrl), contentType, body },
      { tenants, loginUrl, clientId, clientSecret, issue: tokens.issue },
    );
    return answer ?? unknownRoute(`${method} ${url}`);
  }

  function exchange(
    method: string,
    url: string,
    request: IncomingMessage,
    body: string,
    nextLink: string | undefined,
  ): Answer {
    const claims = tokens.verify(request.headers.authorization, "https://outlook.office365.com");
    if (!claims) return { status: 401, body: undefined };
    const tenant = tenants.find(({ id }) => id === claims.tid);
    const answer =
      tenant &&
      answerExchange(
        {
          method,
          url: new URL(url, exchangeUrl),
          contentType: request.headers["content-type"] ?? "",
          anchor: String(request.headers["x-anchormailbox"] ?? ""),
          body,
          nextLink,
        },
        tenant,
        claims,
      );
    return answer ?? unknownRoute(`${method} ${url}`);
  }

  function unknownRoute(line: string): Answer {
    violations.push(`${line} is not a route of the sandbox`);
    return graphError(404, "ResourceNotFound", "Resource could not be discovered.");
  }

  async function graph(
    method: string,
    url: string,
    request: IncomingMessage,
    nextLink: string | undefined,
  ): Promise<Answer> {
    const claims = tokens.verify(request.headers.authorization, "https://graph.microsoft.com");
    if (!claims) {
      return graphError(401, "InvalidAuthenticationToken", "Access token is empty, expired or invalid.");
    }
    const target = new URL(url, graphUrl);
    const route = [...ROUTES, ...SWEEP_ROUTES].find(({ path }) => path.test(target.pathname));
    const tenant = tenants.find(({ id }) => id === claims.tid);
    if (!route || !tenant || method !== "GET") return unknownRoute(`${method} ${url}`);

    const admission = throttle.admit(route.limit, claims);
    if (admission.kind === "throttled") {
      const headers = admission.retryAfter ? { "retry-after": String(admission.retryAfter) } : {};
      return route.limit === "outlook"
        ? graphError(
            429,
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
            headers,
          )
        : graphError(429, "UnknownError", "This request is throttled. Please try again later.", headers);
    }
    try {
      await transport(`${method} ${url}`);
      return answerRoute(route, tenant, target, claims.roles, nextLink);
    } finally {
      admission.leave();
    }
  }

  function answerRoute(
    route: Route,
    tenant: SandboxTenant,
    target: URL,
    roles: string[],
    nextLink: string | undefined,
  ): Answer {
    if (!route.permissions.some((permission) => roles.includes(permission))) return route.denial;
    const refused = refuseQuery(target.searchParams, route.query);
    if (refused) return refused;
    const parts = (route.path.exec(target.pathname) ?? []).slice(1).map(decodeURIComponent);
    const filter = target.searchParams.get("$filter") ?? "";
    if (route.of === "tenant")
      return render(route.answer(tenant, { parts, filter }), route, target, nextLink);

    const [name = "", ...rest] = parts;
    const wanted = name.toLowerCase();
    const user = tenant.users.find(
      ({ user: { id, userPrincipalName } }) => id === wanted || userPrincipalName.toLowerCase() === wanted,
    );
    if (user) return render(route.answer(user, { parts: rest, filter }), route, target, nextLink);
    return graphError(
      404,
      "Request_ResourceNotFound",
      `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`,
    );
  }

  function render(result: Result, route: Route, target: URL, nextLink: string | undefined): Answer {
    if (result.kind === "refused") return result.answer;
    const selected = target.searchParams.get("$select");
    const mode = route.query.select;
    const suffix = selected === null ? "" : `(${selected})`;
    const [, version] = target.pathname.split("/");
    const context = `${graphUrl}/${version}/$metadata#${result.context}${suffix}`;
    const [sample] =
      result.kind === "entity" ? [result.row] : result.kind === "collection" ? result.rows : [];
    const unknown = selected?.split(",").find((name) => sample && !(name in sample));
    if (unknown !== undefined) {
      return badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${unknown}'.`,
      );
    }
    if (result.kind === "entity") {
      return {
        status: 200,
        body: { "@odata.context": `${context}/$entity`, ...select({ ...result.row }, selected, mode) },
      };
    }

    const test = parseFilter(target.searchParams.get("$filter"), route.query.filters ?? /^$/);
    if (!test) return badRequest("Invalid filter clause");
    const skiptoken = target.searchParams.get("$skiptoken");
    const from = skiptoken === null ? 0 : skiptokens.get(skiptoken);
    if (from === undefined) return badRequest("Skip token is invalid or has expired.");
    const top = Number(target.searchParams.get("$top") ?? route.query.defaultPage ?? pageSize);
    const count = Math.min(top, pageSize);
    const page =
      result.kind === "series"
        ? readSeries(result.series, { from, count, test })
        : readRows(
            order(result.rows.map((row) => ({ ...row })).filter(test), target.searchParams.get("$orderby")),
            { from, count },
          );
    const next = nextLink ?? (page.next === undefined ? undefined : nextPage(target, page.next));
    return {
      status: 200,
      body: {
        "@odata.context": context,
        ...(next === undefined ? {} : { "@odata.nextLink": next }),
        value: page.rows.map((row) => select(row, selected, mode)),
      },
    };
  }

  function nextPage(target: URL, from: number): string {
    const token = randomBytes(16).toString("hex");
    skiptokens.set(token, from);
    const next = new URL(target);
    next.searchParams.set("$skiptoken", token);
    return next.href;
  }

  const servers = (["login", "graph", "exchange"] as const).map((host) =>
    createServer((request, response) => {
      handle(host, request, response).catch((error: unknown) => {
        violations.push(`the sandbox itself failed: ${String(error)}`);
        response.destroy();
      });
    }),
  );
  const [loginUrl = "", graphUrl = "", exchangeUrl = ""] = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
    }),
  );

  return {
    graphUrl,
    loginUrl,
    exchangeUrl,
    clientId,
    clientSecret,
    tenants,
    faults,
    requests,
    violations,
    close: async () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function readRows<T>(rows: readonly T[], { from, count }: { from: number; count: number }) {
  const to = from + count;
  return { rows: rows.slice(from, to), next: to < rows.length ? to : undefined };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function faultAnswer(fault: Fault): Answer | undefined {
  if (fault.kind === "not-premium") return NOT_PREMIUM;
  if (fault.kind === "aadsts") return aadsts(fault.code, fault.message ?? "Scripted.");
  if (fault.kind !== "status") return undefined;
  const { status, headers, code = "UnknownError", message = "Scripted." } = fault;
  return graphError(status, code, message, headers);
}
