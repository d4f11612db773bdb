import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import type { GatewayStatus } from "../../../worker/discord/gateway/gateway.ts";
import { type Condition, type Probe, probe } from "../../../worker/ops/probe.ts";
import { anthropicProbe } from "../../../worker/ops/probes/anthropic.ts";
import { auditProbe } from "../../../worker/ops/probes/audit.ts";
import { claudeToolsProbe } from "../../../worker/ops/probes/claude-tools.ts";
import { diskProbe } from "../../../worker/ops/probes/disk.ts";
import { gatewayProbe } from "../../../worker/ops/probes/gateway.ts";
import { jobsProbe } from "../../../worker/ops/probes/jobs.ts";
import { queuesProbe } from "../../../worker/ops/probes/queues.ts";
import { rateLimitsProbe } from "../../../worker/ops/probes/rate-limits.ts";
import { reachableProbe } from "../../../worker/ops/probes/reachable.ts";
import { toolkitProbe } from "../../../worker/ops/probes/toolkit.ts";
import { vaultProbe } from "../../../worker/ops/probes/vault.ts";
import { workerProbe } from "../../../worker/ops/probes/worker.ts";
import { openToolkit } from "../../../worker/toolkit/open-toolkit.ts";
import type { Vault } from "../../../worker/vault/vault.ts";
import { collectLog } from "../../log.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";

const { signal } = new AbortController();
const NOW = Date.parse("2026-11-25T12:00:00Z");
const MINUTE = 60_000;
const look = (one: Probe, withinMs?: number): Promise<Condition> =>
  probe(one, { signal, ...(withinMs !== undefined && { withinMs }) });
const now = () => NOW;

/** A row: what is so, the probe that sees it, and the condition in part. */
type Row = [what: string, seen: Probe, state: Condition["state"], figure: RegExp, advice?: RegExp];

function vaultOf(files: Record<string, unknown>): Vault {
  return {
    list: async () => Object.keys(files),
    read: async (file) => {
      if (files[file] instanceof Error) throw files[file];
      return files[file];
    },
  };
}
const REGISTRATION = {
  client_id: "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de",
  client_secret: "canary-secret-of-an-app",
};
const WRONG_KEY = new AppError("VAULT_WRONG_KEY", "b.sops.yaml is for another age key. Add this one's.");

const limits = (count: number, change: { ago?: number; global?: boolean; invalid?: number } = {}) => {
  const { ago, global = false, invalid = 0 } = change;
  const last = ago === undefined ? undefined : { at: NOW - ago, waitMs: 500, global };
  return rateLimitsProbe({ rateLimits: () => ({ count, last, invalidRequests: invalid }) }, { now });
};
const workers = (count: number, upMs: number) =>
  workerProbe({
    ...{ release: "0.1.0", startedAt: NOW - upMs, now },
    store: { keys: async () => Array.from({ length: count }, (_, index) => `worker:process:${index}`) },
  });
const audit = (status: Parameters<typeof auditProbe>[0] extends () => infer Status ? Status : never) =>
  auditProbe(() => status);
const depth = { waiting: 3, active: 1 };
const job = { kind: "query", outcome: "Done", durationMs: 1_234, endedAt: NOW - 100_000 };
const mentions = (state: GatewayStatus["state"], change: Partial<GatewayStatus> = {}) =>
  gatewayProbe(() => ({ state, backlog: 0, dropped: 0, ...change }));

