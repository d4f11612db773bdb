import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { QueryWork } from "../../../src/jobs/contract.ts";
import type { Entry } from "../../../worker/audit/record.ts";
import { renderReport, renderTranscript } from "../../../worker/discord/render.ts";
import type { HandlerContext } from "../../../worker/handlers/handler.ts";
import type { Report } from "../../../worker/report.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake } from "../../interactions.ts";
import type { Fault } from "../../sandbox/claudetools/faults.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";
import { createWorld } from "../../sandbox/tenants/world.ts";
import { contextOf, openQuery, type Who } from "./open-query.ts";

const jobs = useEmbeddedJobs();
const SOMEBODY_ELSE = "1100000000000000099";
const ADMIN: Who = { level: "admin" };
const MINUTE = 60_000;
let api: ClaudeToolsSandbox;
let clock: number;
let entries: Entry[];
// One for all: every test counts what it sends itself.
beforeAll(async () => {
  api = await startClaudeTools();
});
afterAll(() => api.close());
beforeEach(() => {
  clock = Date.now();
  entries = [];
  api.requests.length = 0;
  api.faults.length = 0;
});

/** Patient by default, since a busy machine that answers late must not look like an API that hangs. */
const open = ({ answerTimeoutMs = 5_000 } = {}) =>
  openQuery({ api, store: jobs().store, entries, now: () => clock, answerTimeoutMs });
const IMPATIENT = { answerTimeoutMs: 500 };

const NEW_TASK = { client_id: 1, title: "Replace the firewall", priority: "high" };
const CREATE: Partial<QueryWork> = {
  ...{ method: "POST", endpoint: "/api/tasks" },
  body: JSON.stringify(NEW_TASK),
};

/** Asks, as an administrator, and gives the id by which the buttons know the call. */
async function ask(change: Partial<QueryWork> = CREATE, who: Who = ADMIN) {
  const work: QueryWork = { kind: "query", method: "GET", endpoint: "/api/tasks", ...change };
  const context = contextOf(work, who);
  return { report: await open().query.run(work, context), id: context.job.id };
}

const clickOn = (id: string, who: Who = ADMIN) => contextOf({ kind: "query-send", caseId: id }, who);
const send = (id: string, context: HandlerContext = clickOn(id), patience = {}) =>
  open(patience).querySend.run({ kind: "query-send", caseId: id }, context);
const cancel = (id: string, who: Who = ADMIN) => {
  const work = { kind: "query-cancel", caseId: id } as const;
  return open().queryCancel.run(work, contextOf(work, who));
};

/** The changes that reached the API. */
const sent = () => api.requests.filter(({ method }) => method !== "GET");
const shown = (report: Report) =>
  JSON.stringify([
    renderReport(report, { jobId: "ix-1234567", durationMs: 100 }),
    ...renderTranscript(report.transcript ?? ""),
  ]);
/** What is on record about the call, in short. */
const onRecord = () =>
  entries.map((entry) => {
    const act = "act" in entry ? `${entry.act.kind} ${entry.act.name}` : "";
    const how = entry.kind === "outcome" ? entry.result : entry.kind === "refusal" ? entry.code : "";
    return `${entry.kind} ${act} ${how}`.trim();
  });
const REQUESTED = ["attempt approval request", "outcome approval request SUCCESS"];
const APPROVED = ["attempt approval approve", "outcome approval approve SUCCESS"];

