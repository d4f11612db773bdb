import { expect, test } from "vitest";
import { describeAct } from "../../../worker/audit/act.ts";
import { createIncidents } from "../../../worker/audit/incidents.ts";
import { type AuditRecord, sealRecord } from "../../../worker/audit/record.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { collectLog } from "../../log.ts";
import { actOf } from "./act-of.ts";
import { createIncidentsServer } from "./incidents-server.ts";

const CHAIN = "8f5b4c3a-1111-4222-8333-444455556666";
const record: AuditRecord = sealRecord(
  { kind: "refusal", act: describeAct(actOf({ name: "query" }), []), code: "NO_ROLE" },
  { chain: CHAIN, previous: undefined, time: "2026-11-25T10:00:00.000Z" },
);
const first = { signal: new AbortController().signal, isRepeat: false };
const repeat = { ...first, isRepeat: true };

async function start(options: Parameters<typeof createIncidentsServer>[0] = {}, apiKey = "test-key") {
  const server = await createIncidentsServer(options);
  await server.up();
  const { log, lines } = collectLog();
  const client = createClaudeToolsClient({ origin: server.url, apiKey, retryDelayMs: 1 });
  return { server, lines, deliver: createIncidents({ client, log }) };
}

test("a record arrives as an incident with all that it says", async () => {
  const { server, deliver } = await start();
  expect(await deliver(record, first)).toBe("taken");
  expect(server.stored).toEqual([
    {
      title: "REFUSED command query: contoso.com adele@contoso.com (NO_ROLE)",
      description: `REFUSED command query: contoso.com adele@contoso.com (NO_ROLE). Audit record 1 of chain ${CHAIN}.`,
      severity: "medium",
      occurred_at: "2026-11-25T10:00:00.000Z",
      source: "msp-discord-bot",
      external_id: `${CHAIN}:1`,
      reported_by: "discord:1100000000000000001",
      details: record,
    },
  ]);
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      headers: {
        "idempotency-key": `${CHAIN}:1`,
        "x-request-id": `${CHAIN}:1`,
        "x-requested-by": "discord:1100000000000000001",
      },
    },
  ]);
});

test("a repeat is not sent when the API says that it has the record", async () => {
  const { server, deliver } = await start();
  await deliver(record, first);
  expect(await deliver(record, repeat)).toBe("already-there");
  expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test.for<[what: string, status: number, body: (own: object) => unknown, outcome: string]>([
  ["a page of incidents", 200, (own) => ({ total: 1, items: [own] }), "already-there"],
  ["another incident alone", 200, () => [{ external_id: "x" }, { title: "no id" }], "taken"],
  ["an empty page", 200, () => ({ total: 0, incidents: [] }), "taken"],
  ["what is no list", 200, () => "ok", "taken"],
  ["that it knows no such route", 405, () => ({ detail: "Method Not Allowed" }), "taken"],
  ["that it knows no such filter", 422, () => ({ detail: [] }), "taken"],
])("asked for a record, the API answers %s: %s", async ([, status, body, outcome]) => {
  const { server, deliver } = await start({
    find: (_, id) => ({ status, body: body({ external_id: id }) }),
  });
  expect(await deliver(record, repeat)).toBe(outcome);
  expect(server.stored).toHaveLength(outcome === "taken" ? 1 : 0);
});

test("a conflict counts as there only if the record is", async () => {
  const there = await start({
    answer: () => 409,
    find: (_, id) => ({ status: 200, body: [{ external_id: id }] }),
  });
  expect(await there.deliver(record, first)).toBe("already-there");
  const absent = await start({ answer: () => 409 });
  await expect(absent.deliver(record, first)).rejects.toMatchObject({ code: "CLAUDETOOLS_REFUSED" });
});

test("a refusal names the field and never the token", async () => {
  const { deliver } = await start({ answer: () => 422 });
  const error: unknown = await deliver(record, first).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "CLAUDETOOLS_INVALID",
    message: expect.stringContaining("body.severity"),
  });
  const wrongKey = await start({}, "canary-key");
  const denied: unknown = await wrongKey.deliver(record, repeat).catch((thrown: unknown) => thrown);
  expect(denied).toMatchObject({ code: "CLAUDETOOLS_UNAUTHENTICATED" });
  expect(String(denied)).not.toContain("canary");
});

test("a redirect is not followed", async () => {
  const { deliver, server } = await start({ answer: () => 307 });
  await expect(deliver(record, first)).rejects.toMatchObject({ code: "CLAUDETOOLS_REDIRECTED" });
  expect(server.requests).toHaveLength(1);
});

test("an answer of many megabytes is not read to its end", async () => {
  const padding = "x".repeat(6_000_000);
  const { deliver } = await start({
    find: (_, id) => ({ status: 200, body: { padding, items: [{ external_id: id }] } }),
  });
  expect(await deliver(record, repeat)).toBe("taken");
});

test("whether a record is there is asked again after a hiccup, and a record is never sent twice in one try", async () => {
  let asked = 0;
  const { server, deliver } = await start({
    find: () => (++asked === 1 ? { status: 503, body: {} } : { status: 200, body: [] }),
    answer: () => 503,
  });
  await expect(deliver(record, repeat)).rejects.toMatchObject({ code: "CLAUDETOOLS_BROKEN" });
  expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
  expect(new Set(server.requests.map(({ headers }) => headers["x-request-id"]))).toEqual(
    new Set([`${CHAIN}:1`]),
  );
});

test("a record whose answer breaks off behind its status is taken", async () => {
  const { server, deliver } = await start({ modeOf: () => "break-off" });
  expect(await deliver(record, first)).toBe("taken");
  expect(server.stored).toHaveLength(1);
});
