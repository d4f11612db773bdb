import { CheckError } from "./check-error.ts";
import { type Limit, throttled } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";

/** Consecutive failures other than throttling after which a request is given up. */
const MAX_FAILURES = 4;

export interface FetchJsonOptions {
  clock: RunClock;
  limit: Limit;
  /** For sentences: "Microsoft Graph". */
  service: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  /** A string is JSON. */
  body?: URLSearchParams | string;
}

export interface JsonAnswer {
  status: number;
  /** `undefined` for an answer without a body. */
  body: unknown;
}

type Attempt =
  | { kind: "json"; status: number; body: unknown; retryAfterMs: number | undefined }
  | { kind: "not-json"; status: number; retryAfterMs: number | undefined }
  | { kind: "redirect"; status: number }
  | { kind: "no-answer"; cause: unknown };

/**
 * One request, repeated where that helps: 429 for as long as there is time, exactly after `Retry-After` where that
 * is given; 5xx and broken connections a few times. Every other answer comes back, errors included.
 *
 * Safe to repeat only because all that we send are reads and token requests.
 * @throws {CheckError} if no JSON answer could be had.
 * @see https://learn.microsoft.com/graph/throttling
 */
export async function fetchJson(url: URL, options: FetchJsonOptions): Promise<JsonAnswer> {
  const { clock, limit, service } = options;
  for (let failures = 0, throttles = 0; ; ) {
    const attempt = await limit.pass(() => send(url, options));
    clock.check();
    if (attempt.kind === "redirect") throw redirected(service, attempt.status);

    const status = attempt.kind === "no-answer" ? undefined : attempt.status;
    const retryAfterMs = attempt.kind === "no-answer" ? undefined : attempt.retryAfterMs;
    if (status === 429) {
      throttles += 1;
      const waitMs = retryAfterMs ?? backoffMs(throttles);
      if (retryAfterMs !== undefined) limit.closeUntil(clock.now() + retryAfterMs);
      if (!(await clock.pause(waitMs))) throw throttled();
    } else if (status === undefined || status >= 500) {
      failures += 1;
      const gaveUp = failures >= MAX_FAILURES || !(await clock.pause(retryAfterMs ?? backoffMs(failures)));
      if (gaveUp)
        throw attempt.kind === "no-answer"
          ? noAnswer(service, attempt.cause)
          : broken(service, attempt.status);
    } else if (attempt.kind === "json") {
      return { status: attempt.status, body: attempt.body };
    } else {
      throw notJson(service, status);
    }
  }
}

async function send(
  url: URL,
  { clock, method = "GET", headers = {}, body }: FetchJsonOptions,
): Promise<Attempt> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { body } : {}),
      // A redirected POST would carry the client secret to wherever the answer says.
      redirect: "manual",
      signal: clock.forOneAnswer(),
    });
    const { status } = response;
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) clock.hearTime(date);
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return { kind: "redirect", status };
    }
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), clock.serverNow());
    const text = await response.text();
    // Exchange refuses without a word; a page of a proxy always has some.
    if (text === "") return { kind: "json", status, body: undefined, retryAfterMs };
    try {
      return { kind: "json", status, body: JSON.parse(text), retryAfterMs };
    } catch {
      return { kind: "not-json", status, retryAfterMs };
    }
  } catch (cause) {
    return { kind: "no-answer", cause };
  }
}

/**
 * Seconds or a date, in milliseconds from now. A little is added, since both clocks round. Nothing to wait for, or
 * nothing readable, is `undefined`: backing off by ourselves is better than to come back at once.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const waitMs = Number.isNaN(seconds) ? Date.parse(header) - nowMs : seconds * 1000;
  return waitMs > 0 ? waitMs + 100 : undefined;
}

/** Doubles up to half a minute; the random half keeps parallel requests from coming back in step. */
function backoffMs(attempt: number): number {
  const ceiling = Math.min(30_000, 1000 * 2 ** (attempt - 1));
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

function noAnswer(service: string, cause: unknown): CheckError {
  const name = errorName(cause);
  if (name === "TimeoutError" || name === "AbortError") {
    return new CheckError("NO_ANSWER", `${service} accepted the request and did not answer in time.`, {
      status: "timeout",
      howToFix: "Run it again in some minutes; see https://status.cloud.microsoft for outages.",
      cause,
    });
  }
  return new CheckError("UNREACHABLE", `${service} could not be reached (${name}).`, {
    status: "error",
    howToFix: "Check this machine's network, DNS and proxy, then run it again.",
    cause,
  });
}

/** `fetch` says only "fetch failed"; what failed is in its cause. */
export function errorName(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown error";
  if (thrown.cause instanceof Error) {
    const { cause } = thrown;
    return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  }
  return thrown.name;
}

function broken(service: string, status: number): CheckError {
  return new CheckError("UNAVAILABLE", `${service} kept answering with HTTP ${status}.`, {
    status: "error",
    howToFix: "Run it again in some minutes; see https://status.cloud.microsoft for outages.",
  });
}

function redirected(service: string, status: number): CheckError {
  return new CheckError(
    "REDIRECTED",
    `${service} answered with a redirect (HTTP ${status}), which is not followed.`,
    {
      status: "error",
      howToFix:
        "Check GRAPH_BASE_URL, LOGIN_BASE_URL and EXCHANGE_BASE_URL, and whether a proxy intercepts the connection.",
    },
  );
}

function notJson(service: string, status: number): CheckError {
  return new CheckError("NOT_JSON", `${service} answered HTTP ${status} with something other than JSON.`, {
    status: "error",
    howToFix: "A proxy or captive portal may be answering in its place; check the network and run it again.",
  });
}
