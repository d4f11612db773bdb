import { describe, expect, test, vi } from "vitest";
import type { AccessLists } from "../../src/access.ts";
import { createApp } from "../../src/app.ts";
import { createGuard } from "../../src/interactions/guard.ts";
import type { Job } from "../../src/jobs/contract.ts";
import type { EnqueueOutcome, Outlook, Producer } from "../../src/jobs/queue.ts";
import { createDiscordKeys } from "../discord-keys.ts";
import {
  ADMIN_ROLE,
  buttonInteraction,
  commandInteraction,
  directMessage,
  GUILD,
  ping,
  snowflake,
  TECH_ROLE,
  TECH_USER,
} from "../interactions.ts";
import { collectLog } from "../log.ts";

const keys = createDiscordKeys();
const access: AccessLists = {
  guildId: GUILD,
  adminRoles: [ADMIN_ROLE],
  techRoles: [TECH_ROLE],
  adminUsers: [],
  techUsers: [],
  roleTenants: [],
};
const CONTOSO = { tenant: "contoso.com", upn: "adele@contoso.com" };

const NOW = Date.UTC(2026, 10, 22, 12);
const depths = { lookups: { waiting: 2, active: 1 }, investigations: { waiting: 0, active: 3 } };
/** An installation whose store holds `values` under any keys. */
const sees = (...values: (string | undefined)[]): Outlook => ({
  read: async () => ({ kind: "read", values }),
  depths: async () => ({ kind: "counted", depths }),
});
const withWorker = sees("1", String(NOW - 4_000));
const outOfSight = { kind: "unavailable", reason: "down" } as const;
const blind: Outlook = { read: async () => outOfSight, depths: async () => outOfSight };

/** The real app with a queue that only collects, so that a test sees exactly what would be queued. */
function start({
  outcome = { kind: "queued" },
  outlook = withWorker,
}: {
  outcome?: EnqueueOutcome;
  outlook?: Outlook;
} = {}) {
  const jobs: Job[] = [];
  const cancelled: string[] = [];
  const producer: Producer = {
    enqueue: async (job) => {
      jobs.push(job);
      return outcome;
    },
    cancel: async (jobId) => {
      cancelled.push(jobId);
      return outcome;
    },
    isReady: async () => outcome.kind === "queued",
    close: async () => undefined,
  };
  const { log, lines } = collectLog();
  const app = createApp({
    guard: createGuard({ publicKeys: [keys.publicKey] }),
    access,
    producer: () => producer,
    outlook,
    log,
  });
  const send = async (interaction: unknown) => {
    const body = typeof interaction === "string" ? interaction : JSON.stringify(interaction);
    return app.request("/interactions", { method: "POST", body, headers: keys.headers(body) });
  };
  return { app, jobs, cancelled, lines, send };
}

const sentence = (content: unknown) => ({
  type: 4,
  data: { content, flags: 64 | 4, allowed_mentions: { parse: [] } },
});

test("a ping is answered with a pong in JSON, whoever sends it", async () => {
  const response = await start().send(ping);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch("application/json");
  expect(await response.json()).toEqual({ type: 1 });
});

test("/breach-check is queued with who asked, and answered with a public deferral", async () => {
  const { send, jobs } = start();
  const interaction = commandInteraction("breach-check", CONTOSO);
  expect(await (await send(interaction)).json()).toEqual({ type: 5 });
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).toMatchObject({
    id: `ix-${interaction.id}`,
    work: { kind: "breach-check", ...CONTOSO },
    interaction: { userId: TECH_USER, roleIds: [TECH_ROLE], guildId: GUILD, ephemeral: false },
  });
});

test("`private` makes the deferral ephemeral", async () => {
  const { send, jobs } = start();
  const response = await send(commandInteraction("breach-check", { ...CONTOSO, private: true }));
  expect(await response.json()).toEqual({ type: 5, data: { flags: 64 } });
  expect(jobs[0]?.interaction.ephemeral).toBe(true);
});

test("an administrator may do what a technician may", async () => {
  const { send, jobs } = start();
  await send(commandInteraction("breach-check", CONTOSO, { roles: [ADMIN_ROLE] }));
  expect(jobs).toHaveLength(1);
});