describe("the question", () => {
  test("shows exactly what would be sent, what it does and to whom, and sends nothing", async () => {
    const { report } = await ask();
    expect(report.title).toBe("Send this to ClaudeTools? POST /api/tasks");
    expect(report.lead).toContain(`until ${new Date(clock + 10 * MINUTE).toISOString().slice(0, 10)}`);
    expect(report.sections).toEqual([
      {
        heading: "What it does",
        lines: ['ClaudeTools calls it "Create Task".', "Client 1: Contoso Ltd · contoso.com"],
      },
      { heading: "Call", lines: ["POST /api/tasks"] },
      { heading: "Body", lines: ["client_id: 1", 'title: "Replace the firewall"', 'priority: "high"'] },
    ]);
    const [row] = renderReport(report, { jobId: "ix-1234567", durationMs: 1 }).components ?? [];
    expect(row?.components).toMatchObject([
      { label: "Send POST", style: 4 },
      { label: "Cancel", style: 2 },
    ]);
    expect(sent()).toEqual([]);
    expect(onRecord()).toEqual(REQUESTED);
  });

  test("about a record shows the record as it is now", async () => {
    const { report } = await ask({ method: "DELETE", endpoint: "/api/clients/2" });
    const now = report.sections.find(({ heading }) => heading === "The record as it is now");
    expect(now?.lines).toContain("name: Fabrikam Inc");
    const id = api.records.get("tasks")?.find((task) => task.id === 5)?.client_id;
    const ofTask = await ask({ method: "PATCH", endpoint: "/api/tasks/5", body: '{"status":"done"}' });
    expect(JSON.stringify(ofTask.report.sections[0])).toContain(`Client ${id}: `);
    expect(report.sections.at(-1)).toEqual({ heading: "Body", lines: ["none"] });
  });

  test("hides secrets and says that they are sent, and keeps a hostile text harmless", async () => {
    const title = "# [x](https://evil.example/a) <@110> @everyone ```\u202e";
    const body = JSON.stringify({ ...NEW_TASK, title, description: "password=hunter2canary" });
    const { report } = await ask({ ...CREATE, body });
    const text = shown(report);
    expect(text).not.toMatch(/hunter2|https?:\/\/evil|@everyone|<@110>|\u202e|[^\\]```|[^\\]\]\(/);
    expect(report.lead).toContain("Hidden here, and sent as typed: 1 value ");
    expect(report.lead).toContain("sent all the same: 1 character that cannot be seen");
    expect(JSON.stringify(api.requests)).not.toContain("hunter2");
  });

  test("about a long body says so, and brings all of it in a message of its own", async () => {
    const description = "a long story ".repeat(300);
    const { report } = await ask({ ...CREATE, body: JSON.stringify({ ...NEW_TASK, description }) });
    expect(report.lead).toContain("all of it is in the next one");
    expect(report.transcript).toContain(description);
    expect(JSON.stringify(renderReport(report, { jobId: "ix-1", durationMs: 1 })).length).toBeLessThan(6_000);
  });

  test("that is asked again after a crash does not cover what came of it", async () => {
    const work: QueryWork = { kind: "query", method: "DELETE", endpoint: "/api/tasks/9" };
    const context = contextOf(work, ADMIN);
    await open().query.run(work, context);
    const done = await send(context.job.id);
    expect(await open().query.run(work, context)).toEqual(done);
    expect(sent()).toHaveLength(1);
  });

  test.for([40, 60])("is not asked about a body that is nested %i deep", async (depth) => {
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const { report, id } = await ask({ ...CREATE, body: `{"client_id":1,"title":"x","extra":${deep}}` });
    expect(report.lead).toContain("what was not shown is not sent");
    expect(report.buttons).toEqual([]);
    expect((await send(id)).outcome).toBe("Expired");
    expect(sent()).toEqual([]);
  });

  test.for([`http://${".a".repeat(50)}`, "\ue000".repeat(60), "_ ".repeat(70)])(
    "shows all of %j, in the next message where it does not fit",
    async (title) => {
      const { report } = await ask({ ...CREATE, body: JSON.stringify({ ...NEW_TASK, title }) });
      const isCut = JSON.stringify(renderReport(report, { jobId: "ix-1", durationMs: 1 })).includes(
        "more char",
      );
      expect(report.transcript !== undefined || !isCut).toBe(true);
    },
  );

  test("about a body with more lines than messages hold is not asked", async () => {
    const body = JSON.stringify({ ...NEW_TASK, tags: Array(2_500).fill(1) });
    const { report, id } = await ask({ ...CREATE, body });
    expect(report.lead).toContain("what was not shown is not sent");
    expect(report.buttons).toEqual([]);
    expect((await send(id)).outcome).toBe("Expired");
  });

  test.for<[what: string, one: object, other: object]>([
    ["a dot in a name", { "a.b": 1 }, { a: { b: 1 } }],
    ["brackets in a name", { "a[0]": 1 }, { a: [1] }],
    ["no name", { "": { a: 1 } }, { a: 1 }],
    ["a line break in a name", { "a: 1\nb": 2 }, { a: 1, b: 2 }],
    ["a blank that only looks like one", { a: "b\u00a0c" }, { a: "b c" }],
  ])("tells apart what differs by %s", async ([, ...extras]) => {
    const bodies = await Promise.all(
      extras.map(async (extra) => {
        const { report } = await ask({ ...CREATE, body: JSON.stringify({ ...NEW_TASK, ...extra }) });
        return report.sections.find(({ heading }) => heading === "Body")?.lines.join("\n");
      }),
    );
    expect(bodies[0]).not.toBe(bodies[1]);
    expect(bodies[0]).not.toContain("\u00a0");
  });

  test.for<[what: string, change: Partial<QueryWork>, who: Who]>([
    ["by a technician", CREATE, { level: "tech" }],
    ["to a router with secrets", { ...CREATE, endpoint: "/api/credentials" }, ADMIN],
    ["that the API's description refuses", { ...CREATE, body: '{"title": 5}' }, ADMIN],
  ])("is not asked about a change %s", async ([, change, who]) => {
    const { report } = await ask(change, who);
    expect(report).toMatchObject({ outcome: "Failed", buttons: [] });
    expect(sent()).toEqual([]);
  });
});

describe("Send", () => {
  test("sends what was shown byte for byte, shows the answer, and says who sent it when", async () => {
    const { id } = await ask();
    const report = await send(id);
    expect(report).toMatchObject({ outcome: "Done", title: "POST /api/tasks", tone: "good" });
    expect(report.lead).toMatch(/^Done\. Sent by Discord user \d+ on [\d-]+ [\d:]+ UTC, request \S+\./);
    expect(report.sections).toContainEqual({
      ...{ heading: "title", lines: ["Replace the firewall"], isNarrow: true },
    });
    expect(report.buttons).toMatchObject([{ action: "query-raw" }]);
    expect(sent()).toMatchObject([{ method: "POST", url: "/api/tasks", body: NEW_TASK, status: 201 }]);
    expect(report.lead).toContain(sent()[0]?.requestId);
    expect(onRecord()).toEqual([
      ...REQUESTED,
      ...APPROVED,
      "attempt change send",
      "outcome change send SUCCESS",
    ]);
    // All about one call, which is known by its hash alone.
    const hashes = entries.map((entry) => "act" in entry && entry.act.argsSha256);
    expect(new Set(hashes).size).toBe(1);
    expect(JSON.stringify(entries)).not.toContain("firewall");
  });

  test("of a deletion says that it is done, and a second click sends nothing", async () => {
    const { id } = await ask({ method: "DELETE", endpoint: "/api/tasks/7" });
    expect((await send(id)).outcome).toBe("Done");
    const again = await send(id);
    expect(again).toMatchObject({ outcome: "Failed", title: "Already decided" });
    expect(again.settles).toBeUndefined();
    expect(again.lead).toContain("/query endpoint:/api/tasks/7");
    expect(sent()).toHaveLength(1);
  });

  test.for([
    ["Send", send],
    ["Cancel", cancel],
  ] as const)(
    "%s: a question that was pressed has arrived, and is not brought over the answer",
    async ([, press]) => {
      const work: QueryWork = { kind: "query", method: "DELETE", endpoint: "/api/tasks/11" };
      const { job, ...context } = contextOf(work, ADMIN);
      const { query, cases } = open();
      const report = await query.run(work, { ...context, job });
      const { id, interaction } = job;
      // Its worker has shown it, and died before it could say so.
      await cases.owe({ jobId: id, interaction, report, durationMs: 1 });
      await press(id);
      expect(await cases.readOwed(id)).toBeUndefined();
      expect(await cases.isDelivered(id)).toBe(true);
    },
  );

  test("pressed eight times at once sends once", async () => {
    const { id } = await ask();
    const reports = await Promise.all(Array.from({ length: 8 }, () => send(id)));
    expect(reports.filter(({ outcome }) => outcome === "Done")).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  test("and Cancel at once come to one of the two", async () => {
    const { id } = await ask();
    const [sentReport, cancelled] = await Promise.all([send(id), cancel(id)]);
    const isSent = sentReport.outcome === "Done";
    expect(cancelled.outcome).toBe(isSent ? "Failed" : "Done");
    expect(sent()).toHaveLength(isSent ? 1 : 0);
  });

  test("after Cancel sends nothing", async () => {
    const { id } = await ask();
    expect(await cancel(id)).toMatchObject({ outcome: "Done", lead: "Nothing was sent.", buttons: [] });
    expect((await send(id)).lead).toMatch(/^That was cancelled on .* Nothing was sent\.$/);
    expect(sent()).toEqual([]);
    expect(onRecord()).toEqual([
      ...REQUESTED,
      ...["attempt approval decline", "outcome approval decline SUCCESS"],
    ]);
  });

  test("by somebody else is refused, on record, and uses nothing up", async () => {
    const { id } = await ask();
    const other = await send(id, clickOn(id, { ...ADMIN, userId: SOMEBODY_ELSE }));
    expect(other.lead).toContain("Only the person who asked");
    expect((await cancel(id, { ...ADMIN, userId: SOMEBODY_ELSE })).outcome).toBe("Failed");
    expect(onRecord()).toEqual([...REQUESTED, ...Array(2).fill("refusal approval approve NOT_REQUESTER")]);
    expect(sent()).toEqual([]);
    expect((await send(id)).outcome).toBe("Done");
  });

  test("by somebody who is no administrator any more is refused, and the message stays as it is", async () => {
    const { id } = await ask();
    const report = await send(id, clickOn(id, { level: "tech" }));
    expect(report.lead).toContain("Only administrators of the bot may send POST /api/tasks");
    expect(report.settles).toBeUndefined();
    expect(onRecord().at(-1)).toBe("refusal approval approve NOT_ADMIN");
    expect(sent()).toEqual([]);
  });

  test("by somebody who has been limited to another tenant is refused", async () => {
    const [, fabrikam = { id: "" }] = createWorld(Date.now());
    const { id } = await ask();
    const report = await send(id, clickOn(id, { ...ADMIN, tenantIds: [fabrikam.id] }));
    expect(report.lead).toContain("Your role is limited to 1 tenant");
    expect(sent()).toEqual([]);
  });

  test("ten minutes later is too late", async () => {
    const { id } = await ask();
    clock += 10 * MINUTE;
    const report = await send(id);
    expect(report).toMatchObject({ outcome: "Expired", settles: true, buttons: [] });
    expect(report.lead).toContain("Nothing was sent");
    expect(onRecord().at(-1)).toBe("refusal approval approve APPROVAL_EXPIRED");
    expect(sent()).toEqual([]);
  });

  test("of a call that nobody knows says what to do", async () => {
    const { lead } = await send(`ix-${snowflake()}`);
    expect(lead).toContain("Use /query again");
    // It may have been sent, and that be forgotten.
    expect(lead).toContain("look the record up before");
  });

  test("that cannot be put on record is not sent", async () => {
    const { id } = await ask();
    const full = openQuery({
      ...{ api, store: jobs().store, entries, now: () => clock },
      append: () => Promise.reject(new Error("ENOSPC")),
    });
    await expect(full.querySend.run({ kind: "query-send", caseId: id }, clickOn(id))).rejects.toThrow();
    expect(sent()).toEqual([]);
    expect((await send(id)).outcome).toBe("Done");
  });
});

describe("an API that fails", () => {
  test.for<[what: string, fault: Fault, says: RegExp]>([
    [
      "that there is no such record",
      { kind: "status", status: 404, detail: "Task not found" },
      /Task not found/,
    ],
    ["that it collides", { kind: "status", status: 409, detail: "Locked" }, /HTTP 409/],
    [
      "that a field is wrong",
      { kind: "status", status: 422, detail: [{ loc: ["body", "title"], msg: "No" }] },
      /body\.title/,
    ],
  ])("by saying %s is quoted, and has changed nothing", async ([, fault, says]) => {
    const { id } = await ask();
    api.faults.push({ on: /^POST/, fault });
    const report = await send(id);
    expect(report).toMatchObject({ outcome: "Failed", title: "Not done: POST /api/tasks", settles: true });
    expect(report.lead).toMatch(says);
    expect(report.lead).toContain("Nothing was changed.");
    expect(onRecord().at(-1)).toBe("outcome change send FAILURE");
    expect((await send(id)).title).toBe("Already decided");
    expect(sent()).toHaveLength(1);
  });

  test.for<[what: string, fault: Fault]>([
    ["with a 500", { kind: "status", status: 500 }],
    ["with a proxy's 502", { kind: "html", status: 502 }],
    ["by hanging", { kind: "hang" }],
    ["by losing the answer", { kind: "lost-answer" }],
    ["by breaking the connection", { kind: "reset" }],
    ["with half an answer", { kind: "half-json" }],
    ["by sending elsewhere after it", { kind: "redirect", location: "/api/tasks/1", status: 303 }],
  ])("%s leaves the outcome unknown, and says how to look it up", async ([, fault]) => {
    const { id } = await ask();
    api.faults.push({ on: /^POST/, fault });
    const report = await send(id, clickOn(id), IMPATIENT);
    expect(report).toMatchObject({ outcome: "Interrupted", settles: true, buttons: [] });
    expect(report.title).toBe("Not known whether it was done: POST /api/tasks");
    expect(report.lead).toContain("Look it up before you do it again.");
    expect(report.lead).not.toContain("Nothing was changed");
    expect(report.sections[0]?.lines[0]).toBe("/query endpoint:/api/tasks params:client_id=1");
    expect(onRecord().at(-1)).toBe("outcome change send INTERRUPTED");
    expect((await send(id)).title).toBe("Already decided");
    expect(sent()).toHaveLength(1);
  });

  test("by not being there has changed nothing", async () => {
    const gone = await startClaudeTools();
    const world = { api: gone, store: jobs().store, entries, now: () => clock };
    const work: QueryWork = { kind: "query", method: "DELETE", endpoint: "/api/tasks/3" };
    const context = contextOf(work, ADMIN);
    await openQuery(world).query.run(work, context);
    const { querySend } = openQuery(world);
    await gone.close();
    const { id } = context.job;
    const report = await querySend.run({ kind: "query-send", caseId: id }, clickOn(id));
    expect(report).toMatchObject({ title: "Not done: DELETE /api/tasks/3" });
    expect(report.lead).toContain("could not be reached (ECONNREFUSED). Nothing was changed.");
  });
});

describe("a worker that dies", () => {
  test("while the API works is followed by one that says so, and sends nothing", async () => {
    const { id } = await ask();
    api.faults.push({ on: /^POST/, fault: { kind: "hang" } });
    const click = clickOn(id);
    // Nobody waits for it: as if its process were gone.
    void send(id, click);
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    const report = await send(id, click);
    expect(report.title).toBe("Not known whether it was done: POST /api/tasks");
    expect(report.lead).toContain("The worker stopped while this was being sent");
    expect(onRecord().at(-1)).toBe("outcome change send INTERRUPTED");
    expect(sent()).toHaveLength(1);
  });

  test("between the yes and the sending has sent nothing, and nobody does it later", async () => {
    const { id } = await ask();
    const click = clickOn(id);
    const { approvals } = open();
    const pending = await approvals.pending(id);
    if (pending === undefined) throw new Error("not kept");
    const { requesterId, sha256, line, lookUp } = pending;
    const decision = { requesterId, sha256, line, lookUp, answer: "send", jobId: click.job.id } as const;
    await approvals.decide(id, { ...decision, at: clock, requestId: "r" });
    const report = await send(id, click);
    expect(report).toMatchObject({ title: "Not sent: POST /api/tasks", settles: true });
    expect((await send(id)).title).toBe("Already decided");
    expect(sent()).toEqual([]);
  });

  test("after the answer has kept it, and the same click shows it again", async () => {
    const { id } = await ask();
    const click = clickOn(id);
    const first = await send(id, click);
    expect(await send(id, click)).toEqual(first);
    expect(sent()).toHaveLength(1);
  });
});

describe("for an administrator who is limited to one tenant", () => {
  const [contoso = { id: "" }] = createWorld(Date.now());
  const limited: Who = { ...ADMIN, tenantIds: [contoso.id] };
  const OWN = { method: "PUT", endpoint: "/api/clients/1" } as const;

  test.for<[outcome: string, what: string, change: Partial<QueryWork>]>([
    ["Done", "a new record of the own client", CREATE],
    ["Done", "a change of the own client", { ...OWN, body: '{"code":"C"}' }],
    ["Failed", "a new record of another client", { ...CREATE, body: '{"client_id":2,"title":"x"}' }],
    [
      "Failed",
      "a record that would become the own client's",
      { method: "PUT", endpoint: "/api/tasks/2", body: '{"client_id":1}' },
    ],
    [
      "Failed",
      "a new client, with a client_id that the API passes over",
      { method: "POST", endpoint: "/api/clients", body: '{"client_id":1,"name":"Northwind"}' },
    ],
    ["Failed", "another client inside", { ...OWN, body: '{"notes":"x","parent":{"client_id":2}}' }],
  ])("%s: %s", async ([outcome, , change]) => {
    expect((await ask(change, limited)).report.outcome).toBe(outcome);
  });
});
