import { expect, test, vi } from "vitest";
import { AppError } from "../../src/errors.ts";
import { createJob, type InteractionRef, type Job, type Work } from "../../src/jobs/contract.ts";
import { JobCancelled, type JobContext, JobInterrupted } from "../../src/jobs/queue.ts";
import { createAudit } from "../../worker/audit/audit.ts";
import type { Entry } from "../../worker/audit/record.ts";
import { createCases } from "../../worker/cases/cases.ts";
import type { Standing } from "../../worker/claudetools/discord-users.ts";
import { createConsume } from "../../worker/consume.ts";
import { createDownload } from "../../worker/handlers/download.ts";
import type { Handler } from "../../worker/handlers/handler.ts";
import { createShowEvidence } from "../../worker/handlers/show-evidence.ts";
import { createShowFinding } from "../../worker/handlers/show-finding.ts";
import { createShowResult } from "../../worker/handlers/show-result.ts";
import { createStatus } from "../../worker/handlers/status.ts";
import { createRecentJobs } from "../../worker/ops/recent-jobs.ts";
import { createOutbox } from "../../worker/outbox.ts";
import { createPermit } from "../../worker/permit.ts";
import type { Progress, Report } from "../../worker/report.ts";
import { useEmbeddedJobs } from "../embedded-store.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../interactions.ts";
import { collectLog } from "../log.ts";

