import { setTimeout as wait } from "node:timers/promises";
import type { REST } from "@discordjs/rest";
import { GatewayDispatchEvents, type GatewayDispatchPayload, GatewayIntentBits } from "discord-api-types/v10";
import { coerceError } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import type { Store } from "../../../src/store/store.ts";
import { withLease } from "../../lease.ts";
import { createBacklog } from "./backlog.ts";
import { type HearOptions, hear, type Question } from "./hear.ts";
import { type Ending, listen, type Pace } from "./listen.ts";
import { openSession, type Session } from "./session.ts";

/**
 * What this process does about mentions.
 * - `standby`: another worker listens.
 * - `waiting`: nobody can listen now; `reason` says until when or why.
 * - `refused`: a person has to act; `reason` says how.
 */
export interface GatewayStatus {
  state: "standby" | "connecting" | "listening" | "waiting" | "refused";
  reason?: string;
  /** Messages that are being dealt with. */
  backlog: number;
  /** Messages that there was no room for, since the start. */
  dropped: number;
}

export interface GatewayOptions extends HearOptions {
  store: Store;
  rest: REST;
  botToken: string;
  /** Whether the bot may read what does not mention it. */
  messageContent: boolean;
  /** Must not reject. */
  takeQuestion(question: Question): Promise<void>;
  log: Log;
  /** How long the others wait for a listener that died. */
  leaseMs?: number;
  /** How often they look. */
  leasePollMs?: number;
  saveEveryMs?: number;
  pace?: Pace;
  /** After a listening that could not begin. */
  retryMs?: number;
  /** How long what was heard last is still dealt with; after that, the next listener hears it again. */
  lastQuestionsMs?: number;
}

export interface Gateway {
  status(): GatewayStatus;
  /** Leaves the session to the next listener. */
  close(): Promise<void>;
}

const CONCURRENCY = 4;
const WAITING_MAX = 200;

/**
 * Listens for messages that are for the bot, in one process of the installation at a time: the one that holds the lease.
 * @see https://discord.com/developers/docs/events/gateway
 */
export function startGateway(options: GatewayOptions): Gateway {
  const { store, rest, botToken, messageContent, takeQuestion, log, applicationId, guildId } = options;
  const { leaseMs = 20_000, leasePollMs = 2_000, retryMs = 10_000, lastQuestionsMs = 5_000 } = options;
  const intents =
    GatewayIntentBits.Guilds |
    GatewayIntentBits.GuildMessages |
    (messageContent ? GatewayIntentBits.MessageContent : 0);

  const closing = new AbortController();
  const backlog = createBacklog({ concurrency: CONCURRENCY, limit: WAITING_MAX });
  let now: Pick<GatewayStatus, "state" | "reason"> = { state: "connecting" };
  let dropped = 0;
  const running = run();

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const ending = await listenInTurn().catch(
        (thrown): Ending => ({ kind: "failed", reason: coerceError(thrown).message }),
      );
      switch (ending.kind) {
        case "stopped":
          // Also when the lease was lost: then the turn is somebody else's.
          break;
        case "refused":
          log.error({ reason: ending.reason }, "gateway refused");
          now = { state: "refused", reason: ending.reason };
          return;
        case "exhausted":
          await waitBecause(
            `Discord allows no new session for ${minutes(ending.resetAfterMs)}`,
            ending.resetAfterMs,
          );
          break;
        case "failed":
          await waitBecause(ending.reason, retryMs);
      }
    }
  }

  async function waitBecause(reason: string, ms: number): Promise<void> {
    if (closing.signal.aborted) return;
    log.warn({ reason, waitMs: ms }, "gateway waits");
    now = { state: "waiting", reason };
    await wait(ms, undefined, { signal: closing.signal }).catch(() => undefined);
  }

  function listenInTurn(): Promise<Ending> {
    const onWait = () => {
      now = { state: "standby" };
    };
    const lease = { store, signal: closing.signal, ttlMs: leaseMs, pollMs: leasePollMs, onWait };
    return withLease("gateway", lease, async (leased) => {
      const session = await openSession({
        ...{ store, log, key: `gateway-session:${applicationId}:${intents}` },
        ...(options.saveEveryMs === undefined ? {} : { saveEveryMs: options.saveEveryMs }),
      });
      // Lost means that another process may have the session by now, and must not find ours in its place.
      leased.addEventListener("abort", () => {
        if (!closing.signal.aborted) session.abandon();
      });
      const ending = await listen({
        ...{ rest, botToken, intents, session, log, signal: leased },
        ...(options.pace === undefined ? {} : { pace: options.pace }),
        onDispatch: (payload) => onDispatch(payload, session),
        onConnection: (state) => {
          now = { state };
        },
      });
      const limit = wait(lastQuestionsMs, undefined, { ref: false });
      await Promise.race([backlog.drained(), limit]);
      await session.save();
      session.abandon();
      return ending;
    });
  }

  function onDispatch(payload: GatewayDispatchPayload, session: Session): void {
    if (payload.t !== GatewayDispatchEvents.MessageCreate) return;
    const heard = hear(payload.d, { applicationId, guildId });
    if (heard.kind === "ignored") {
      log.debug({ because: heard.because }, "message ignored");
      return;
    }
    const { question } = heard;
    const done = session.begin(payload.s);
    const taken = backlog.add(question.channelId, () => takeQuestion(question).finally(done));
    if (taken) return;
    done();
    dropped += 1;
    // One line for each would be a flood of its own; the status has the count.
    if (dropped % 100 === 1) log.error({ dropped }, "too many messages at once: some were not dealt with");
  }

  return {
    status: () => ({ ...now, backlog: backlog.size(), dropped }),
    async close() {
      closing.abort();
      await running;
    },
  };
}

const minutes = (ms: number) => `${Math.ceil(ms / 60_000)} minutes`;
