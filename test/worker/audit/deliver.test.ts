import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Log } from "../../../src/log.ts";
import type { Chain } from "../../../worker/audit/chain.ts";
import { type Deliver, startDelivery } from "../../../worker/audit/deliver.ts";
import { createIncidents } from "../../../worker/audit/incidents.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { collectLog } from "../../log.ts";
import { entryOf, openWhole, temporaryFolder } from "./chains.ts";
import { createIncidentsServer, type IncidentsServer } from "./incidents-server.ts";

/** A chain with `count` records, closed after the test. */
async function chainOf(count: number): Promise<Chain> {
  const chain = await openWhole(await temporaryFolder());
  onTestFinished(chain.close);
  await append(chain, count);
  return chain;
}
async function append(chain: Chain, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => chain.append(entryOf(index))));
}

function incidentsOf({ url: origin }: IncidentsServer, log: Log): Deliver {
  return createIncidents({
    client: createClaudeToolsClient({ origin, apiKey: "test-key", retryDelayMs: 1 }),
    log,
  });
}

function start(chain: Chain, server: IncidentsServer) {
  const { log, lines } = collectLog();
  const delivery = startDelivery({
    chain,
    deliver: incidentsOf(server, log),
    log,
    backoff: { firstMs: 5, capMs: 40 },
    tryWithinMs: 200,
  });
  onTestFinished(delivery.close);
  return { delivery, lines };
}

/** On a busy machine, too. */
const waitFor = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 });

const idsOf = (chain: Chain, count: number) =>
  Array.from({ length: count }, (_, index) => `${chain.head()?.chain}:${index + 1}`);
const storedIds = ({ stored }: IncidentsServer) => stored.map(({ external_id }) => external_id);

test("1,000 records of an outage arrive in order and once, whatever the API does when it comes back", async () => {
  const server = await createIncidentsServer({
    modeOf(post) {
      if (post <= 3) return "error";
      if (post <= 5) return "hang";
      if (post % 97 === 0) return "error";
      return post % 50 === 0 ? "lose-answer" : "up";
    },
  });
  const chain = await chainOf(300);
  const { delivery, lines } = start(chain, server);
  await waitFor(() => expect(delivery.status().failing?.code).toBe("CLAUDETOOLS_UNREACHABLE"));
  await append(chain, 700);
  expect(delivery.status().waiting).toBe(1_000);

  await server.up();
  await waitFor(() => expect(delivery.status()).toEqual({ waiting: 0 }));
  expect(storedIds(server)).toEqual(idsOf(chain, 1_000));
  // Little more than one for each record, and two for each that went wrong.
  expect(server.requests.length).toBeLessThan(1_300);
  // One for each way it failed, not one for each try.
  expect(lines.filter(({ level }) => level === "warn").length).toBeLessThan(100);
}, 90_000);

test("a process that dies in the middle repeats nothing and leaves nothing out", async () => {
  const server = await createIncidentsServer();
  await server.up();
  const chain = await chainOf(120);
  const first = start(chain, server);
  await waitFor(() => expect(server.stored.length).toBeGreaterThan(70));
  await first.delivery.close();
  // As after a kill: the cursor is older than what was delivered.
  const cursor = join(chain.folder, "delivered.json");
  const oldCursor = await readFile(cursor, "utf8");
  const second = start(chain, server);
  await waitFor(() => expect(second.delivery.status().waiting).toBe(0));
  await second.delivery.close();
  await writeFile(cursor, oldCursor);

  await append(chain, 10);
  const third = start(chain, server);
  await waitFor(() => expect(third.delivery.status().waiting).toBe(0));
  expect(storedIds(server)).toEqual(idsOf(chain, 130));
});

test("a new record is delivered without waiting for a timer", async () => {
  const server = await createIncidentsServer();
  await server.up();
  const chain = await chainOf(1);
  const { delivery } = start(chain, server);
  await waitFor(() => expect(server.stored).toHaveLength(1));
  await append(chain, 1);
  await waitFor(() => expect(server.stored).toHaveLength(2));
  await waitFor(() => expect(delivery.status()).toEqual({ waiting: 0 }));
});

test("closing ends a try that hangs, and the record is asked for next time", async () => {
  const server = await createIncidentsServer({ modeOf: (post) => (post === 1 ? "hang" : "up") });
  await server.up();
  const chain = await chainOf(1);
  const delivery = startDelivery({
    chain,
    deliver: incidentsOf(server, collectLog().log),
    log: collectLog().log,
  });
  await waitFor(() => expect(server.requests.at(-1)?.method).toBe("POST"));
  await delivery.close();
  start(chain, server);
  await waitFor(() => expect(server.stored).toHaveLength(1));
  expect(server.requests.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "POST"]);
});

test("a record that was changed on the disk stops the delivery and is said so", async () => {
  const chain = await chainOf(3);
  const file = join(chain.folder, "audit-1.jsonl");
  await writeFile(file, (await readFile(file, "utf8")).replace('"pid":1', '"pid":7'));
  const server = await createIncidentsServer();
  await server.up();
  const { delivery } = start(chain, server);
  await waitFor(() => expect(delivery.status().failing?.code).toBe("AUDIT_CHAIN_BROKEN"));
  expect(server.stored).toHaveLength(1);
});

test("the pause after failures grows, up to its cap", async () => {
  const chain = await chainOf(1);
  const tries: number[] = [];
  const deliver: Deliver = async () => {
    tries.push(performance.now());
    throw new Error("no");
  };
  const { log } = collectLog();
  const delivery = startDelivery({ chain, deliver, log, backoff: { firstMs: 16, capMs: 128 } });
  await waitFor(() => expect(tries.length).toBeGreaterThan(7));
  await delivery.close();
  const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? at));
  // Half of each pause is random; the least it can be is certain.
  for (const [index, least] of [8, 16, 32, 64, 64, 64].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(least - 2);
  }
});

test("an outage is a warning when it begins, and an error every hour that it lasts", async () => {
  const chain = await chainOf(1);
  const { log, lines } = collectLog();
  let minutes = 0;
  const deliver: Deliver = async () => {
    minutes += 10;
    throw new Error("no");
  };
  const now = () => minutes * 60_000;
  const delivery = startDelivery({ chain, deliver, log, now, backoff: { firstMs: 1, capMs: 1 } });
  await waitFor(() => expect(minutes).toBeGreaterThan(150));
  await delivery.close();
  expect(lines.slice(0, 3)).toMatchObject([
    { level: "warn", code: "Error", seq: 1 },
    { level: "error", code: "Error", waiting: 1, since: 600_000 },
    { level: "error", code: "Error" },
  ]);
  const hours = Math.floor(minutes / 60);
  expect(lines.length).toBeLessThanOrEqual(1 + hours);
});
