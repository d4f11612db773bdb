import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { checkMessages } from "./anthropic/check-messages.ts";
import { framesOf, messageOf } from "./anthropic/events.ts";
import type { Fault } from "./anthropic/faults.ts";
import { createPromptCache } from "./anthropic/prompt-cache.ts";
import type { Reply } from "./anthropic/reply.ts";
import { ClaudeRequest } from "./anthropic/request.ts";
import { createThinkingSeal } from "./anthropic/thinking.ts";

/** What the model says, from nothing but what it was sent. */
export type Brain = (request: ClaudeRequest) => Reply;

export interface AnthropicOptions {
  /** Asked when no scripted reply is left. */
  brain?: Brain;
  /** The only ones that exist. */
  models?: string[];
  /** Real: 32 MB. */
  maxBodyBytes?: number;
  /** For the life of cache entries. */
  clock?: () => number;
}

interface LoggedRequest {
  body: ClaudeRequest;
  /** As it came, for tests that hold secrets against it. */
  text: string;
  /** The client closed the connection before the answer was complete. */
  aborted: boolean;
}

export interface AnthropicSandbox {
  url: string;
  apiKey: string;
  /** The next replies, in their order. */
  replies: (Reply | Brain)[];
  /** Each meets one request, in their order; `undefined` lets one through. */
  faults: (Fault | undefined)[];
  /** Those that were legal. */
  requests: LoggedRequest[];
  /** What the real API would have refused, and what no test scripted. Empty after a good test. */
  violations: string[];
  close: () => Promise<void>;
}

const VERSION = "2026-10-21";

interface Refusal {
  status: number;
  type: string;
  message: string;
}

/**
 * A stand-in for `api.anthropic.com` on a free port of the loopback address: the Messages API with its stream of events, strict about what the real one
 * refuses, with the prompt cache's accounting.
 */
