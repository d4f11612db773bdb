import { once } from "node:events";
import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from "discord-api-types/v10";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { APPLICATION, GUILD, snowflake } from "../interactions.ts";

export interface GatewayOptions {
  botToken: string;
  heartbeatIntervalMs?: number;
  /** Whether the Message Content intent is switched on in the developer portal. */
  allowsMessageContent?: boolean;
  /** How many sessions may still be begun today. */
  remaining?: number;
}

interface GatewayConnection {
  /** A session is open on it. */
  isOpen: boolean;
  heartbeats: number;
  /** Of the close that it ended with. */
  closeCode?: number;
}

export interface GatewaySandbox {
  url: string;
  /** For the option of the same name of `startDiscord`. */
  information: () => { url: string; remaining: number; resetAfterMs: number };
  /** Every connection there was, oldest first. */
  connections: GatewayConnection[];
  /** How sessions were begun and taken up again, in order. */
  openings: ("identify" | "resume")[];
  /** How many connections listen now. */
  listeners(): number;
  /** What no well-behaved client does. */
  violations: string[];
  /** Sends an event to every session, now or when it is resumed. */
  dispatch(type: string, data: object): void;
  /** No heartbeat is acknowledged from now on, and no event sent, as when a connection has died unnoticed. */
  falter(): void;
  /** The end of that, for connections that come. */
  recover(): void;
  /** Asks every client to connect again. */
  reconnect(): void;
  /** Says that the session is over, or (`resumable`) may be resumed. */
  invalidate(options: { resumable: boolean }): void;
  /** Forgets all sessions, so that none can be resumed. */
  forget(): void;
  /** Ends every connection with a code; 0 cuts it without one. */
  drop(code: number): void;
  close(): Promise<void>;
}

interface Session {
  id: string;
  intents: number;
  /** At index n the event with the number n + 1. */
  events: { type: string; data: object }[];
  socket: WebSocket | undefined;
}

const Payload = z.discriminatedUnion("op", [
  z.object({ op: z.literal(GatewayOpcodes.Heartbeat), d: z.number().nullable() }),
  z.object({
    op: z.literal(GatewayOpcodes.Identify),
    d: z.object({
      token: z.string(),
      intents: z.number(),
      properties: z.object({ os: z.string(), browser: z.string(), device: z.string() }),
      shard: z.tuple([z.literal(0), z.literal(1)]),
    }),
  }),
  z.object({
    op: z.literal(GatewayOpcodes.Resume),
    d: z.object({ token: z.string(), session_id: z.string(), seq: z.number() }),
  }),
]);

/**
 * A stand-in for Discord's gateway on a free port of the loopback address: sessions with their events, resumed with
 * what was missed, and everything that Discord does to a connection.
 * @see https://discord.com/developers/docs/events/gateway
 */