test("the tenant and the sign-in name are trimmed, and a tenant id is lower-cased", async () => {
  const { send, jobs } = start();
  const tenant = " 8F5B4C3A-1111-4222-8333-444455556666 ";
  await send(commandInteraction("breach-check", { tenant, upn: " adele@contoso.com " }));
  expect(jobs[0]?.work).toEqual({
    kind: "breach-check",
    tenant: "8f5b4c3a-1111-4222-8333-444455556666",
    upn: "adele@contoso.com",
  });
});

test.for<[title: string, interaction: unknown, code: string]>([
  ["without a role", commandInteraction("breach-check", CONTOSO, { roles: [] }), "NO_ROLE"],
  [
    "with a role that is not listed",
    commandInteraction("breach-check", CONTOSO, { roles: [GUILD] }),
    "NO_ROLE",
  ],
  ["in a direct message", directMessage("breach-check", CONTOSO), "DIRECT_MESSAGE"],
  ["in another guild", commandInteraction("breach-check", CONTOSO, { guildId: snowflake() }), "OTHER_GUILD"],
])("a caller %s gets an ephemeral refusal, and it is logged", async ([, interaction, code]) => {
  const { send, jobs, lines } = start();
  const response = await send(interaction);
  expect(await response.json()).toEqual(sentence(expect.stringMatching(/\w/)));
  expect(jobs).toEqual([]);
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", message: "refused", code }));
});

const tenant = (value: string) => commandInteraction("breach-check", { ...CONTOSO, tenant: value });
const upn = (value: string) => commandInteraction("breach-check", { ...CONTOSO, upn: value });

test.for<[title: string, interaction: unknown, named: string]>([
  ["shell characters in the tenant", tenant("contoso.com; rm -rf /"), "tenant"],
  ["a substitution in the tenant", tenant("$(id).com"), "tenant"],
  ["path parts in the tenant", tenant("../../etc/passwd"), "tenant"],
  ["a URL as the tenant", tenant("https://contoso.com"), "tenant"],
  ["a tenant that begins with a dash", tenant("-contoso.com"), "tenant"],
  ["a tenant of 10 kB", tenant(`${"a".repeat(10_000)}.com`), "tenant"],
  ["a Cyrillic letter in the tenant", tenant("cоntoso.com"), "tenant"],
  ["a right-to-left override in the tenant", tenant("contoso\u202e.com"), "tenant"],
  ["a newline in the tenant", tenant("contoso.com\nevil.example"), "tenant"],
  ["an empty tenant", tenant(""), "tenant"],
  ["a name of 101 characters as the tenant", tenant("a".repeat(101)), "tenant"],
  ["a name with a backtick as the tenant", tenant("Contoso `Ltd`"), "tenant"],
  ["a name with a mention as the tenant", tenant("<@1> Ltd"), "tenant"],
  ["a sign-in name without a domain", upn("adele"), "upn"],
  ["a sign-in name with a space", upn("adele vance@contoso.com"), "upn"],
  ["a sign-in name with a quote and a pipe", upn("adele'|id|'@contoso.com "), "upn"],
  ["a sign-in name that begins with a slash", upn("/adele@contoso.com"), "upn"],
  ["a sign-in name that begins with a dash", upn("--help@contoso.com"), "upn"],
  ["a sign-in name of 10 kB", upn(`${"a".repeat(10_000)}@contoso.com`), "upn"],
  ["a Cyrillic letter in the sign-in name", upn("аdele@contoso.com"), "upn"],
  ["a right-to-left override in the sign-in name", upn("adele\u202e@contoso.com"), "upn"],
  ["a null byte in the sign-in name", upn("adele\0@contoso.com"), "upn"],
  ["no sign-in name", commandInteraction("breach-check", { tenant: "contoso.com" }), "upn"],
])("%s gets an ephemeral sentence that names the option", async ([, interaction, named]) => {
  const { send, jobs } = start();
  const response = await send(interaction);
  const answer = await response.json();
  expect(answer).toEqual(sentence(expect.stringContaining(`Expected \`${named}\` to be `)));
  expect(answer.data.content.length).toBeLessThan(400);
  expect(answer.data.content).toMatch(/^[\x20-\x7e]*$/);
  expect(jobs).toEqual([]);
});

test.for([
  "jane_fabrikam.com#EXT#@contoso.onmicrosoft.com",
  "o'brien+test@contoso.co.uk",
  "a.b-c_d%1@xn--bcher-kva.example",
])("%s is a sign-in name", async (name) => {
  const { send, jobs } = start();
  await send(upn(name));
  expect(jobs[0]?.work).toMatchObject({ upn: name });
});