test.for<Row>([
  ["no vault", vaultProbe(undefined), "off", /^no VAULT_PATH$/],
  [
    "a vault",
    vaultProbe(vaultOf({ "m365.sops.yaml": REGISTRATION })),
    "ok",
    /^1 app registration can be read$/,
  ],
  [
    "a vault of which a part is for another key",
    vaultProbe(vaultOf({ "m365.sops.yaml": REGISTRATION, "b.sops.yaml": WRONG_KEY })),
    "warning",
    /^1 app registration can be read, 1 cannot$/,
    /^b\.sops\.yaml is for another age key/,
  ],
  [
    "a vault that nothing can be read of",
    vaultProbe(vaultOf({ "b.sops.yaml": WRONG_KEY })),
    "down",
    /^0 app registrations can be read, 1 cannot$/,
    /Add this one's/,
  ],
  ["an empty vault", vaultProbe(vaultOf({})), "down", /^0 app registrations/, /./],

  ["no rate limit", limits(0), "ok", /^none reached since the start$/],
  ["a limit of one route", limits(2, { ago: 9_000 }), "ok", /^2 reached .* the last 9 s ago for 500 ms$/],
  [
    "the global limit, just now",
    limits(1, { ago: MINUTE, global: true }),
    "warning",
    /60 s ago/,
    /passes by/,
  ],
  ["the global limit, long ago", limits(1, { ago: 11 * MINUTE, global: true }), "ok", /660 s ago/],
  ["some refused requests", limits(0, { invalid: 12 }), "ok", /start, 12 refused requests in ten minutes$/],
  ["so many that Discord blocks", limits(0, { invalid: 1_000 }), "warning", /^1000 refused/, /10,000/],

  ["one worker", workers(1, 61 * MINUTE), "ok", /^release 0\.1\.0, up 61 min, 1 worker in all$/],
  ["three workers", workers(3, 125 * MINUTE), "ok", /up 2 h, 3 workers in all$/],

  [
    "an audit that is delivered",
    audit({ unwritten: 0, delivery: { waiting: 0 } }),
    "ok",
    /^on disk, 0 waiting/,
  ],
  [
    "an audit that waits for ClaudeTools",
    audit({ unwritten: 0, delivery: { waiting: 7, failing: { code: "CLAUDETOOLS_TIMEOUT", since: NOW } } }),
    "warning",
    /^on disk, 7 waiting for ClaudeTools since 2026-11-25 12:00 UTC \(CLAUDETOOLS_TIMEOUT\)$/,
    /Nothing is lost/,
  ],
  ["an audit without ClaudeTools", audit({ unwritten: 0 }), "warning", /disk alone/, /CLAUDETOOLS_API_KEY/],
  ["an audit on a full disk", audit({ unwritten: 4 }), "down", /^4 records wait in memory/, /DATA_DIR/],

  [
    "queues",
    queuesProbe({
      depths: async () => ({ kind: "counted", depths: { lookups: depth, investigations: depth } }),
      read: async () => ({ kind: "read", values: [] }),
    }),
    "ok",
    /^lookups 3 waiting, 1 running; investigations 3 waiting, 1 running$/,
  ],
  [
    "queues that cannot be reached",
    queuesProbe({
      depths: async () => ({ kind: "unavailable", reason: "no answer in time" }),
      read: async () => ({ kind: "unavailable", reason: "no answer in time" }),
    }),
    "down",
    /^no answer in time$/,
    /REDIS_URL/,
  ],
  [
    "jobs that ended",
    jobsProbe({ running: () => 2, recent: { list: async () => [job] }, now }),
    "ok",
    /^2 running here, this one included; last: query Done in 1\.2 s, 2 min ago$/,
  ],
  [
    "no jobs",
    jobsProbe({ running: () => 1, recent: { list: async () => [] } }),
    "ok",
    /none has ended in a day$/,
  ],

  ["mentions that are heard", mentions("listening"), "ok", /^listening, 0 in hand$/],
  ["mentions that came too fast", mentions("listening", { dropped: 5 }), "warning", /5 messages/, /floods/],
  ["mentions that another worker hears", mentions("standby"), "ok", /another worker/],
  [
    "mentions that Discord refuses",
    mentions("refused", { reason: "Switch the intent on." }),
    "down",
    /refused/,
    /intent/,
  ],
  ["mentions that Discord refuses without a word", mentions("refused"), "down", /refused/, /log/],
  ["mentions that will be heard", mentions("connecting"), "warning", /connecting/, /in a minute/],
  ["mentions that are not heard now", mentions("waiting"), "warning", /not listening/, /log/],
  ["no mentions", gatewayProbe(undefined), "off", /not switched on/],

  ["a disk that is not there", diskProbe("/canary/nowhere"), "down", /^failed with ENOENT$/, /DATA_DIR/],
  ["a disk", diskProbe(tmpdir()), "ok", /^\d+\.\d GiB free in DATA_DIR$/],
  [
    "an assistant without a key",
    anthropicProbe({ apiUrl: "http://localhost:1", hasKey: false, model: "m" }),
    "off",
    /no ANTHROPIC_API_KEY/,
  ],
])("%s", async ([, seen, state, figure, advice]) => {
  const condition = await look(seen);
  expect(condition).toMatchObject({ state, figure: expect.stringMatching(figure) });
  if (advice !== undefined) expect(condition.advice).toMatch(advice);
  // Whoever reads a line that is not green has to know what to do.
  expect(condition.advice !== undefined).toBe(state === "warning" || state === "down");
  expect(JSON.stringify(condition)).not.toContain("canary");
});

describe("a probe that takes too long or fails", () => {
  const adviceOnFailure = "Look at it.";
  test("is down after its time, with its own advice", async () => {
    const never: Probe = { name: "Never", adviceOnFailure, look: () => new Promise(() => undefined) };
    expect(await look(never, 20)).toEqual({
      ...{ state: "down", figure: "no answer within 0.02 s", advice: adviceOnFailure },
    });
  });

  test("tells no secret", async () => {
    const broken: Probe = {
      ...{ name: "Broken", adviceOnFailure },
      look: () => Promise.reject(new Error("redis://:canary-password@10.0.0.1 said no.")),
    };
    expect(JSON.stringify(await look(broken))).not.toContain("canary");
  });
});

