import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { redact } from "../../src/redact.ts";
import { moment } from "../moment.ts";
import { stripUnseen } from "./redact-record.ts";
import { isSecretName } from "./secret-names.ts";

export interface ProblemContext {
  /** Of the call, for example `GET /api/clients/7`. */
  line: string;
  /** Whether the call may have changed something before it failed. */
  isWrite: boolean;
  /** When our token ends, in milliseconds since 1970. `undefined`: not known. `"none"`: we have no token. */
  tokenExpiresAtMs: number | undefined | "none";
  /** Milliseconds since 1970. */
  nowMs: number;
  /** Our own secrets, removed from what is quoted. */
  known: readonly string[];
}

/** By which a server says that it did not do it. Not 408, nor what proxies make up: they give up on what may go on. */
const REFUSALS = [400, 401, 403, 404, 405, 409, 410, 411, 412, 413, 414, 415, 421, 422, 423, 428, 429, 431];
/** "Ask over there", before anything was done. 302 and 303 also mean "done, see there". */
const NOT_HERE = [301, 307, 308];

export function refusedUntouched(status: number): boolean {
  return REFUSALS.includes(status) || NOT_HERE.includes(status);
}

/** @param name - Of the error. Without a connection no request has left. */
export function neverLeft(name: string): boolean {
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].includes(name);
}

/** FastAPI's `HTTPException`, and its validation errors. @see https://fastapi.tiangolo.com/tutorial/handling-errors/ */
const ErrorBody = z.object({ detail: z.union([z.string(), z.array(z.unknown())]) });
// `input` and `ctx` are left out: they repeat what was sent, a secret too.
const FieldProblem = z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() });

/** What an error status of the API means for whoever asked. Quotes little of it, and nothing that is not JSON. */
export function statusProblem(status: number, body: unknown, context: ProblemContext): AppError {
  const said = ErrorBody.safeParse(body);
  const detail =
    said.success && typeof said.data.detail === "string" ? quote(said.data.detail, context) : undefined;
  const says = detail === undefined ? "." : `: ${detail.replace(/[.!?]$/, "")}.`;
  const { line } = context;
  const fate = fateOf(context, refusedUntouched(status));

  if (status === 401 || (status === 403 && isTokenOver(context))) {
    return new AppError("CLAUDETOOLS_UNAUTHENTICATED", tokenRefused(context) + fate);
  }
  if (status === 403) {
    return new AppError(
      "CLAUDETOOLS_FORBIDDEN",
      `ClaudeTools does not let the bot's token do ${line}${says}${fate} Give the token's user that right in ClaudeTools, or do it there yourself.`,
    );
  }
  if (status === 404) {
    return new AppError(
      "CLAUDETOOLS_NOT_FOUND",
      `ClaudeTools has nothing at ${line}${says}${fate} Check the id, or list the records first.`,
    );
  }
  if (status === 422) {
    const fields =
      said.success && Array.isArray(said.data.detail) ? fieldProblems(said.data.detail, context) : [];
    const list = fields.length === 0 ? says : `: ${fields.join("; ")}.`;
    return new AppError(
      "CLAUDETOOLS_INVALID",
      `ClaudeTools did not accept ${line}${list}${fate} Correct that and ask again.`,
    );
  }
  if (status === 429) {
    return new AppError(
      "CLAUDETOOLS_THROTTLED",
      `ClaudeTools takes no more requests for now (HTTP 429).${fate} Wait a minute, then ask again.`,
      { retryable: true },
    );
  }
  if (status >= 500) {
    return new AppError(
      "CLAUDETOOLS_BROKEN",
      `ClaudeTools failed at ${line} (HTTP ${status})${says} ${afterFailure(context, false)} If it stays, look into the log of the API.`,
      { retryable: !context.isWrite },
    );
  }
  return new AppError("CLAUDETOOLS_REFUSED", `ClaudeTools refused ${line} (HTTP ${status})${says}${fate}`);
}

const MAX_FIELDS = 5;

function fieldProblems(details: readonly unknown[], context: ProblemContext): string[] {
  const known = details.flatMap((detail) => FieldProblem.safeParse(detail).data ?? []);
  const lines = known.slice(0, MAX_FIELDS).map(({ loc, msg }) => {
    // A validator of the API's own may repeat the value in its sentence.
    const isSecret = loc.some((part) => isSecretName(String(part)));
    return `${quote(loc.join("."), context)}: ${isSecret ? "is not accepted" : quote(msg, context)}`;
  });
  return known.length > MAX_FIELDS ? [...lines, `and ${known.length - MAX_FIELDS} more`] : lines;
}

const MAX_QUOTE_LENGTH = 200;

