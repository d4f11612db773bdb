import type { SessionInfo } from "@discordjs/ws";
import * as z from "zod";
import { coerceError } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import type { Store } from "../../../src/store/store.ts";

/** The bot token is sent there, so nowhere that others can listen. */
const GATEWAY_URL = /^(wss:\/\/|ws:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/])/;

const Session = z.object({
  sessionId: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  resumeURL: z.string().regex(GATEWAY_URL),
  shardId: z.literal(0),
  shardCount: z.literal(1),
});

/** Discord keeps a session for some minutes after its connection is gone; an old one costs one refused resume. */
const KEPT_MS = 60 * 60_000;

export interface SessionOptions {
  store: Pick<Store, "get" | "set" | "delete">;
  /** Of this bot with these intents: a session that is resumed keeps the intents it began with. */
  key: string;
  log: Log;
  saveEveryMs?: number;
}

/** The session with Discord's gateway, so that the next process resumes it and hears what was said meanwhile. */
export interface Session {
  current(): SessionInfo | null;
  update(info: SessionInfo | null): void;
  /** An event is being dealt with, until the function that it returns is called. */
  begin(sequence: number): () => void;
  /** Writes what has not been written yet. Never rejects. */
  save(): Promise<void>;
  /** Writes nothing any more: another process has the session. */
  abandon(): void;
}

/** Reads the session that an earlier process left behind; what cannot be read is a session anew. */
export async function openSession({
  store,
  key,
  log,
  saveEveryMs = 1_000,
}: SessionOptions): Promise<Session> {
  let info = await read();
  let saved = info?.sequence;
  let timer: NodeJS.Timeout | undefined;
  let isAbandoned = false;
  const inHand = new Set<number>();

  async function read(): Promise<SessionInfo | null> {
    const text = await store.get(key);
    return text === undefined ? null : (Session.safeParse(JSON.parse(text)).data ?? null);
  }

  /** Not further than what is dealt with: Discord sends again what comes after it, and a repeated message is one job. */
  const settled = ({ sequence }: SessionInfo) => Math.min(sequence, ...[...inHand].map((each) => each - 1));

  async function save(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (isAbandoned) return;
    try {
      if (info === null) {
        await store.delete(key);
        saved = undefined;
      } else if (saved !== settled(info)) {
        const sequence = settled(info);
        await store.set(key, JSON.stringify({ ...info, sequence }), { ttlMs: KEPT_MS });
        saved = sequence;
      }
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, "gateway session not saved");
    }
  }

  function saveSoon(): void {
    timer ??= setTimeout(() => void save(), saveEveryMs).unref();
  }

  return {
    current: () => info,
    update(next) {
      if (next?.sessionId !== info?.sessionId) saved = undefined;
      info = next;
      saveSoon();
    },
    begin(sequence) {
      inHand.add(sequence);
      return () => {
        inHand.delete(sequence);
        saveSoon();
      };
    },
    save,
    abandon() {
      isAbandoned = true;
      clearTimeout(timer);
    },
  };
}