describe("a service on the network", () => {
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status).end());
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => void server.close());
  const url = () => {
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  };

  test.for([200, 401, 404])("that answers %i is there, and the number frightens nobody", async (code) => {
    status = code;
    const { state, figure } = await look(reachableProbe("Graph", url()));
    expect([state, figure]).toEqual(["ok", expect.stringMatching(/^answered in \d+ ms$/)]);
    const assistant = anthropicProbe({ apiUrl: url(), hasKey: true, model: "claude-x" });
    expect((await look(assistant)).figure).toMatch(/^claude-x, key set, answered in \d+ ms$/);
  });

  test("that answers 503 has trouble of its own", async () => {
    status = 503;
    expect(await look(reachableProbe("Graph", url()))).toMatchObject({
      ...{ state: "warning", figure: expect.stringMatching(/with HTTP 503$/) },
      advice: expect.stringContaining("status page"),
    });
  });

  test("that is not there is down, with the cause in a word", async () => {
    const closed = createServer();
    const port = await new Promise<number>((resolve) => {
      closed.listen(0, "127.0.0.1", () => {
        const address = closed.address();
        closed.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
      });
    });
    expect(await look(reachableProbe("Graph", `http://127.0.0.1:${port}/`))).toMatchObject({
      ...{ state: "down", figure: "not reachable (ECONNREFUSED)" },
      advice: expect.stringContaining("network and proxy"),
    });
  });
});

describe("ClaudeTools", () => {
  const DAY = 86_400_000;
  let api: ClaudeToolsSandbox;
  let clock = Date.now();
  beforeAll(async () => {
    api = await startClaudeTools({ clock: () => clock, tokenLifeMs: 30 * DAY });
  });
  afterAll(() => api.close());
  const see = (apiKey: string | undefined = api.apiKey) => {
    const client = createClaudeToolsClient({ origin: api.url, apiKey, now: () => clock, retryDelayMs: 1 });
    return look(claudeToolsProbe({ client, apiKey, now: () => clock }));
  };

  test("is well, and says how long the token lives", async () => {
    const figure = expect.stringMatching(
      /^answered in \d+ ms, the token ends \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    );
    expect(await see()).toEqual({ state: "ok", figure });
  });

  test("warns a week before the token ends, and is down once it has", async () => {
    const began = clock;
    clock = began + 25 * DAY;
    expect(await see()).toMatchObject({ state: "warning", advice: expect.stringContaining("new token") });
    clock = began + 31 * DAY;
    expect(await see()).toMatchObject({
      ...{ state: "down", figure: expect.stringContaining("the token ended") },
      advice: expect.stringContaining("CLAUDETOOLS_API_KEY"),
    });
    clock = began;
  });

  test("without a token says that nothing can be asked", async () => {
    const client = createClaudeToolsClient({ origin: api.url });
    expect(await look(claudeToolsProbe({ client, apiKey: undefined }))).toMatchObject({ state: "warning" });
  });

  test("is down where only the list that needs a token fails, and not where there is no such list", async () => {
    api.faults.push({ on: /m365-tenants/, fault: { kind: "status", status: 500 } });
    expect(await see()).toMatchObject({ state: "down", figure: expect.stringContaining("HTTP 500") });
    api.faults.push({ on: /m365-tenants/, fault: { kind: "status", status: 404, detail: "Not Found" } });
    expect((await see()).state).toBe("ok");
  });

  test("is down when it no longer takes a token that has not ended", async () => {
    api.endTokens();
    const { state, figure } = await see();
    expect([state, figure]).toEqual(["down", expect.stringContaining("may be revoked")]);
    expect(figure).toContain("Put a new one into CLAUDETOOLS_API_KEY");
  });
});

describe("the toolkit", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kit-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const open = (folder?: string) =>
    openToolkit({ folder, artifactsDir: join(tmpdir(), "unused"), env: process.env, log: collectLog().log });

  test("that ships with the bot is named with its version and the hash of each script", async () => {
    const { state, figure } = await look(toolkitProbe(await open()));
    expect(state).toBe("ok");
    expect(figure).toMatch(
      /^built-in, version [0-9a-f]{12}; resolve-tenant\.ts [0-9a-f]{8}, tenant-sweep\.ts \w{8}, user-breach-check\.ts \w{8}$/,
    );
  });

  test("of one's own: a script that changes has another hash, one that is missing is named", async () => {
    const probe = toolkitProbe(await open(folder));
    expect(await look(probe)).toMatchObject({ state: "down", figure: expect.stringContaining("no program") });
    await writeFile(join(folder, "resolve-tenant.mjs"), "1");
    const before = await look(probe);
    // echo -n 1 | sha256sum
    expect(before).toMatchObject({
      ...{ state: "warning", figure: expect.stringContaining("resolve-tenant.mjs 6b86b273") },
      advice: expect.stringContaining("REMEDIATION_SCRIPTS"),
    });
    expect(before.figure).toMatch(/"kit-\w+" of your own.*missing: tenant-sweep, user-breach-check$/);
    await writeFile(join(folder, "resolve-tenant.mjs"), "2");
    expect((await look(probe)).figure).not.toContain("6b86b273");
  });

  test("whose folder is gone is down, without telling where it lay", async () => {
    const gone = join(folder, "canary");
    await mkdir(gone);
    const probe = toolkitProbe(await open(gone));
    await rm(gone, { recursive: true });
    expect(await look(probe)).toMatchObject({ state: "down", figure: "failed with ENOENT" });
  });
});