test.for<[title: string, body: unknown]>([
  ["that is not JSON", "{"],
  ["that is not UTF-8 text of an interaction", "null"],
  ["of an array", "[]"],
  ["without a type", { id: "1" }],
  ["of a type that does not exist", { ...commandInteraction("breach-check", CONTOSO), type: 99 }],
  ["with an id that is not one", { ...commandInteraction("breach-check", CONTOSO), id: "../1" }],
  ["with deep nesting", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`],
])("a signed body %s is a 400", async ([, body]) => {
  const { send, jobs } = start();
  expect((await send(body)).status).toBe(400);
  expect(jobs).toEqual([]);
});

test.for<[title: string, interaction: unknown]>([
  ["an unknown command", commandInteraction("format-disk", {})],
  ["a command named like a property of objects", commandInteraction("constructor", {})],
  ["an unknown button", buttonInteraction("v1:detonate:ix-1")],
  ["a button of another version", buttonInteraction("v0:run-again:ix-1")],
  ["a button without a case", buttonInteraction("v1:run-again:")],
  ["a button with a forged case", buttonInteraction("v1:run-again:../../x")],
  ["a form", { ...buttonInteraction("v1:reply:1"), type: 5 }],
])("%s gets an ephemeral sentence", async ([, interaction]) => {
  const { send, jobs } = start();
  const response = await send(interaction);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(sentence(expect.stringMatching(/\w/)));
  expect(jobs).toEqual([]);
});

test("autocomplete of a command that has none gets no choices", async () => {
  const response = await start().send({ ...commandInteraction("breach-check", CONTOSO), type: 4 });
  expect(await response.json()).toEqual({ type: 8, data: { choices: [] } });
});

test("when the queue refuses, the caller is told at once instead of being left thinking", async () => {
  const { send } = start({ outcome: { kind: "unavailable", reason: "down" } });
  const response = await send(commandInteraction("breach-check", CONTOSO));
  expect(await response.json()).toEqual(sentence(expect.stringContaining("nothing was started")));
});

test.for([
  [false, undefined],
  [true, 64],
] as const)(
  "with no worker, the answer (private: %s) says that the job waits, and since when",
  async ([isPrivate, flags]) => {
    const { send, jobs } = start({ outlook: sees(undefined, String(NOW)) });
    const response = await send(commandInteraction("breach-check", { ...CONTOSO, private: isPrivate }));
    const { type, data } = await response.json();
    expect(type).toBe(4);
    expect(data.content).toContain(`no worker since <t:${NOW / 1000}:R>`);
    expect(data.content).toMatch(
      /back within 10 minutes, .* turns into the result; later nothing is started/,
    );
    expect(data.flags).toBe(flags);
    expect(data.allowed_mentions).toEqual({ parse: [] });
    expect(jobs).toHaveLength(1);
  },
);

test("where no worker was ever seen, the answer does not invent a time", async () => {
  const response = await start({ outlook: sees(undefined, undefined) }).send(
    commandInteraction("breach-check", CONTOSO),
  );
  expect((await response.json()).data.content).toMatch(/no worker has been seen yet/);
});

test("whether a worker is there is a courtesy: a job is queued and deferred when nobody can say", async () => {
  const response = await start({ outlook: blind }).send(commandInteraction("breach-check", CONTOSO));
  expect(await response.json()).toEqual({ type: 5 });
});

test.for<[title: string, outlook: Outlook, outcome: EnqueueOutcome, lines: RegExp[]]>([
  [
    "a worker that is there",
    withWorker,
    { kind: "queued" },
    [
      /🟢.*Webhook/,
      /🟢.*Queue.*lookups 2 waiting, 1 running; investigations 0 waiting, 3 running/,
      /🟢.*Worker/,
    ],
  ],
  [
    "a worker that went away",
    sees(undefined, String(NOW)),
    { kind: "queued" },
    [/🟢.*Webhook/, /🟢.*Queue/, /🔴.*Worker.*away, last seen <t:\d+:R>.*npm run worker/],
  ],
  [
    "a queue that nobody reaches",
    blind,
    outOfSight,
    [/🟢.*Webhook/, /🔴.*Queue.*REDIS_URL/, /⚪.*Worker.*unknown/],
  ],
])("/status says at once what the webhook sees: %s", async ([, outlook, outcome, lines]) => {
  const response = await start({ outlook, outcome }).send(commandInteraction("status", {}));
  const { type, data } = await response.json();
  expect(type).toBe(4);
  expect(data.flags).toBe(64);
  const content: string[] = data.content.split("\n");
  expect(content).toHaveLength(lines.length);
  lines.forEach((line, index) => {
    expect(content[index]).toMatch(line);
  });
});

test("/status is for technicians, too: what is down helps an attacker", async () => {
  const { send, jobs } = start();
  const response = await send(commandInteraction("status", {}, { roles: [] }));
  expect(await response.json()).toEqual(sentence(expect.stringContaining("technician role")));
  expect(jobs).toEqual([]);
});

test.for([
  ["public", 0, { type: 5 }],
  ["ephemeral", 64, { type: 5, data: { flags: 64 } }],
] as const)("Run again under a %s message answers the same way", async ([, flags, answer]) => {
  const { send, jobs } = start();
  const response = await send(buttonInteraction("v1:run-again:ix-123", { flags }));
  expect(await response.json()).toEqual(answer);
  expect(jobs[0]?.work).toEqual({ kind: "run-again", caseId: "ix-123" });
});

test("Show result is always for the person who clicked", async () => {
  const { send } = start();
  const response = await send(buttonInteraction("v1:show-result:ix-123"));
  expect(await response.json()).toEqual({ type: 5, data: { flags: 64 } });
});

test.for([
  ["Show evidence", "v1:show-evidence:ix-123", [], { kind: "show-evidence", caseId: "ix-123" }],
  ["Download", "v1:download:ix-123", [], { kind: "download", caseId: "ix-123" }],
  ["a finding", "v1:finding:ix-123", ["f1"], { kind: "show-finding", caseId: "ix-123", findingId: "f1" }],
] as const)(
  "%s is shown to the person who clicked, and nobody else waits for it",
  async ([, id, values, work]) => {
    const { send, jobs } = start();
    const response = await send(buttonInteraction(id, { values }));
    expect(await response.json()).toEqual({ type: 5, data: { flags: 64 } });
    expect(jobs.map((job) => job.work)).toEqual([work]);
  },
);

test("a select menu without a choice starts nothing", async () => {
  const { send, jobs } = start();
  const response = await send(buttonInteraction("v1:finding:ix-123"));
  expect(await response.json()).toEqual(sentence(expect.stringContaining("out of date")));
  expect(jobs).toEqual([]);
});

describe("a click that turns a page", () => {
  test("leaves the message to the worker, as private as it is", async () => {
    const { send, jobs } = start();
    const response = await send(buttonInteraction("v1:query-page:ix-123.2", { flags: 64 }));
    expect(await response.json()).toEqual({ type: 6 });
    expect(jobs).toMatchObject([
      {
        work: { kind: "query-page", caseId: "ix-123", page: 2 },
        interaction: { updates: true, ephemeral: true },
      },
    ]);
  });

  test.for(["query-send", "query-cancel"] as const)(
    "or decides about a change (%s) does so, too",
    async (kind) => {
      const { send, jobs } = start();
      const response = await send(buttonInteraction(`v1:${kind}:ix-123`, { flags: 64 }));
      expect(await response.json()).toEqual({ type: 6 });
      expect(jobs).toMatchObject([{ work: { kind, caseId: "ix-123" }, interaction: { updates: true } }]);
    },
  );

  test("starts nothing while no worker is there, and says so beside the message", async () => {
    const { send, jobs } = start({ outlook: sees(undefined, String(NOW)) });
    const body = await (await send(buttonInteraction("v1:query-page:ix-123.2"))).json();
    expect(body).toMatchObject({ type: 4, data: { content: expect.stringMatching(/^Nothing was started/) } });
    expect(jobs).toEqual([]);
  });

  test("is told in words when the queue is down", async () => {
    const { send } = start({ outcome: { kind: "unavailable", reason: "down" } });
    const body = await (await send(buttonInteraction("v1:tenant-page:ix-123.0"))).json();
    expect(body).toMatchObject({
      type: 4,
      data: { content: expect.stringContaining("nothing was started") },
    });
  });

  test.for([
    "v1:query-page:ix-123",
    "v1:query-page:ix-123.-1",
    "v1:tenant-page:ix-1.x",
    "v1:query-page:../1.2",
  ])("with a custom id of another release is out of date: %s", async (customId) => {
    const body = await (await start().send(buttonInteraction(customId))).json();
    expect(body).toMatchObject({ type: 4, data: { content: expect.stringContaining("out of date") } });
  });
});

test("the choice of a tenant runs the case again for it, and anything but a tenant id does not", async () => {
  const { send, jobs } = start();
  const tenant = "8f5b4c3a-1111-4222-8333-444455556666";
  await send(buttonInteraction("v1:tenant:ix-123", { values: [tenant] }));
  await send(buttonInteraction("v1:tenant:ix-123", { values: ["contoso.com"] }));
  expect(jobs.map(({ work }) => work)).toEqual([{ kind: "run-again", caseId: "ix-123", tenant }]);
});

test.for(["Contoso Ltd", "A. Datum Corporation", "Müller & Söhne GmbH", "Margie's Travel", "3M"])(
  "a client's name is taken as the tenant: %s",
  async (name) => {
    const { send, jobs } = start();
    await send(commandInteraction("breach-check", { ...CONTOSO, tenant: name }));
    expect(jobs[0]?.work).toMatchObject({ tenant: name });
  },
);

test("/query is private and reads, unless it is told otherwise; a change is private whatever it is told", async () => {
  const { send, jobs } = start();
  const response = await send(commandInteraction("query", { endpoint: " /api/clients " }));
  expect(await response.json()).toEqual({ type: 5, data: { flags: 64 } });
  expect(jobs[0]?.work).toEqual({ kind: "query", method: "GET", endpoint: "/api/clients" });
  const change = { endpoint: "/api/clients/2", method: "DELETE", private: false };
  expect(await (await send(commandInteraction("query", change))).json()).toEqual({
    ...{ type: 5, data: { flags: 64 } },
  });
  const wrong = await send(commandInteraction("query", { endpoint: "/api/clients", method: "TRACE" }));
  expect(await wrong.json()).toMatchObject({ data: { content: expect.stringContaining("`method`") } });
});

test("Stop asks the worker to stop and leaves the message to it", async () => {
  const { send, cancelled, jobs } = start();
  const response = await send(buttonInteraction("v1:stop:ix-123"));
  expect(await response.json()).toEqual({ type: 6 });
  expect(cancelled).toEqual(["ix-123"]);
  expect(jobs).toEqual([]);
});

test("a button is authorised like a command", async () => {
  const { send, cancelled, jobs } = start();
  const clicks = [
    "v1:stop:ix-123",
    "v1:run-again:ix-123",
    "v1:show-result:ix-123",
    "v1:show-evidence:ix-123",
    "v1:download:ix-123",
  ];
  for (const click of clicks) await send(buttonInteraction(click, { roles: [] }));
  expect(cancelled).toEqual([]);
  expect(jobs).toEqual([]);
});

test("an unsigned request is a 401 and nothing of it is parsed", async () => {
  const { app, jobs, lines } = start();
  const body = JSON.stringify(commandInteraction("breach-check", CONTOSO));
  const response = await app.request("/interactions", { method: "POST", body });
  expect(response.status).toBe(401);
  expect(jobs).toEqual([]);
  expect(lines).toContainEqual(expect.objectContaining({ message: "request rejected", status: 401 }));
});

test("nothing that is logged holds the interaction token", async () => {
  const { send, lines } = start({ outcome: { kind: "unavailable", reason: "down" } });
  const interaction = commandInteraction("breach-check", CONTOSO);
  await send(interaction);
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toContain(interaction.token);
});

test("an error that nobody expected is a sentence, not a 5xx", async () => {
  const { log, lines } = collectLog();
  const app = createApp({
    guard: createGuard({ publicKeys: [keys.publicKey] }),
    access,
    producer: vi.fn(() => {
      throw new TypeError("boom");
    }),
    outlook: withWorker,
    log,
  });
  const body = JSON.stringify(commandInteraction("breach-check", CONTOSO));
  const response = await app.request("/interactions", { method: "POST", body, headers: keys.headers(body) });
  expect(await response.json()).toEqual(sentence(expect.not.stringContaining("boom")));
  expect(lines).toContainEqual(expect.objectContaining({ level: "error", message: "request failed" }));
});

test("health is independent of the queue, readiness is not", async () => {
  const down = start({ outcome: { kind: "unavailable", reason: "down" } });
  expect((await down.app.request("/healthz")).status).toBe(200);
  expect((await down.app.request("/readyz")).status).toBe(503);
  expect((await start().app.request("/readyz")).status).toBe(200);
});

test("other paths and methods are 404", async () => {
  const { app } = start();
  expect((await app.request("/interactions")).status).toBe(404);
  expect((await app.request("/admin")).status).toBe(404);
});
