import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { PGlite } from "@electric-sql/pglite";
import type { PgPool, PgPoolClient, PgQueryResult } from "bullmq";

/** BullMQ's tables live here; its statements name them without it. */
export const SCHEMA = "bullmq";

/** BullMQ begins its statements with a comment. */
const LISTEN = /^(?:\s*--[^\n]*\n)*\s*LISTEN\s+"?(\w+)"?/i;

/** The statement's turn came after the time up to which it was wanted. */
class TooLate extends Error {
  override readonly name = "TooLate";
}

const startBefore = new AsyncLocalStorage<number>();

/**
 * Lets the statements that `work` makes start before `deadline`, a time of `performance.now()`, or not at all. They
 * wait in line behind others, and who gave up on them must not find them done later.
 */
export function startingBefore<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  return startBefore.run(deadline, work);
}

/**
 * PGlite in the shape of the `pg.Pool` that BullMQ's PostgreSQL backend expects. PGlite is one session in this
 * process, so every "client" is that session, and statements run one after the other in the order they were made.
 * BullMQ opens transactions only to migrate, which happens before anything else has the pool.
 * @see https://github.com/taskforcesh/bullmq/blob/master/src/postgres/pg-types.ts
 */
export function createPglitePool(db: PGlite): PgPool {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;

  function query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    const deadline = startBefore.getStore();
    const result = last.then(() => {
      if (ended) throw new Error("The embedded database is closed.");
      if (deadline !== undefined && performance.now() > deadline)
        throw new TooLate("The statement is too late.");
      return params ? db.query<R>(text, [...params]) : runScript<R>(text);
    });
    last = result.catch(() => {});
    return result;
  }

  /** A migration is many statements in one text, which PostgreSQL takes only without parameters. */
  async function runScript<R>(text: string): Promise<PgQueryResult<R>> {
    const results = await db.exec(text);
    // What a statement returns is the caller's knowledge, as with `query`.
    return { rows: (results.at(-1)?.rows ?? []) as R[] };
  }

  async function connect(): Promise<PgPoolClient> {
    const events = new EventEmitter();
    const unsubscribe: (() => Promise<void>)[] = [];
    return Object.assign(events, {
      async query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
        const channel = LISTEN.exec(text)?.[1];
        if (channel === undefined) return query(text, params);
        unsubscribe.push(
          await db.listen(channel, (payload) => events.emit("notification", { channel, payload })),
        );
        return { rows: [] };
      },
      release() {
        for (const stop of unsubscribe.splice(0)) stop().catch(() => {});
      },
    });
  }

  async function end() {
    ended = true;
    await last;
  }
  return Object.assign(new EventEmitter().setMaxListeners(0), { query, connect, end });
}