export async function startAnthropic({
  brain,
  models = ["claude-sonnet-5-5", "claude-haiku-5-5"],
  maxBodyBytes = 32 * 1024 * 1024,
  clock = Date.now,
}: AnthropicOptions = {}): Promise<AnthropicSandbox> {
  const apiKey = `sk-ant-api03-${randomBytes(24).toString("base64url")}`;
  const account = createPromptCache({ clock });
  const thinking = createThinkingSeal();
  const replies: (Reply | Brain)[] = [];
  const faults: (Fault | undefined)[] = [];
  const requests: LoggedRequest[] = [];
  const violations: string[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    const fault = faults.shift();
    if (fault?.kind === "hang") return;
    if (fault?.kind === "reset") return void request.socket.destroy();
    if (fault?.kind === "status") return sendError(response, fault.status, fault.error, fault.headers);

    const parsed = parse(request, text);
    if (parsed.kind === "refused") {
      violations.push(`${parsed.refusal.status} ${parsed.refusal.message}`);
      return sendError(response, parsed.refusal.status, parsed.refusal);
    }
    const { body } = parsed;
    const logged: LoggedRequest = { body, text, aborted: false };
    requests.push(logged);
    response.once("close", () => {
      logged.aborted = !response.writableFinished;
    });

    const next = replies.shift() ?? brain;
    if (next === undefined) {
      violations.push("no reply was scripted for a request");
      return sendError(response, 500, { type: "api_error", message: "No reply was scripted." });
    }
    const reply = typeof next === "function" ? next(body) : next;
    const usage = account(body);
    const seal = (thought: string) => thinking.seal(thought, body);
    if (!body.stream) return sendJson(response, 200, messageOf(reply, { model: body.model, usage, seal }));

    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "request-id": requestId(),
    });
    for (const frame of framesOf(reply, { model: body.model, usage, seal, fault })) {
      if (frame.kind === "hold") await frame.until;
      else if (frame.kind === "event") await sendEvent(response, frame.data);
      else if (frame.fault.kind === "stall") return;
      else if (frame.fault.kind === "cut") return void request.socket.destroy();
      else if (frame.fault.kind === "stream-error") {
        await sendEvent(response, { type: "error", error: frame.fault.error });
        break;
      }
    }
    response.end();
  }

  function parse(
    request: IncomingMessage,
    text: string,
  ): { kind: "ok"; body: ClaudeRequest } | { kind: "refused"; refusal: Refusal } {
    const refused = (status: number, type: string, message: string) => ({
      kind: "refused" as const,
      refusal: { status, type, message },
    });
    const invalid = (message: string) => refused(400, "invalid_request_error", message);

    if (
      request.method !== "POST" ||
      new URL(request.url ?? "/", "http://localhost").pathname !== "/v1/messages"
    ) {
      return refused(
        404,
        "not_found_error",
        `${request.method} ${request.url} is not a route of the sandbox`,
      );
    }
    // SDK 1.12.0 sends the key as a bearer token.
    const { "x-api-key": key, authorization } = request.headers;
    if (key !== apiKey && authorization !== `Bearer ${apiKey}`) {
      return refused(401, "authentication_error", "invalid x-api-key");
    }
    if (request.headers["anthropic-version"] !== VERSION) {
      return invalid(`anthropic-version: expected ${VERSION}, got ${request.headers["anthropic-version"]}`);
    }
    if (Buffer.byteLength(text) > maxBodyBytes) {
      return refused(413, "request_too_large", "Request exceeds the maximum size");
    }
    // A `\udc00` alone parses as JSON in JavaScript, but is none to the API.
    const json = parseJson(text);
    if (json === undefined) return invalid("The request body is not valid JSON: no low surrogate in string");
    const result = ClaudeRequest.safeParse(json);
    if (!result.success) return invalid(z.prettifyError(result.error));
    const body = result.data;
    if (!models.includes(body.model)) return refused(404, "not_found_error", `model: ${body.model}`);
    const problem = checkMessages(body.messages) ?? checkTools(body) ?? thinking.check(body);
    return problem === undefined ? { kind: "ok", body } : invalid(problem);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push(`the sandbox itself failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";

  return {
    url,
    apiKey,
    replies,
    faults,
    requests,
    violations,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function checkTools({ tools = [], system = [], messages, cache_control }: ClaudeRequest): string | undefined {
  if (new Set(tools.map(({ name }) => name)).size !== tools.length)
    return "tools: Tool names must be unique.";
  const contents = messages.flatMap(({ content }) => content);
  if (tools.length === 0 && contents.some(({ type }) => type === "tool_use")) {
    return "tools: Requests with `tool_use` blocks must define tools.";
  }
  const marks = [...tools, ...system, ...contents].filter(
    (block) => "cache_control" in block && block.cache_control,
  );
  if (marks.length + (cache_control ? 1 : 0) > 4) {
    return "A maximum of 4 blocks with cache_control may be provided.";
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => {
      if (typeof value === "string" && /\p{Cs}/u.test(value)) throw new Error("lone surrogate");
      return value;
    });
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function requestId(): string {
  return `req_${randomBytes(12).toString("hex")}`;
}

/** Waits until the socket has taken it, so that a stream that is cut right after has arrived until there. */
function sendEvent(
  response: ServerResponse,
  data: { type: string; [field: string]: unknown },
): Promise<void> {
  return new Promise((resolve) => {
    response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`, () => setImmediate(resolve));
  });
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": requestId(), ...headers });
  response.end(JSON.stringify(body));
}

/** @see https://platform.claude.com/docs/en/api/errors */
function sendError(
  response: ServerResponse,
  status: number,
  { type, message, details }: { type: string; message: string; details?: Record<string, unknown> },
  headers?: Record<string, string>,
): void {
  sendJson(
    response,
    status,
    { type: "error", error: { type, message, ...(details && { details }) } },
    headers,
  );
}
