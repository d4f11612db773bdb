import { setTimeout as wait } from "node:timers/promises";
import { DiscordAPIError, type REST } from "@discordjs/rest";
import { CloseCodes, WebSocketManager, WebSocketShardEvents } from "@discordjs/ws";
import {
  GatewayCloseCodes,
  type GatewayDispatchPayload,
  type GatewayIntentBits,
} from "discord-api-types/v10";
import { coerceError } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import type { Session } from "./session.ts";

/**
 * Why listening ended.
 * - `stopped`: the signal.
 * - `refused`: Discord will say the same next time, so a person has to act; `reason` is for that person.
 * - `exhausted`: no session may be begun for that long.
 * - `failed`: Discord could not be asked where its gateway is.
 */
export type Ending =
  | { kind: "stopped" }
  | { kind: "refused"; reason: string }
  | { kind: "exhausted"; resetAfterMs: number }
  | { kind: "failed"; reason: string };

export interface ListenOptions {
  rest: REST;
  botToken: string;
  /** @see https://discord.com/developers/docs/events/gateway#gateway-intents */
  intents: GatewayIntentBits;
  session: Session;
  onDispatch(payload: GatewayDispatchPayload): void;
  onConnection(state: "connecting" | "listening"): void;
  log: Log;
  signal: AbortSignal;
  pace?: Pace;
}

/** All in milliseconds; the pauses double from the first to the last. */
export interface Pace {
  /** Between connections that failed. */
  reconnectMs: [first: number, last: number];
  /** Between sessions that are begun anew: Discord allows 1000 a day, and takes the bot token away after that. */
  identifyMs: [first: number, last: number];
}

const PACE: Pace = { reconnectMs: [500, 30_000], identifyMs: [5_000, 15 * 60_000] };

/** Connections that fail in a row before the session is given up with them; the address to resume at may be what fails. */
const FAILURES_OF_A_SESSION = 8;
const CLOSE_WITHIN_MS = 2_000;
const HELLO_WITHIN_MS = 15_000;

const TOKEN_REFUSED =
  "Discord did not take the bot token. Set DISCORD_TOKEN to the one from the developer portal (Bot, Reset Token), and start the worker again.";
const REFUSALS = new Map<number, string>([
  [GatewayCloseCodes.AuthenticationFailed, TOKEN_REFUSED],
  [
    GatewayCloseCodes.DisallowedIntents,
    "Discord does not allow this bot the Message Content intent. Switch it on in the developer portal (Bot, Privileged Gateway Intents), or set DISCORD_MESSAGE_CONTENT=off, and start the worker again.",
  ],
  ...[
    GatewayCloseCodes.InvalidShard,
    GatewayCloseCodes.ShardingRequired,
    GatewayCloseCodes.InvalidAPIVersion,
    GatewayCloseCodes.InvalidIntents,
  ].map((code): [number, string] => [
    code,
    `Discord refused the gateway connection for good (close code ${code}). Update the bot; until then set DISCORD_GATEWAY=off and ask with slash commands.`,
  ]),
]);