const jobs = useEmbeddedJobs();
const access = {
  guildId: GUILD,
  adminRoles: [],
  techRoles: [TECH_ROLE],
  adminUsers: [],
  techUsers: [],
  roleTenants: [],
};
const breachCheck = { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" } as const;

const report: Report = {
  outcome: "Done",
  title: "No evidence: adele@contoso.com",
  tone: "good",
  lead: "Nothing was found.",
  sections: [],
  files: [],
  buttons: [],
};

function interactionRef(change: Partial<InteractionRef> = {}): InteractionRef {
  return {
    id: snowflake(),
    applicationId: APPLICATION,
    interactionToken: "canary-interaction-token",
    guildId: GUILD,
    channelId: CHANNEL,
    userId: TECH_USER,
    roleIds: [TECH_ROLE],
    ephemeral: false,
    attachmentLimitBytes: 10_000_000,
    ...change,
  };
}
const jobOf = (work: Work = breachCheck, change: Partial<InteractionRef> = {}) =>
  createJob(interactionRef(change), work, { now: Date.now() });

/** The worker with a handler of the test's own; what would reach Discord is collected. */
function start({
  handle = async () => report,
  discordIsDown = () => false,
  retryEveryMs = 60_000,
  now = Date.now,
  standing = { kind: "silent" },
}: {
  handle?: Handler<"breach-check">["run"];
  discordIsDown?: () => boolean;
  retryEveryMs?: number;
  now?: () => number;
  standing?: Standing;
} = {}) {
  const other = { access: "tech" as const, run: async () => report };
  const sent: { jobId: string; report: Report }[] = [];
  const shown: Progress[] = [];
  const { log, lines } = collectLog();
  const { store } = jobs();
  const cases = createCases({ store, dataDir: "unused" });
  const openReply = ({ jobId }: { jobId: string }) => ({
    progress: (progress: Progress) => void shown.push(progress),
    endProgress: async () => undefined,
    finish: async (final: Report) => {
      if (discordIsDown()) throw new AppError("DISCORD_UNDELIVERED", "down", { retryable: true });
      sent.push({ jobId, report: final });
      return { kind: "edited" as const, missing: [] };
    },
  });
  const outbox = createOutbox({ cases, store, openReply, log, retryEveryMs });
  const handler = vi.fn(handle);
  const entries: Entry[] = [];
  const append = async (entry: Entry) => void entries.push(entry);
  const consume = createConsume({
    handlers: {
      "breach-check": { access: "tech", run: handler },
      "tenant-sweep": { access: "tech", run: async () => report },
      "show-result": createShowResult({ cases }),
      "show-evidence": createShowEvidence({ cases }),
      "show-finding": createShowFinding({ cases }),
      download: createDownload({ cases }),
      "tenant-page": other,
      query: other,
      "query-page": other,
      "query-raw": other,
      "query-send": other,
      "query-cancel": other,
      whoami: other,
      status: createStatus({ probes: [] }),
      ask: { access: "tech", run: async () => report },
      forget: { access: "tech", run: async () => report },
      usage: { access: "tech", run: async () => report },
    },
    permit: createPermit({ lists: access, users: { standingOf: async () => standing } }),
    audit: createAudit({ chain: { append }, log, secrets: [] }),
    cases,
    outbox,
    recent: createRecentJobs({ store, processId: "test" }),
    openReply,
    log,
    now,
  });
  const controller = new AbortController();
  const context: JobContext = { signal: controller.signal, attempt: 1, progress: async () => undefined };
  const sentFor = (job: Job) => sent.filter(({ jobId }) => jobId === job.id).map((entry) => entry.report);
  return { ...consume, handler, context, controller, sentFor, shown, lines, outbox, cases, entries };
}

test("a job is run and its report delivered", async () => {
  const worker = start();
  const job = jobOf();
  await worker.run(job, worker.context);
  expect(worker.handler).toHaveBeenCalledWith(breachCheck, expect.objectContaining({ job }));
  expect(worker.sentFor(job)).toEqual([report]);
});

test("a job past its deadline is not run, and offers to be", async () => {
  const job = jobOf();
  const worker = start({ now: () => job.deadlineAt + 1 });
  await worker.run(job, worker.context);
  expect(worker.handler).not.toHaveBeenCalled();
  expect(worker.sentFor(job)).toMatchObject([
    { outcome: "Expired", buttons: [{ action: "run-again", caseId: job.id }] },
  ]);

  const again = jobOf({ kind: "run-again", caseId: job.id });
  const inTime = start();
  await inTime.run(again, inTime.context);
  expect(inTime.handler).toHaveBeenCalledWith(breachCheck, expect.anything());
});

test("a click on Send is looked at however late it is, since an earlier start of it may have sent", async () => {
  const job = jobOf({ kind: "query-send", caseId: "ix-1" });
  const worker = start({ now: () => job.deadlineAt + 1 });
  await worker.run(job, worker.context);
  expect(worker.sentFor(job)).toEqual([report]);
});

test("a change that the queue has given up may have been done, and is offered to nobody", async () => {
  const job = jobOf({ kind: "query-send", caseId: "ix-1" });
  const worker = start();
  await worker.onInterrupted(job);
  const [told] = worker.sentFor(job);
  expect(told).toMatchObject({ outcome: "Interrupted", buttons: [] });
  expect(told?.lead).toContain("It may have been done");
});

test("a job whose requester is not allowed is not run", async () => {
  const worker = start();
  const job = jobOf(breachCheck, { roleIds: [] });
  await worker.run(job, worker.context);
  expect(worker.handler).not.toHaveBeenCalled();
  expect(worker.sentFor(job)).toMatchObject([{ outcome: "Failed", title: "Not allowed", buttons: [] }]);
  expect(worker.lines).toContainEqual(expect.objectContaining({ message: "refused", code: "NO_ROLE" }));
});

test("a change whose requester lost their role after a crash is not said to be undone", async () => {
  const worker = start();
  const job = jobOf({ kind: "query-send", caseId: "ix-1" }, { roleIds: [] });
  await worker.run(job, { ...worker.context, attempt: 2 });
  expect(worker.sentFor(job)[0]?.lead).toContain("It may have been done");
  expect(worker.entries).toMatchObject([{ kind: "refusal", code: "NO_ROLE" }]);
});

test("what an AppError says is shown; what any other error says is not", async () => {
  const known = start({ handle: () => Promise.reject(new AppError("X", "No such tenant. Check the name.")) });
  const unknown = start({ handle: () => Promise.reject(new Error("ECONNREFUSED 10.0.0.7 canary")) });
  const [first, second] = [jobOf(), jobOf()];
  await known.run(first, known.context);
  await unknown.run(second, unknown.context);
  expect(known.sentFor(first)).toMatchObject([
    { outcome: "Failed", lead: "No such tenant. Check the name." },
  ]);
  expect(unknown.sentFor(second)).toMatchObject([{ outcome: "Failed" }]);
  expect(JSON.stringify(unknown.sentFor(second))).not.toContain("canary");
  expect(unknown.lines).toContainEqual(expect.objectContaining({ level: "error", message: "job failed" }));
});

test.for([
  ["a person stops it", new JobCancelled("stop"), "Stopped"],
  ["the worker ends", new JobInterrupted("shutdown"), "Interrupted"],
] as const)("when %s, a job that runs ends in words and can be run again", async ([, reason, outcome]) => {
  const worker = start({
    handle: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("killed")));
        worker.controller.abort(reason);
      }),
  });
  const job = jobOf();
  await worker.run(job, worker.context);
  expect(worker.sentFor(job)).toMatchObject([
    { outcome, buttons: [{ action: "run-again", caseId: job.id }] },
  ]);
});

