import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ChannelType, MessageFlags } from "discord-api-types/v10";
import { z } from "zod";
import { APPLICATION, CHANNEL, snowflake, TECH_USER } from "../interactions.ts";
import {
  type Fault,
  faults as known,
  type RouteName,
  type ScriptedFault,
  takeFault,
} from "./discord/faults.ts";
import {
  applyPayload,
  createMessage,
  type MessageOrigin,
  type SandboxFile,
  type SandboxMessage,
  toMessageObject,
} from "./discord/messages.ts";
import {
  checkCommands,
  checkDirectMessageChannel,
  checkMessage,
  checkThread,
  MessagePayload,
  type PayloadKind,
} from "./discord/payload.ts";

export interface DiscordOptions {
  applicationId?: string;
  botToken?: string;
  /** Read for the 15 minutes of an interaction's token. A test may turn it forward in place of waiting. */
  clock?: () => number;
  /** One upload; more is answered 413. Discord's default is 10 MiB. */
  attachmentLimitBytes?: number;
  /** Port to listen on. Default: a free one. */
  port?: number;
  /** What `GET /gateway/bot` says; see `startGateway`. */
  gateway?: () => { url: string; remaining: number; resetAfterMs: number };
}

/** In the shape of a real one. */
export const BOT_TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMw.GcAnAr.sandbox-bot-token-canary-0123456789abcd";

interface OpenInteraction {
  id: string;
  token: string;
  channelId: string;
  userId: string;
}

interface DiscordCall {
  route: RouteName | "unknown";
  method: string;
  /** Path and query, with the interaction's token in it. */
  url: string;
  authorised: boolean;
  payload: unknown;
  files: SandboxFile[];
  status: number | "none";
  /** In `performance.now()`. */
  receivedAt: number;
}

interface DiscordEvent {
  kind: "message" | "edit";
  message: SandboxMessage;
  /** The token of the interaction that it belongs to. */
  interactionToken?: string;
}

export interface DiscordSandbox {
  /** For `DISCORD_API_URL`, without a version. */
  url: string;
  applicationId: string;
  botToken: string;
  /** Everything that was asked, oldest first. */
  calls: DiscordCall[];
  /** Everything that people can see, oldest first; deleted messages too. */
  messages: SandboxMessage[];
  /** What no well-behaved bot does: unknown routes, bodies against the schema, pings. Empty after a good test. */
  violations: string[];
  /** By id, which is that of the message it began with. A test may archive, lock or delete one. */
  threads: Map<string, Thread>;
  /** Push to make the next requests fail. */
  faults: ScriptedFault[];
  /** The commands of each scope: `global` or a guild's id. */
  commands: Map<string, unknown[]>;
  /** Makes an interaction known, as when Discord sends it. Its webhook exists once it is `deferred`. */
  openInteraction(interaction?: Partial<OpenInteraction>): OpenInteraction;
  /** The deferral has reached Discord: "… is thinking" appears. */
  deferred(token: string, options?: { ephemeral?: boolean }): SandboxMessage;
  /** The webhook answered with a message, which edits may change. */
  answered(token: string, options: { content: string; ephemeral: boolean }): SandboxMessage;
  /** The click was taken with an update: the message that was clicked is what edits change. */
  clicked(token: string, messageId: string): void;
  /** A person writes a message; a thread can be opened from it. Returns its id. */
  say(message?: { id?: string; channelId?: string }): string;
  /** The original response, as it is now. */
  original(token: string): SandboxMessage | undefined;
  /** A person deletes a message. */
  deleteMessage(id: string): void;
  /** Ends an interaction's token before its 15 minutes. */
  expire(token: string): void;
  /** This user takes no direct messages. */
  closeDirectMessages(userId: string): void;
  /** Called for each new message and each edit. Returns its end. */
  on(listener: (event: DiscordEvent) => void): () => void;
  close(): Promise<void>;
}

interface Thread {
  id: string;
  /** Of the message that it began with. */
  parentId: string;
  name: string;
  archived: boolean;
  /** Only a moderator may open it again. */
  locked: boolean;
  deleted: boolean;
}

interface Interaction extends OpenInteraction {
  expired: boolean;
  original?: SandboxMessage;
}

interface Request {
  line: string;
  body: unknown;
  files: SandboxFile[];
}

interface Answer {
  status: number;
  body?: unknown;
}
type Matched = { name: RouteName; answer: (request: Request) => Answer } | undefined;