/** Listens until there is a reason not to. Interruptions that Discord or the network make are got over in here. */
export async function listen(options: ListenOptions): Promise<Ending> {
  const { rest, botToken, intents, session, onDispatch, onConnection, log, signal, pace = PACE } = options;
  let end: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);

  let connected = false;
  let failures = 0;
  let identifies = 0;
  /** When the next session may be begun, in `performance.now()`. */
  let identifyAt = 0;
  /** The connection broke by an error, and not because Discord closed it. */
  let broken = false;

  const manager = new WebSocketManager({
    ...{ rest, intents, token: botToken, shardCount: 1, shardIds: [0], helloTimeout: HELLO_WITHIN_MS },
    async retrieveSessionInfo() {
      // The one place where the library can be made to wait before it connects again; it would try twice a second.
      if (!connected && failures > 1) await pause(doubled(pace.reconnectMs, failures - 2));
      // And the one where it can be kept from connecting after it was stopped.
      if (either.aborted) await never();
      return session.current();
    },
    updateSessionInfo(_, info) {
      // It drops the session whenever a connection broke by an error, and when it is destroyed; Discord does neither.
      const keeps = info === null && (either.aborted || (broken && failures < FAILURES_OF_A_SESSION));
      if (!keeps) session.update(info);
    },
    buildIdentifyThrottler: () => ({ waitForIdentify: (_, closed) => waitForIdentify(closed) }),
  });

  async function waitForIdentify(closed: AbortSignal): Promise<void> {
    await pause(identifyAt - performance.now(), closed);
    closed.throwIfAborted();
    const known = await manager.fetchGatewayInformation(true).catch(() => undefined);
    closed.throwIfAborted();
    if (known && known.session_start_limit.remaining < 1) {
      end({ kind: "exhausted", resetAfterMs: known.session_start_limit.reset_after });
      // A rejection would make the library identify all the same.
      await never();
    }
    identifyAt = performance.now() + doubled(pace.identifyMs, identifies);
    identifies += 1;
    log.info({ remaining: known?.session_start_limit.remaining }, "gateway session begins");
  }

  /** Never rejects; ends early when listening does. */
  async function pause(ms: number, until: AbortSignal = either): Promise<void> {
    await wait(Math.max(ms, 0), undefined, { signal: AbortSignal.any([either, until]) }).catch(
      () => undefined,
    );
  }

  function onReady(resumed: boolean): void {
    failures = 0;
    if (resumed) identifies = 0;
    log.info({ resumed }, "gateway listens");
    onConnection("listening");
  }

  manager.on(WebSocketShardEvents.Hello, () => {
    connected = true;
    broken = false;
  });
  manager.on(WebSocketShardEvents.Ready, () => onReady(false));
  manager.on(WebSocketShardEvents.Resumed, () => onReady(true));
  manager.on(WebSocketShardEvents.HeartbeatComplete, () => {
    // A session that lives is no loop.
    identifies = 0;
  });
  manager.on(WebSocketShardEvents.Dispatch, (payload) => {
    if (!either.aborted) onDispatch(payload);
  });
  manager.on(WebSocketShardEvents.SocketError, (error) => {
    connected = false;
    broken = true;
    failures += 1;
    log.warn({ err: error, failures }, "gateway connection failed");
  });
  manager.on(WebSocketShardEvents.Closed, (code) => {
    connected = false;
    if (either.aborted) return;
    const reason = REFUSALS.get(code);
    if (reason !== undefined) return end({ kind: "refused", reason });
    failures += 1;
    log.warn({ code, failures }, "gateway connection closed");
    onConnection("connecting");
  });
  // Said again by the close code; without a listener it would end the process.
  manager.on(WebSocketShardEvents.Error, (error) => log.debug({ err: error }, "gateway error"));

  const onAbort = () => end({ kind: "stopped" });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  onConnection("connecting");
  connect().catch((thrown) => end(endingOfError(thrown)));

  async function connect(): Promise<void> {
    const { session_start_limit: limit } = await manager.fetchGatewayInformation();
    if (limit.remaining < 1) return end({ kind: "exhausted", resetAfterMs: limit.reset_after });
    if (!either.aborted) await manager.connect();
  }

  const ending = await ended;
  signal.removeEventListener("abort", onAbort);
  over.abort();
  // A code that lets the session live: 1000 and 1001 would end it.
  const closing = manager.destroy({ code: CloseCodes.Resuming, reason: "The listener stops" });
  await Promise.race([closing, wait(CLOSE_WITHIN_MS, undefined, { ref: false })]).catch((thrown) => {
    log.debug({ err: coerceError(thrown) }, "gateway connection not closed");
  });
  return ending;
}

function endingOfError(thrown: unknown): Ending {
  if (thrown instanceof DiscordAPIError && thrown.status === 401) {
    return { kind: "refused", reason: TOKEN_REFUSED };
  }
  const { name, message } = coerceError(thrown);
  return { kind: "failed", reason: `${name}: ${message}` };
}

/** @param times - 0: the first. */
function doubled([first, last]: [number, number], times: number): number {
  return Math.min(first * 2 ** times, last);
}

const never = () => new Promise<never>(() => {});
