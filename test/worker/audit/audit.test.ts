import { expect, test } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { JobCancelled, JobInterrupted } from "../../../src/jobs/queue.ts";
import type { Act } from "../../../worker/audit/act.ts";
import { createAudit } from "../../../worker/audit/audit.ts";
import { audited } from "../../../worker/audit/audited.ts";
import type { Entry } from "../../../worker/audit/record.ts";
import { collectLog } from "../../log.ts";
import { actOf } from "./act-of.ts";

/** An audit whose entries a test can read. @param takes - Whether the disk does. */
function start({ takes = () => true, now = Date.now }: { takes?: () => boolean; now?: () => number } = {}) {
  const entries: Entry[] = [];
  const { log, lines } = collectLog();
  const append = async (entry: Entry) => {
    if (!takes()) throw new AppError("AUDIT_NOT_WRITTEN", "full", { cause: new Error("ENOSPC") });
    entries.push(entry);
  };
  return { audit: createAudit({ chain: { append }, log, secrets: ["hunter2hunter2"], now }), entries, lines };
}

const signal = new AbortController().signal;
const change = actOf({ kind: "change", effect: "change" });

test("the attempt is on record before the act, the outcome with its duration after", async () => {
  let now = 1_000;
  const { audit, entries } = start({ now: () => now });
  const value = await audited(actOf(), { audit, signal }, async () => {
    expect(entries).toMatchObject([{ kind: "attempt", act: { name: "breach-check" } }]);
    now += 250;
    return 7;
  });
  expect(value).toBe(7);
  const [attempt, outcome] = entries;
  expect(outcome).toMatchObject({ kind: "outcome", result: "SUCCESS", durationMs: 250 });
  expect(outcome).toMatchObject({ attemptId: attempt?.kind === "attempt" && attempt.attemptId });
});

test.for<[thrown: unknown, ending: object]>([
  [new AppError("TENANT_UNKNOWN", "no"), { result: "FAILURE", code: "TENANT_UNKNOWN" }],
  [new Error("canary"), { result: "FAILURE", code: "UNEXPECTED" }],
  ["canary", { result: "FAILURE", code: "UNEXPECTED" }],
  [new JobCancelled("stop"), { result: "STOPPED" }],
  [new JobInterrupted("end"), { result: "INTERRUPTED" }],
])("what is thrown (%s) is on record as such, and thrown on", async ([thrown, ending]) => {
  const { audit, entries } = start();
  await expect(audited(actOf(), { audit, signal }, () => Promise.reject(thrown))).rejects.toBe(thrown);
  expect(entries[1]).toMatchObject(ending);
  expect(JSON.stringify(entries)).not.toContain("canary");
});

test("an act that was aborted ended for the reason of the abort", async () => {
  const { audit, entries } = start();
  const controller = new AbortController();
  const act = audited(actOf(), { audit, signal: controller.signal }, async () => {
    controller.abort(new JobCancelled("stop"));
    throw new Error("killed");
  });
  await expect(act).rejects.toThrow("killed");
  expect(entries[1]).toMatchObject({ result: "STOPPED" });
});

test("a change that cannot be put on record is not done", async () => {
  const { audit } = start({ takes: () => false });
  let isDone = false;
  const act = audited(change, { audit, signal }, async () => {
    isDone = true;
  });
  await expect(act).rejects.toMatchObject({ code: "AUDIT_NOT_WRITTEN" });
  expect(isDone).toBe(false);
});

test("an act that only reads is done without a record, and the log says so loudly", async () => {
  const { audit, lines } = start({ takes: () => false });
  expect(await audited(actOf(), { audit, signal }, async () => "read")).toBe("read");
  await audit.refused(actOf(), "NO_ROLE");
  expect(lines.map(({ level, record }) => [level, record])).toEqual([
    ["error", "attempt"],
    ["error", "outcome"],
    ["error", "refusal"],
  ]);
  expect(lines[0]?.err).toMatchObject({ message: "ENOSPC" });
});

test("a change that was done stays done when its outcome cannot be put on record", async () => {
  let takes = true;
  const { audit, lines } = start({ takes: () => takes });
  const value = await audited(change, { audit, signal }, async () => {
    takes = false;
    return "done";
  });
  expect(value).toBe("done");
  expect(lines).toMatchObject([{ level: "error", record: "outcome" }]);
});

const long = `${"x".repeat(400)}😀`;
const jwt = "eyJcanary.eyJcanary.canary-_";
test.for<[what: string, act: Partial<Act>]>([
  ["a JWT for a name", { name: jwt }],
  ["a secret of this process", { target: { upn: "hunter2hunter2" } }],
  ["a token in an endpoint's path", { target: { endpoint: `GET /webhooks/1/canary/messages` } }],
  ["what an endpoint's query asks", { target: { endpoint: "GET /api/mails?subject=canary hunter2hunter2" } }],
  ["what the arguments say", { args: { body: "canary hunter2hunter2", interactionToken: "canary" } }],
  ["a bearer token in an id", { ids: { requestId: "Bearer canary.canary" } }],
  ["a secret where it would be cut in two", { name: `${"x".repeat(90)} ${jwt}` }],
])("%s does not get on record", async ([, change]) => {
  const { audit, entries } = start();
  await audited(actOf(change), { audit, signal }, async () => undefined);
  await audit.refused(actOf(change), "NO_ROLE");
  await audit.interrupted(actOf(change));
  expect(entries).toHaveLength(4);
  expect(JSON.stringify(entries)).not.toMatch(/canary|hunter2/);
});

test("what somebody else wrote is short and visible on record", async () => {
  const { audit, entries } = start();
  const upn = `a\u202eb\n\u001b[31m${long}`;
  await audit.refused(actOf({ name: long, target: { upn, endpoint: long } }), "X".repeat(100));
  expect(JSON.stringify(entries)).not.toMatch(/\\n|\\u|\u202e/);
  expect(JSON.stringify(entries).length).toBeLessThan(1_300);
});

test("arguments have one hash, whatever the order of their names", async () => {
  const { audit, entries } = start();
  await audit.refused(actOf({ args: { a: 1, b: [{ c: 2, d: 3 }] } }), "X");
  await audit.refused(actOf({ args: { b: [{ d: 3, c: 2 }], a: 1, e: undefined } }), "X");
  await audit.refused(actOf({ args: { b: [{ d: 3, c: 3 }], a: 1 } }), "X");
  const hashes = entries.map((entry) => "act" in entry && entry.act.argsSha256);
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});