export async function startGatewaySandbox({
  botToken,
  heartbeatIntervalMs = 45_000,
  allowsMessageContent = true,
  remaining = 1000,
}: GatewayOptions): Promise<GatewaySandbox> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = `ws://127.0.0.1:${port}`;
  const sessions = new Map<string, Session>();
  const connections: GatewayConnection[] = [];
  const openings: ("identify" | "resume")[] = [];
  const byWhom = new WeakMap<WebSocket, GatewayConnection>();
  const violations: string[] = [];
  let left = remaining;
  const faltering = new WeakSet<WebSocket>();
  let falters = false;

  server.on("connection", (socket, request) => {
    const connection: GatewayConnection = { isOpen: false, heartbeats: 0 };
    connections.push(connection);
    byWhom.set(socket, connection);
    if (falters) faltering.add(socket);
    const query = new URL(request.url ?? "/", url).searchParams;
    if (query.get("v") !== "10" || query.get("encoding") !== "json")
      violations.push(`connected with ${query}`);
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      connection.closeCode = code;
      for (const session of sessions.values()) {
        if (session.socket !== socket) continue;
        session.socket = undefined;
        // Discord ends the session of a client that leaves for good.
        if (code === 1000 || code === 1001) sessions.delete(session.id);
      }
    });
    socket.on("message", (text) => receive(socket, connection, String(text)));
    send(socket, { op: GatewayOpcodes.Hello, d: { heartbeat_interval: heartbeatIntervalMs } });
  });

  function receive(socket: WebSocket, connection: GatewayConnection, text: string) {
    const parsed = Payload.safeParse(JSON.parse(text));
    if (!parsed.success) {
      violations.push(`${text.slice(0, 100)}: ${z.prettifyError(parsed.error)}`);
      return socket.close(GatewayCloseCodes.DecodeError);
    }
    const { op, d } = parsed.data;
    if (op === GatewayOpcodes.Heartbeat) {
      connection.heartbeats += 1;
      if (!faltering.has(socket)) send(socket, { op: GatewayOpcodes.HeartbeatAck });
      return;
    }
    if (connection.isOpen) return socket.close(GatewayCloseCodes.AlreadyAuthenticated);
    connection.isOpen = true;
    openings.push(op === GatewayOpcodes.Identify ? "identify" : "resume");
    if (d.token !== botToken) return socket.close(GatewayCloseCodes.AuthenticationFailed);
    if (op === GatewayOpcodes.Resume) return resume(socket, d);

    left -= 1;
    if ((d.intents & GatewayIntentBits.MessageContent) !== 0 && !allowsMessageContent)
      return socket.close(GatewayCloseCodes.DisallowedIntents);
    const session: Session = { id: snowflake(), intents: d.intents, events: [], socket };
    sessions.set(session.id, session);
    add(session, "READY", {
      ...{ v: 10, session_id: session.id, resume_gateway_url: url, shard: [0, 1], guilds: [] },
      user: { id: APPLICATION, username: "ClaudeTools", bot: true },
      application: { id: APPLICATION, flags: 0 },
    });
    add(session, "GUILD_CREATE", { id: GUILD, channels: [], threads: [] });
  }

  function resume(socket: WebSocket, { session_id, seq }: { session_id: string; seq: number }) {
    const session = sessions.get(session_id);
    if (!session) return send(socket, { op: GatewayOpcodes.InvalidSession, d: false });
    if (seq > session.events.length) return socket.close(GatewayCloseCodes.InvalidSeq);
    session.socket = socket;
    for (let index = seq; index < session.events.length; index += 1) deliver(session, index);
    add(session, "RESUMED", {});
  }

  function add(session: Session, type: string, data: object): void {
    session.events.push({ type, data });
    deliver(session, session.events.length - 1);
  }

  function deliver({ socket, events, intents }: Session, index: number): void {
    const event = events[index];
    if (!socket || !event || faltering.has(socket)) return;
    const { type, data } = event;
    send(socket, { op: GatewayOpcodes.Dispatch, t: type, s: index + 1, d: asSeenWith(intents, type, data) });
  }

  function send(socket: WebSocket, payload: object): void {
    socket.send(JSON.stringify(payload));
  }

  const open = () => [...sessions.values()].flatMap(({ socket }) => socket ?? []);

  return {
    url,
    information: () => ({ url, remaining: left, resetAfterMs: 3_600_000 }),
    connections,
    openings,
    listeners: () => open().length,
    violations,
    dispatch(type, data) {
      for (const session of sessions.values()) add(session, type, data);
    },
    falter() {
      falters = true;
      for (const socket of server.clients) faltering.add(socket);
    },
    recover() {
      falters = false;
    },
    reconnect() {
      for (const socket of open()) send(socket, { op: GatewayOpcodes.Reconnect, d: null });
    },
    invalidate({ resumable }) {
      for (const session of sessions.values()) {
        const { socket } = session;
        session.socket = undefined;
        const connection = socket && byWhom.get(socket);
        if (connection) connection.isOpen = false;
        if (socket) send(socket, { op: GatewayOpcodes.InvalidSession, d: resumable });
      }
      if (!resumable) sessions.clear();
    },
    forget() {
      sessions.clear();
    },
    drop(code) {
      for (const socket of server.clients) {
        if (code === 0) socket.terminate();
        else socket.close(code);
      }
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

const Message = z.looseObject({
  mentions: z.array(z.object({ id: z.string() })),
  author: z.object({ id: z.string() }),
});

/** Without the Message Content intent, the text of what does not concern the bot is left out. */
function asSeenWith(intents: number, type: string, data: object): object {
  if (type !== "MESSAGE_CREATE" || (intents & GatewayIntentBits.MessageContent) !== 0) return data;
  const message = Message.safeParse(data);
  if (!message.success) return data;
  const concerns =
    message.data.author.id === APPLICATION || message.data.mentions.some(({ id }) => id === APPLICATION);
  return concerns ? data : { ...data, content: "", embeds: [], attachments: [], components: [] };
}
