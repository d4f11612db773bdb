import { PGlite } from "@electric-sql/pglite";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmbeddedStore } from "../../../src/store/embedded.ts";
import { createRedisStore } from "../../../src/store/redis.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Approvals, createApprovals, type Decision } from "../../../worker/query/approvals.ts";
import { reportForgotten } from "../../../worker/query/report-change.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake } from "../../interactions.ts";
import { createRedisServer, type RedisServer, redisMissing } from "../../redis-server.ts";

const call = { method: "POST", target: "/api/tasks", body: '{"title":"x"}' } as const;
const pending = {
  ...{ requesterId: "1", call, expiresAt: Date.now() + 60_000 },
  ...{ line: "POST /api/tasks", lookUp: "/query endpoint:/api/tasks" },
};
const decision = (answer: Decision["answer"]): Decision => {
  const { requesterId, line, lookUp } = pending;
  return {
    requesterId,
    line,
    lookUp,
    answer,
    sha256: "0",
    jobId: `ix-${snowflake()}`,
    at: 0,
    requestId: "r",
  };
};

/** What keeps a call from being sent twice, whatever the store. `open` gives another process's view of it. */
function describeApprovals(open: () => Approvals) {
  test("of twenty decisions at once one is the first, and what it says is what stands", async () => {
    const id = `ix-${snowflake()}`;
    const decisions = Array.from({ length: 20 }, (_, index) => decision(index % 2 ? "send" : "cancel"));
    const outcomes = await Promise.all(decisions.map((each) => open().decide(id, each)));
    const first = decisions.filter((_, index) => outcomes[index]?.kind === "decided");
    expect(first).toHaveLength(1);
    expect(await open().decision(id)).toEqual(first[0]);
  });

  test("of twenty that take the call one gets it, and it is gone", async () => {
    const id = `ix-${snowflake()}`;
    await open().keep(id, pending);
    const taken = await Promise.all(Array.from({ length: 20 }, () => open().take(id)));
    expect(taken.filter((each) => each !== undefined)).toMatchObject([pending]);
    expect(await open().pending(id)).toBeUndefined();
  });
}

test("what came of a decision is forgotten after a day, and that it was made is not", async () => {
  let clock = Date.now();
  await using db = await PGlite.create();
  const store = await createEmbeddedStore({
    query: (text, params) => db.query<Record<string, unknown>>(text, params && [...params]),
    now: () => clock,
  });
  const approvals = createApprovals(store);
  const id = `ix-${snowflake()}`;
  const made = decision("send");
  await approvals.decide(id, made);
  await approvals.settle(id, reportForgotten());
  expect((await approvals.decision(id))?.report).toEqual(reportForgotten());
  clock += 2 * 86_400_000;
  expect(await approvals.decision(id)).toEqual(made);
});

describe("approvals in the embedded store", () => {
  const jobs = useEmbeddedJobs();
  describeApprovals(() => createApprovals(jobs().store));

  test("a call that was changed where it lies is no call", async () => {
    const id = `ix-${snowflake()}`;
    const { store } = jobs();
    await createApprovals(store).keep(id, pending);
    const text = await store.get(`approval:${id}:call`);
    await store.set(`approval:${id}:call`, (text ?? "").replace("POST", "DELETE"), { ttlMs: 1_000 });
    expect(await createApprovals(store).pending(id)).toBeUndefined();
    expect(await createApprovals(store).take(id)).toBeUndefined();
  });
});

describe.skipIf(redisMissing)("approvals on Redis", () => {
  let server: RedisServer;
  const clients: Redis[] = [];
  beforeAll(async () => {
    server = await createRedisServer();
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });
  /** Each on a connection of its own. */
  function openStore(): Store {
    const client = new Redis(server.url);
    clients.push(client);
    return createRedisStore({ client: () => client, prefix: "test" });
  }
  describeApprovals(() => createApprovals(openStore()));
});