const TOKEN_LIFETIME_MS = 15 * 60_000;
const REQUEST_MAX_BYTES = 25 * 1024 * 1024;
const USER_AGENT = /^DiscordBot \(https?:\/\/\S+, \S+\)/;

/**
 * A stand-in for Discord's REST API on a free port of the loopback address. It holds messages as Discord does,
 * refuses what Discord refuses, and notes what a bot should not have sent.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding
 */
export async function startDiscord({
  applicationId = APPLICATION,
  botToken = BOT_TOKEN,
  clock = Date.now,
  attachmentLimitBytes = 10 * 1024 * 1024,
  port = 0,
  gateway,
}: DiscordOptions = {}): Promise<DiscordSandbox> {
  const interactions = new Map<string, Interaction>();
  const directMessages = new Map<string, string>();
  const closedTo = new Set<string>();
  const said = new Map<string, string>();
  const nonces = new Map<string, SandboxMessage>();
  const limitedUntil = new Map<string, number>();
  const listeners = new Set<(event: DiscordEvent) => void>();
  const calls: DiscordCall[] = [];
  const messages: SandboxMessage[] = [];
  const violations: string[] = [];
  const faults: ScriptedFault[] = [];
  const commands = new Map<string, unknown[]>();
  const threads = new Map<string, Thread>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const line = `${method} ${url}`;
    const matched = match(method, new URL(url, "http://localhost").pathname);
    const { body, files, sizeBytes } = await readBody(request);
    const authorised = request.headers.authorization === `Bot ${botToken}`;
    const call: DiscordCall = {
      route: matched?.name ?? "unknown",
      ...{ method, url, authorised, payload: body, files, status: "none", receivedAt: performance.now() },
    };
    calls.push(call);

    const answer = (): Answer => {
      if (!matched) {
        violations.push(`${line} is not a route of the sandbox`);
        return error(404, 0, "404: Not Found");
      }
      checkHeaders(request, matched.name);
      if (needsBot(matched.name) && !authorised) return error(401, 0, "401: Unauthorized");
      const tooLarge = files.some(({ bytes }) => bytes.length > attachmentLimitBytes);
      if (tooLarge || sizeBytes > REQUEST_MAX_BYTES) return known.tooLarge;
      return matched.answer({ line, body, files });
    };

    const early = (limitedUntil.get(call.route) ?? 0) - performance.now();
    // Timers and clocks differ by a millisecond or so.
    if (early > 5) violations.push(`${line} came back ${Math.ceil(early)} ms before Retry-After`);

    const fault = matched && takeFault(faults, matched.name);
    if (fault === "hang-after-effect") answer();
    if (fault === "hang" || fault === "hang-after-effect") return;
    if (fault?.afterEffect) answer();
    const given: Fault = fault ?? answer();

    const retryAfter = Number(given.headers?.["retry-after"]);
    if (retryAfter > 0) limitedUntil.set(call.route, performance.now() + retryAfter * 1000);
    call.status = given.status;
    const text = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {});
    response.writeHead(given.status, { "content-type": "application/json", ...given.headers });
    response.end(given.status === 204 ? undefined : text);
  }

  function checkHeaders(request: IncomingMessage, route: RouteName): void {
    // https://discord.com/developers/docs/reference#user-agent
    if (!USER_AGENT.test(request.headers["user-agent"] ?? ""))
      violations.push(`${route}: not a bot's User-Agent`);
    if (!needsBot(route) && request.headers.authorization !== undefined) {
      violations.push(`${route}: Authorization on a route that the interaction's token opens`);
    }
  }

  function match(method: string, path: string): Matched {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    const [api, version, root, first = "", second = "", third, fourth] = parts;
    if (api !== "api" || version !== "v10") return undefined;

    if (root === "webhooks" && parts.length === 5 && method === "POST") {
      return { name: "follow-up", answer: (request) => followUp(first, second, request) };
    }
    if (root === "webhooks" && third === "messages" && fourth !== undefined && parts.length === 7) {
      const suffix = fourth === "@original" ? "original" : "follow-up";
      const names: Record<string, RouteName> = {
        PATCH: `edit-${suffix}`,
        GET: `get-${suffix}`,
        DELETE: `delete-${suffix}`,
      };
      const name = names[method];
      return name && { name, answer: (request) => webhookMessage(method, [first, second, fourth], request) };
    }
    if (root === "channels" && second === "messages" && parts.length === 5 && method === "POST") {
      return { name: "post-message", answer: (request) => postMessage(first, request) };
    }
    if (root === "channels" && second === "messages" && parts.length === 6 && method === "PATCH") {
      return { name: "edit-message", answer: (request) => editMessage(first, third ?? "", request) };
    }
    if (root === "channels" && fourth === "threads" && parts.length === 7 && method === "POST") {
      return { name: "open-thread", answer: (request) => openThread(first, third ?? "", request) };
    }
    if (root === "channels" && parts.length === 4 && method === "PATCH") {
      return { name: "edit-channel", answer: (request) => editChannel(first, request) };
    }
    if (root === "channels" && second === "messages" && parts.length === 6 && method === "GET") {
      return { name: "get-message", answer: () => getMessage(first, third ?? "") };
    }
    if (root === "channels" && parts.length === 4 && method === "GET") {
      const type = threads.has(first) ? ChannelType.PublicThread : ChannelType.GuildText;
      return { name: "get-channel", answer: () => ({ status: 200, body: { id: first, type } }) };
    }
    if (path === "/api/v10/gateway/bot" && method === "GET" && gateway) {
      return { name: "get-gateway-bot", answer: () => gatewayBot(gateway()) };
    }
    if (path === "/api/v10/users/@me/channels" && method === "POST") {
      return { name: "open-direct-messages", answer: (request) => openDirectMessages(request) };
    }
    const scope = /^\/api\/v10\/applications\/\d+\/(?:guilds\/(\d+)\/)?commands$/.exec(path);
    if (path === "/api/v10/gateway" && method === "GET") {
      return { name: "get-gateway", answer: () => ({ status: 200, body: { url: "wss://gateway.invalid" } }) };
    }
    if (scope && method === "GET") {
      return {
        name: "get-commands",
        answer: () => ({ status: 200, body: commands.get(scope[1] ?? "global") ?? [] }),
      };
    }
    if (scope && method === "PUT") {
      return { name: "put-commands", answer: (request) => putCommands(scope[1], request) };
    }
    return undefined;
  }

  function webhookMessage(method: string, [app, token, id]: [string, string, string], request: Request) {
    const interaction = findInteraction(app, token);
    if ("status" in interaction) return interaction;
    const message = id === "@original" ? interaction.original : messages.find((other) => other.id === id);
    if (!message || message.deleted) return known.unknownMessage;

    if (method === "DELETE") {
      message.deleted = true;
      return { status: 204 };
    }
    return method === "GET" ? shown(message) : change(message, "webhook-edit", request, token);
  }

  function followUp(app: string, token: string, request: Request) {
    const interaction = findInteraction(app, token);
    if ("status" in interaction) return interaction;
    const { original, channelId, userId } = interaction;
    // The trap: right after a deferral a follow-up becomes the original response, as public or private as that is.
    if (original?.loading && !original.deleted) return change(original, "webhook-post", request, token);

    const flags = MessagePayload.safeParse(request.body).data?.flags ?? 0;
    const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
    return create({ channelId, userId, ephemeral, route: "follow-up" }, "webhook-post", request, token);
  }

  function postMessage(channelId: string, request: Request) {
    const userId = [...directMessages].find(([, channel]) => channel === channelId)?.[0];
    if (userId !== undefined && closedTo.has(userId)) return known.cannotDirectMessage;
    const route = userId === undefined ? "channel" : "direct-message";
    const origin = { channelId, route, ephemeral: false, ...(userId !== undefined && { userId }) } as const;

    const { nonce, enforce_nonce } = MessagePayload.safeParse(request.body).data ?? {};
    const existing = nonces.get(String(nonce));
    if (nonce !== undefined && enforce_nonce && existing) return shown(existing);
    const before = messages.length;
    const answer = create(origin, "channel-post", request);
    const message = messages[before];
    if (nonce !== undefined && message) nonces.set(String(nonce), message);
    return answer;
  }

  function editMessage(channelId: string, id: string, request: Request) {
    const message = messages.find((other) => other.id === id && other.channelId === channelId);
    // A bot cannot see an ephemeral message outside of its interaction.
    if (!message || message.deleted || message.ephemeral) return known.unknownMessage;
    return change(message, "channel-edit", request);
  }

  function openThread(channelId: string, messageId: string, { line, body }: Request) {
    const problems = checkThread(body);
    if (problems.length > 0) return refuse(line, problems);
    const message = messages.find((other) => other.id === messageId && other.channelId === channelId);
    const isOurs = message && !message.deleted && !message.ephemeral;
    if (!isOurs && said.get(messageId) !== channelId) return known.unknownMessage;
    if (threads.has(messageId)) return known.threadExists;
    const { name } = z.object({ name: z.string() }).parse(body);
    const state = { archived: false, locked: false, deleted: false };
    threads.set(messageId, { id: messageId, parentId: channelId, name, ...state });
    return { status: 201, body: { id: messageId, type: 11, parent_id: channelId, name } };
  }

  function editChannel(id: string, { line, body }: Request) {
    const thread = threads.get(id);
    if (!thread || thread.deleted) return known.unknownChannel;
    if (thread.locked) return known.missingPermissions;
    const change = z.strictObject({ archived: z.boolean() }).safeParse(body);
    if (!change.success) return refuse(line, [z.prettifyError(change.error)]);
    thread.archived = change.data.archived;
    return { status: 200, body: { id, type: 11, name: thread.name } };
  }

  /** What Discord says to a message in a thread that is closed. */
  function closedThread(channelId: string): Answer | undefined {
    const thread = threads.get(channelId);
    if (thread?.deleted) return known.unknownChannel;
    return thread?.archived ? known.archivedThread : undefined;
  }

  function getMessage(channelId: string, id: string) {
    const message = messages.find((other) => other.id === id && other.channelId === channelId);
    return !message || message.deleted || message.ephemeral ? known.unknownMessage : shown(message);
  }

  function openDirectMessages({ line, body }: Request) {
    const problems = checkDirectMessageChannel(body);
    if (problems.length > 0) return refuse(line, problems);
    const { recipient_id } = z.object({ recipient_id: z.string() }).parse(body);
    const id = directMessages.get(recipient_id) ?? snowflake();
    directMessages.set(recipient_id, id);
    return { status: 200, body: { id, type: 1, last_message_id: null, flags: 0, recipients: [] } };
  }

  function putCommands(guild: string | undefined, { line, body }: Request) {
    const problems = checkCommands(body);
    if (problems.length > 0 || !Array.isArray(body)) return refuse(line, problems);
    const stored: unknown[] = body.map((command: object) => ({
      id: snowflake(),
      application_id: applicationId,
      version: snowflake(),
      type: 1,
      default_member_permissions: null,
      ...(guild !== undefined && { guild_id: guild }),
      ...command,
    }));
    commands.set(guild ?? "global", stored);
    return { status: 200, body: stored };
  }

  function findInteraction(app: string, token: string): Interaction | { status: number; body?: unknown } {
    const interaction = interactions.get(token);
    if (app !== applicationId || !interaction?.original) return known.unknownWebhook;
    const startedAt = Number(BigInt(interaction.id) >> 22n) + 1_420_070_400_000;
    const isOver = interaction.expired || clock() >= startedAt + TOKEN_LIFETIME_MS;
    return isOver ? known.tokenExpired : interaction;
  }

  function create(
    origin: Omit<MessageOrigin, "id" | "createdAt">,
    kind: PayloadKind,
    request: Request,
    interactionToken?: string,
  ) {
    const closed = closedThread(origin.channelId);
    if (closed) return closed;
    const problems = checkMessage(kind, request.body, request.files.length);
    if (problems.length > 0) return refuse(request.line, problems);
    const message = createMessage({ ...origin, id: snowflake(), createdAt: clock() });
    applyPayload(message, MessagePayload.parse(request.body), request.files);
    messages.push(message);
    emit({ kind: "message", message, ...(interactionToken && { interactionToken }) });
    return shown(message);
  }

  function change(message: SandboxMessage, kind: PayloadKind, request: Request, interactionToken?: string) {
    const closed = closedThread(message.channelId);
    if (closed) return closed;
    const problems = checkMessage(kind, request.body, request.files.length);
    if (problems.length > 0) return refuse(request.line, problems);
    applyPayload(message, MessagePayload.parse(request.body), request.files);
    message.editedAt = clock();
    emit({ kind: "edit", message, ...(interactionToken && { interactionToken }) });
    return shown(message);
  }

  function refuse(line: string, problems: string[]) {
    violations.push(...problems.map((problem) => `${line}: ${problem}`));
    const errors = { _errors: problems.map((message) => ({ code: "SANDBOX", message })) };
    return { status: 400, body: { message: "Invalid Form Body", code: 50035, errors } };
  }

  function emit(event: DiscordEvent): void {
    for (const listener of listeners) listener(event);
  }

  const shown = (message: SandboxMessage) => ({ status: 200, body: toMessageObject(message, applicationId) });

  function registered(token: string): Interaction {
    const interaction = interactions.get(token);
    if (!interaction) throw new Error("Expected the token of an interaction that was opened");
    return interaction;
  }

  function respond(
    token: string,
    ephemeral: boolean,
    fill: (message: SandboxMessage) => void,
  ): SandboxMessage {
    const interaction = registered(token);
    const { channelId, userId } = interaction;
    const origin = { channelId, userId, ephemeral, route: "original" } as const;
    const message = createMessage({ ...origin, id: snowflake(), createdAt: clock() });
    fill(message);
    interaction.original = message;
    messages.push(message);
    emit({ kind: "message", message, interactionToken: token });
    return message;
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((thrown: unknown) => {
      violations.push(`${request.method} ${request.url}: ${String(thrown)}`);
      response.writeHead(500).end();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = z.object({ port: z.number() }).parse(server.address());

  return {
    url: `http://127.0.0.1:${address.port}/api`,
    ...{ applicationId, botToken, calls, messages, violations, faults, commands, threads },
    openInteraction({
      id = snowflake(clock()),
      token = canaryToken(id),
      channelId = CHANNEL,
      userId = TECH_USER,
    } = {}) {
      const interaction = { id, token, channelId, userId };
      interactions.set(token, { ...interaction, expired: false });
      return interaction;
    },
    deferred(token, { ephemeral = false } = {}) {
      return respond(token, ephemeral, (message) => {
        message.loading = true;
        message.flags |= MessageFlags.Loading;
      });
    },
    answered(token, { content, ephemeral }) {
      return respond(token, ephemeral, (message) => {
        message.content = content;
      });
    },
    clicked(token, messageId) {
      const message = messages.find(({ id }) => id === messageId);
      // A test may click on a button without the message below which it stands.
      if (message !== undefined) registered(token).original = message;
    },
    say({ id = snowflake(clock()), channelId = CHANNEL } = {}) {
      said.set(id, channelId);
      return id;
    },
    original: (token) => interactions.get(token)?.original,
    deleteMessage(id) {
      said.delete(id);
      for (const message of messages) if (message.id === id) message.deleted = true;
    },
    expire(token) {
      registered(token).expired = true;
    },
    closeDirectMessages(userId) {
      closedTo.add(userId);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const BOT_ROUTES = new Set<RouteName>([
  "post-message",
  "edit-message",
  "open-thread",
  "edit-channel",
  "get-message",
  "get-channel",
  "get-gateway-bot",
  "open-direct-messages",
  "get-commands",
  "put-commands",
]);
const needsBot = (route: RouteName) => BOT_ROUTES.has(route);

/** @see https://discord.com/developers/docs/events/gateway#get-gateway-bot */
const gatewayBot = ({
  url,
  remaining,
  resetAfterMs,
}: {
  url: string;
  remaining: number;
  resetAfterMs: number;
}) => ({
  status: 200,
  body: {
    url,
    shards: 1,
    session_start_limit: { total: 1000, remaining, reset_after: resetAfterMs, max_concurrency: 1 },
  },
});

const error = (status: number, code: number, message: string) => ({ status, body: { message, code } });

/** Looks like Discord's, so that what redacts them is tested by what it will meet. */
function canaryToken(id: string): string {
  const key = `${id}-canary`.padEnd(60, "k");
  return Buffer.from(`interaction:${id}:${key}`).toString("base64url");
}

async function readBody(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const raw = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data"))
    return { ...(await readMultipart(raw, type)), sizeBytes: raw.length };
  return { body: raw.length === 0 ? undefined : parseJson(raw.toString()), files: [], sizeBytes: raw.length };
}

/** @see https://discord.com/developers/docs/reference#uploading-files */
async function readMultipart(raw: Buffer, type: string): Promise<{ body: unknown; files: SandboxFile[] }> {
  const form = await new Response(new Uint8Array(raw), { headers: { "content-type": type } }).formData();
  const body = parseJson(String(form.get("payload_json") ?? "{}"));
  const described = MessagePayload.safeParse(body).data?.attachments ?? [];
  const files: SandboxFile[] = [];
  for (let index = 0; ; index += 1) {
    const file = form.get(`files[${index}]`);
    if (file === null || typeof file === "string") return { body, files };
    const description = described.find(({ id }) => id === String(index))?.description;
    files.push({
      filename: file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
      ...(description !== undefined && { description }),
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