test("a job that was stopped while it waited is not run", async () => {
  const worker = start();
  worker.controller.abort(new JobCancelled("stop"));
  const job = jobOf();
  await worker.run(job, worker.context);
  expect(worker.handler).not.toHaveBeenCalled();
  expect(worker.sentFor(job)).toMatchObject([{ outcome: "Stopped" }]);
});

test("an interrupted job is told once, however often it is found", async () => {
  const worker = start();
  const job = jobOf();
  await worker.onInterrupted(job);
  await worker.onInterrupted(job);
  expect(worker.sentFor(job)).toMatchObject([{ outcome: "Interrupted" }]);
});

test("a job that was interrupted after its report had arrived is not told again", async () => {
  const worker = start();
  const job = jobOf();
  await worker.run(job, worker.context);
  await worker.onInterrupted(job);
  expect(worker.sentFor(job)).toEqual([report]);
});

test("a job of another release is explained to the person it names", async () => {
  const worker = start();
  const job = jobOf();
  await worker.run({ ...job, contract: 2 }, worker.context);
  expect(worker.handler).not.toHaveBeenCalled();
  expect(worker.sentFor(job)).toMatchObject([
    { outcome: "Failed", lead: expect.stringContaining("another release") },
  ]);
});

test("junk in the queue is logged and harms nothing", async () => {
  const worker = start();
  for (const junk of [null, 1, "x", [], {}, { id: "ix-1" }]) await worker.run(junk, worker.context);
  expect(worker.handler).not.toHaveBeenCalled();
  expect(worker.lines.filter(({ level }) => level === "error")).toHaveLength(6);
});

test("a report that Discord does not take is delivered when Discord is back", async () => {
  let down = true;
  const worker = start({ discordIsDown: () => down, retryEveryMs: 10 });
  const job = jobOf();
  await worker.run(job, worker.context);
  expect(worker.sentFor(job)).toEqual([]);
  down = false;
  await vi.waitFor(() => expect(worker.sentFor(job)).toEqual([report]));
  await worker.outbox.close();
});

test("a report that an earlier process could not deliver is delivered by the next one", async () => {
  const job = jobOf();
  const dying = start({ discordIsDown: () => true });
  await dying.run(job, dying.context);
  await dying.outbox.close();
  const next = start();
  await vi.waitFor(() => expect(next.sentFor(job)).toEqual([report]));
  await next.outbox.close();
  expect(await next.cases.owed()).not.toContain(job.id);
});

test.for([
  ["has arrived", false],
  ["is on its way", true],
] as const)("a job whose process died after its report %s is not run a second time", async ([, isDown]) => {
  const job = jobOf({ kind: "breach-check", tenant: "contoso.com", upn: "megan@contoso.com" });
  const dying = start({ discordIsDown: () => isDown });
  await dying.run(job, dying.context);
  await dying.outbox.close();
  const next = start({ handle: async () => ({ ...report, lead: "Another answer." }) });
  await next.run(job, { ...next.context, attempt: 2 });
  expect(next.handler).not.toHaveBeenCalled();
  await vi.waitFor(() => expect([...dying.sentFor(job), ...next.sentFor(job)]).toEqual([report]));
  await next.outbox.close();
});

test("Run again does what the earlier case did", async () => {
  const worker = start();
  const first = jobOf({ ...breachCheck, upn: "megan@contoso.com" });
  await worker.run(first, worker.context);
  const second = jobOf({ kind: "run-again", caseId: first.id });
  await worker.run(second, worker.context);
  const third = jobOf({ kind: "run-again", caseId: second.id });
  await worker.run(third, worker.context);
  expect(worker.handler.mock.calls.map(([work]) => work.upn)).toEqual(Array(3).fill("megan@contoso.com"));
});