/** The API's own words on one line. */
function quote(text: string, { known }: ProblemContext): string {
  const clean = redact(stripUnseen(text.slice(0, 10 * MAX_QUOTE_LENGTH)), known)
    .replace(/\s+/g, " ")
    .trim();
  return clean.length > MAX_QUOTE_LENGTH ? `${clean.slice(0, MAX_QUOTE_LENGTH)}…` : clean;
}

function isTokenOver({ tokenExpiresAtMs, nowMs }: ProblemContext): boolean {
  return tokenExpiresAtMs === "none" || (tokenExpiresAtMs !== undefined && tokenExpiresAtMs <= nowMs);
}

function tokenRefused(context: ProblemContext): string {
  const { tokenExpiresAtMs } = context;
  if (tokenExpiresAtMs === "none") {
    return "ClaudeTools asks for a token, and CLAUDETOOLS_API_KEY is not set. Put one into .env and restart the worker.";
  }
  const renew = "Put a new one into CLAUDETOOLS_API_KEY and restart the worker.";
  if (tokenExpiresAtMs === undefined) return `ClaudeTools does not accept the bot's token. ${renew}`;
  return isTokenOver(context)
    ? `The bot's token for ClaudeTools expired on ${moment(tokenExpiresAtMs)}. ${renew}`
    : `ClaudeTools does not accept the bot's token, though it is good until ${moment(tokenExpiresAtMs)}: it may be revoked, or signed with another key. ${renew}`;
}

/** No answer at all. @param name - Of the error, such as ECONNREFUSED; never its message, which may hold anything. */
export function noAnswerProblem(name: string, context: ProblemContext, cause: unknown): AppError {
  const isLate = name === "TimeoutError" || name === "AbortError";
  const what = isLate
    ? `ClaudeTools did not answer ${context.line} in time.`
    : `ClaudeTools could not be reached (${name}).`;
  const check = isLate
    ? "Look whether the API hangs (its log, its database)."
    : "Check that its machine is on, that this one is in the same network or VPN, and CLAUDETOOLS_API_URL.";
  return new AppError(
    isLate ? "CLAUDETOOLS_TIMEOUT" : "CLAUDETOOLS_UNREACHABLE",
    `${what} ${afterFailure(context, neverLeft(name))} ${check}`,
    { retryable: !context.isWrite, cause },
  );
}

function afterFailure(context: ProblemContext, isUntouched: boolean): string {
  return fateOf(context, isUntouched).trim() || "Nothing was changed; ask again in a minute.";
}

/** What a write that failed has changed, as a sentence to be added. Nothing about a read. */
function fateOf({ isWrite }: ProblemContext, isUntouched: boolean): string {
  if (!isWrite) return "";
  return isUntouched
    ? " Nothing was changed."
    : " It may have been done all the same, so look at the record before you send it again.";
}

export function redirectProblem(
  status: number,
  target: URL | undefined,
  context: ProblemContext,
  origin: string,
): AppError {
  const sameHost = target?.origin === origin;
  const where = sameHost ? `to ${quote(target.pathname, context)}` : "to another host";
  const next = sameHost
    ? "Ask for that path itself."
    : "Check CLAUDETOOLS_API_URL, and whether a proxy stands between: nothing was sent there, the token least of all.";
  return new AppError(
    "CLAUDETOOLS_REDIRECTED",
    `ClaudeTools answered ${context.line} with a redirect ${where} (HTTP ${status}), which the bot does not follow.${fateOf(context, refusedUntouched(status))} ${next}`,
  );
}

export function tooLargeProblem(maxBytes: number, context: ProblemContext): AppError {
  const limit = `${Math.round(maxBytes / 100_000) / 10} MB`;
  return new AppError(
    "CLAUDETOOLS_TOO_LARGE",
    `The answer to ${context.line} has more than ${limit}, so the bot hung up.${fateOf(context, false)} Ask for less: a filter, or a smaller limit.`,
  );
}

/** @param contentType - As the API named it. */
export function notJsonProblem(
  status: number,
  contentType: string | null,
  context: ProblemContext,
): AppError {
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(contentType ?? "")?.[0].toLowerCase();
  const came =
    type === undefined ? "something without a content type" : type === "text/html" ? "an HTML page" : type;
  return new AppError(
    "CLAUDETOOLS_NOT_JSON",
    `Expected JSON from ClaudeTools at ${context.line}, got ${came} (HTTP ${status}).${fateOf(context, false)} A proxy may be answering in its place: check CLAUDETOOLS_API_URL.`,
  );
}

export function brokenJsonProblem(context: ProblemContext): AppError {
  return new AppError(
    "CLAUDETOOLS_BROKEN_JSON",
    `The answer of ClaudeTools to ${context.line} says it is JSON and is not.${fateOf(context, false)} ${context.isWrite ? "If" : "Ask again; if"} it stays, look into the log of the API.`,
    { retryable: !context.isWrite },
  );
}
