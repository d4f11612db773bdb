import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Method } from "../../src/claudetools/catalogue.ts";
import type { AppError } from "../../src/errors.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import { errorName, parseRetryAfter } from "../toolkit/builtin/fetch-json.ts";
import {
  brokenJsonProblem,
  neverLeft,
  noAnswerProblem,
  notJsonProblem,
  type ProblemContext,
  redirectProblem,
  refusedUntouched,
  statusProblem,
  tooLargeProblem,
} from "./api-problem.ts";
import { readLimited } from "./read-limited.ts";
import { tokenExpiry } from "./token-expiry.ts";

interface ApiRequest {
  method: Method;
  /** Of the configured origin; anything else is a mistake of ours and throws. */
  url: URL;
  /** Sent as JSON. */
  body?: unknown;
  /** Who asks: `discord:<user id>`, or `system:<part>` for what the bot does by itself. */
  requestedBy: string;
  /** What we have already; the API then answers 304 if nothing changed. */
  etag?: string | undefined;
  /** Sent as `X-Request-Id`. Default: a new one. */
  requestId?: string;
  /** Sent along as they are, for example `Idempotency-Key`. */
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** `requestId` was sent as `X-Request-Id`, so that the API's log can be searched for it. */
export type ApiAnswer = Outcome & { requestId: string };

type Outcome =
  /** `body` is `null` where the API sent none. */
  | { kind: "answered"; status: number; body: unknown; etag: string | undefined }
  | { kind: "not-modified" }
  /** `status`: as far as one came, of an answer that broke off or was too long as well. */
  | { kind: "failed"; problem: AppError; status: number | undefined; changed: Changed };

/** What a call that failed has changed: nothing, for certain, or nobody knows. A read changes nothing. */
export type Changed = "nothing" | "unknown";

export interface ClaudeToolsClient {
  origin: string;
  /**
   * One call. A read is repeated where that helps and while there is time; a write never is.
   * @throws only `signal.reason`, once the caller has given up.
   */
  request(request: ApiRequest): Promise<ApiAnswer>;
}

export interface ClaudeToolsClientOptions {
  /** `CLAUDETOOLS_API_URL`, without a slash at its end. */
  origin: string;
  /** `CLAUDETOOLS_API_KEY`. */
  apiKey?: string | undefined;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  /** One attempt, from connecting to the last byte. Node gives connecting itself 10 s at most. Default: 15 s. */
  answerTimeoutMs?: number;
  /** Everything together, repetitions included. Default: 30 s. */
  deadlineMs?: number;
  /** Longer answers are cut off while they come in, and become a problem in words. Default: 5 MB. */
  maxBytes?: number;
  /** Before the second attempt; doubles. Default: 500 ms. */
  retryDelayMs?: number;
}

const MAX_ATTEMPTS = 3;

/**
 * The team's ClaudeTools API, a FastAPI service.
 * @see https://fastapi.tiangolo.com/tutorial/handling-errors/
 */
export function createClaudeToolsClient({
  origin,
  apiKey,
  fetch = globalThis.fetch,
  now = Date.now,
  answerTimeoutMs = 15_000,
  deadlineMs = 30_000,
  maxBytes = 5_000_000,
  retryDelayMs = 500,
}: ClaudeToolsClientOptions): ClaudeToolsClient {
  const tokenExpiresAtMs = apiKey === undefined ? "none" : tokenExpiry(apiKey);

  async function send(request: ApiRequest, requestId: string, end: AbortSignal): Promise<Attempt> {
    let statusSoFar: number | undefined;
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: {
          accept: "application/json",
          "x-requested-by": request.requestedBy,
          "x-request-id": requestId,
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          ...(request.etag === undefined ? {} : { "if-none-match": request.etag }),
          ...(request.method === "GET"
            ? {}
            : { "content-length": String(Buffer.byteLength(textOf(request))) }),
          ...request.headers,
        },
        ...bodyOf(request),
        // Followed, a redirect would carry the token to wherever the answer says.
        redirect: "manual",
        signal: AbortSignal.any([end, timeoutSignal(answerTimeoutMs)]),
      });
      const { status, headers } = response;
      statusSoFar = status;
      if (status >= 300 && status < 400) {
        await response.body?.cancel();
        return { kind: "answer", status, headers, text: "" };
      }
      const body = await readLimited(response, maxBytes);
      return { status, ...(body.kind === "too-large" ? body : { kind: "answer", headers, text: body.text }) };
    } catch (cause) {
      return { kind: "no-answer", cause, status: statusSoFar };
    }
  }

  /** `undefined`: trying again would not help, or must not be. */
  function retryAfterMs(attempt: Attempt, attempts: number): number | undefined {
    if (attempts >= MAX_ATTEMPTS || attempt.kind === "too-large") return undefined;
    const backoffMs = retryDelayMs * 2 ** (attempts - 1);
    if (attempt.kind === "no-answer") return backoffMs;
    // Not 500: FastAPI answers so when a route fails, and it fails again.
    if (![429, 502, 503, 504].includes(attempt.status)) return undefined;
    return parseRetryAfter(attempt.headers.get("retry-after"), now()) ?? backoffMs;
  }

  function conclude(attempt: Attempt, { method, url }: ApiRequest): Outcome {
    const context: ProblemContext = {
      line: `${method} ${url.pathname}`,
      isWrite: method !== "GET",
      tokenExpiresAtMs,
      nowMs: now(),
      known: apiKey === undefined ? [] : [apiKey],
    };
    const failedBefore = (isUntouched: boolean, problem: AppError, status?: number): Outcome => {
      const changed = isUntouched || method === "GET" ? "nothing" : "unknown";
      return { kind: "failed", problem, status, changed };
    };
    if (attempt.kind === "no-answer") {
      const name = errorName(attempt.cause);
      return failedBefore(neverLeft(name), noAnswerProblem(name, context, attempt.cause), attempt.status);
    }
    if (attempt.kind === "too-large") {
      return failedBefore(false, tooLargeProblem(maxBytes, context), attempt.status);
    }

    const { status, headers, text } = attempt;
    const failed = (problem: AppError) => failedBefore(refusedUntouched(status), problem, status);
    if (status === 304) return { kind: "not-modified" };
    if (status >= 300 && status < 400) {
      const location = headers.get("location") ?? "";
      const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
      return failed(redirectProblem(status, target, context, origin));
    }
    const contentType = headers.get("content-type");
    const parsed = parseJson(text, contentType);
    if (status >= 400) {
      return failed(statusProblem(status, parsed.kind === "json" ? parsed.value : undefined, context));
    }
    if (text === "") return { kind: "answered", status, body: null, etag: undefined };
    if (parsed.kind === "not-json") return failed(notJsonProblem(status, contentType, context));
    if (parsed.kind === "broken") return failed(brokenJsonProblem(context));
    return { kind: "answered", status, body: parsed.value, etag: headers.get("etag") ?? undefined };
  }

  return {
    origin,
    async request(request) {
      if (request.url.origin !== origin) throw new Error("The call leads to another host than ClaudeTools.");
      const { requestId = randomUUID() } = request;
      const endsAt = now() + deadlineMs;
      const end = AbortSignal.any([request.signal, timeoutSignal(deadlineMs)]);
      for (let attempts = 1; ; attempts++) {
        const attempt = await send(request, requestId, end);
        request.signal.throwIfAborted();
        const waitMs = request.method === "GET" ? retryAfterMs(attempt, attempts) : undefined;
        if (waitMs === undefined || now() + waitMs >= endsAt)
          return { requestId, ...conclude(attempt, request) };
        // An aborted wait is told apart by the next attempt.
        await delay(waitMs, undefined, { signal: end }).catch(() => undefined);
      }
    },
  };
}

const textOf = ({ body }: ApiRequest) => (body === undefined ? "" : JSON.stringify(body));

/**
 * Of a change as a stream, even an empty one: fetch sends a request again by itself after a 421, unless its body can be
 * read only once. Without credentials of its own, since with them Node 24.14 takes a 401 to such a body for a broken network.
 * @see https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 * @see https://github.com/nodejs/undici/issues/5018
 */
function bodyOf(request: ApiRequest): Pick<RequestInit, "body" | "credentials"> & { duplex?: "half" } {
  if (request.method === "GET") return {};
  return { body: new Blob([textOf(request)]).stream(), duplex: "half", credentials: "omit" };
}

type Attempt =
  | { kind: "answer"; status: number; headers: Headers; text: string }
  | { kind: "too-large"; status: number }
  /** With a status, the answer broke off behind its head. */
  | { kind: "no-answer"; cause: unknown; status: number | undefined };

type Parsed = { kind: "json"; value: unknown } | { kind: "not-json" } | { kind: "broken" };

function parseJson(text: string, contentType: string | null): Parsed {
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? "")) return { kind: "not-json" };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "broken" };
  }
}