test("Run again of a case that nobody knows says so", async () => {
  const worker = start();
  const job = jobOf({ kind: "run-again", caseId: "ix-404" });
  await worker.run(job, worker.context);
  expect(worker.sentFor(job)).toMatchObject([
    { outcome: "Failed", lead: expect.stringContaining("no longer kept") },
  ]);
});

test("Show result shows a private result to its requester and to nobody else", async () => {
  const worker = start();
  const first = jobOf(breachCheck, { ephemeral: true });
  await worker.run(first, worker.context);
  const mine = jobOf({ kind: "show-result", caseId: first.id }, { ephemeral: true });
  const theirs = jobOf({ kind: "show-result", caseId: first.id }, { ephemeral: true, userId: snowflake() });
  await worker.run(mine, worker.context);
  await worker.run(theirs, worker.context);
  expect(worker.sentFor(mine)).toEqual([report]);
  expect(worker.sentFor(theirs)).toMatchObject([
    { outcome: "Failed", lead: expect.stringContaining("private") },
  ]);
});

test.for([
  ["is late", undefined, "Expired"],
  ["is stopped", new JobCancelled("stop"), "Stopped"],
  ["is interrupted", new JobInterrupted("shutdown"), "Interrupted"],
] as const)(
  "a lookup that %s says to ask again, and not to press what is not there",
  async ([, reason, outcome]) => {
    const lookup = jobOf({ kind: "ask", question: "what is new?" });
    const worker = start({ now: () => (reason === undefined ? lookup.deadlineAt + 1 : Date.now()) });
    if (reason) worker.controller.abort(reason);
    await worker.run(lookup, worker.context);
    expect(worker.sentFor(lookup)).toMatchObject([{ outcome, buttons: [] }]);
    expect(worker.sentFor(lookup)[0]?.lead).not.toMatch(/Run again|check/);
  },
);

test("no log line holds the interaction token", async () => {
  const worker = start({ handle: () => Promise.reject(new Error("boom")) });
  await worker.run(jobOf(), worker.context);
  await worker.run({ ...jobOf(), work: "junk" }, worker.context);
  expect(JSON.stringify(worker.lines)).not.toContain("canary-interaction-token");
});

test("a job's attempt is on record before it runs, and its outcome after", async () => {
  const worker = start({
    handle: async () => {
      expect(worker.entries).toMatchObject([{ kind: "attempt" }]);
      return report;
    },
  });
  const job = jobOf();
  await worker.run(job, worker.context);
  expect(worker.entries).toMatchObject([
    {
      kind: "attempt",
      act: {
        name: "breach-check",
        actor: { userId: TECH_USER, level: "tech" },
        place: { guildId: GUILD, channelId: CHANNEL },
        target: { tenant: "contoso.com", upn: "adele@contoso.com" },
        ids: { jobId: job.id, interactionId: job.interaction.id },
      },
    },
    { kind: "outcome", result: "SUCCESS" },
  ]);
  expect(JSON.stringify(worker.entries)).not.toContain("canary");
});

test("a failure, a refusal and an interruption are on record as such", async () => {
  const worker = start({ handle: () => Promise.reject(new AppError("TENANT_UNKNOWN", "no")) });
  await worker.run(jobOf(), worker.context);
  await worker.run(jobOf(breachCheck, { roleIds: [] }), worker.context);
  await worker.onInterrupted(jobOf());
  expect(worker.entries).toMatchObject([
    { kind: "attempt" },
    { kind: "outcome", result: "FAILURE", code: "TENANT_UNKNOWN" },
    { kind: "refusal", code: "NO_ROLE", act: { name: "breach-check", actor: { userId: TECH_USER } } },
    { kind: "outcome", result: "INTERRUPTED" },
  ]);
});

test("what Run again has become is what goes on record", async () => {
  const worker = start();
  const first = jobOf();
  await worker.run(first, worker.context);
  await worker.run(jobOf({ kind: "run-again", caseId: first.id }), worker.context);
  expect(worker.entries.at(-1)).toMatchObject({
    act: { name: "breach-check", target: { tenant: "contoso.com" } },
  });
});
