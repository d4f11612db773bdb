import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CATALOGUE_KEY } from "../../../src/claudetools/catalogue.ts";
import type { QueryWork } from "../../../src/jobs/contract.ts";
import type { Entry } from "../../../worker/audit/record.ts";
import { renderReport } from "../../../worker/discord/render.ts";
import type { Report } from "../../../worker/report.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake } from "../../interactions.ts";
import type { Fault } from "../../sandbox/claudetools/faults.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "../../sandbox/claudetools.ts";
import { createWorld } from "../../sandbox/tenants/world.ts";
import { contextOf, openQuery, type Who } from "./open-query.ts";

const jobs = useEmbeddedJobs();
const SOMEBODY_ELSE = "1100000000000000099";
let api: ClaudeToolsSandbox;
let clock: number;
let entries: Entry[];
beforeEach(async () => {
  clock = Date.now();
  entries = [];
  api = await startClaudeTools({ clock: () => clock });
  await jobs().store.delete(CATALOGUE_KEY);
});
afterEach(() => api.close());

/** The handlers over the real client and the real store. */
const open = () => openQuery({ api, store: jobs().store, entries, now: () => clock });

async function ask(change: Partial<QueryWork>, who?: Who) {
  const work: QueryWork = { kind: "query", method: "GET", endpoint: "/api/clients", ...change };
  const context = contextOf(work, who);
  const report = await open().query.run(work, context);
  return { report, queryId: context.job.id };
}

async function turn(queryId: string, page: number, who?: Who): Promise<Report> {
  const work = { kind: "query-page", caseId: queryId, page } as const;
  return open().queryPage.run(work, contextOf(work, who));
}

/** What reached the API beside its document. */
const sent = () => api.requests.filter(({ url }) => !url.endsWith("openapi.json"));
const shown = (report: Report) =>
  JSON.stringify(renderReport(report, { jobId: "ix-1234567", durationMs: 100 }));
const buttons = ({ buttons }: Report) =>
  buttons.map((button) => ("label" in button ? button.label : button.action));

describe("an answer", () => {
  test("is a table of the columns that tell most, a page at a time", async () => {
    const { report } = await ask({});
    expect(report).toMatchObject({ outcome: "Done", title: "GET /api/clients", lead: "1 to 10 of 30." });
    expect(report.table?.columns.slice(0, 2)).toEqual(["id", "name"]);
    expect(report.table?.rows[0]?.slice(0, 2)).toEqual(["1", "Contoso Ltd"]);
    expect(buttons(report)).toEqual(["Next", "query-raw"]);
  });

  test("of one record is its fields, and what is empty is named once", async () => {
    const { report } = await ask({ endpoint: "/api/clients/2" });
    expect(report.sections).toContainEqual({ heading: "name", lines: ["Fabrikam Inc"], isNarrow: true });
    expect(report.sections.at(-1)).toEqual({ heading: "Empty", lines: ["notes"] });
  });

  test("says how many values are hidden, and shows none of them", async () => {
    const { report } = await ask({ endpoint: "/api/infrastructure/1" });
    expect(report.lead).toMatch(/^\d+ values hidden/);
    expect(shown(report)).not.toContain("canary-");
  });

  test("that is empty says so in words", async () => {
    const { report } = await ask({ params: "search=nobody" });
    expect(report.lead).toBe("Nothing fits: the list is empty.");
    expect(buttons(report)).toEqual(["query-raw"]);
  });

  test("with markdown, mentions, hidden and ten thousand characters neither links nor pings nor overflows", async () => {
    const client = api.records.get("clients")?.[0];
    Object.assign(client ?? {}, {
      name: "# **[click](https://evil.example/x)** <@110> @everyone ```ansi\u202e\u0007",
      notes: "long ".repeat(2_000),
    });
    const [list, record] = [await ask({}), await ask({ endpoint: "/api/clients/1" })].map(({ report }) => {
      return shown(report);
    });
    for (const text of [list, record]) {
      expect(text).not.toMatch(/https?:\/\/evil|\u202e|@everyone/);
      expect(text?.length).toBeLessThan(8_000);
    }
    // Inside the code block nothing is markup but what would end it.
    expect(list?.match(/```/g)).toHaveLength(2);
    expect(record).not.toMatch(/[^\\]\]\(|```/);
  });
});

describe("paging", () => {
  test("goes on beyond what the API gave at once, as the person who clicks, and back", async () => {
    const { report, queryId } = await ask({ endpoint: "/api/machines" }, { ephemeral: false });
    expect(report.lead).toBe("1 to 10 of 60.");
    const before = sent().length;
    expect((await turn(queryId, 4)).lead).toBe("41 to 50 of 60.");
    expect(sent().length).toBe(before);

    const last = await turn(queryId, 5, { userId: SOMEBODY_ELSE });
    expect(last.lead).toBe("51 to 60 of 60.");
    expect(last.table?.rows[0]?.[0]).toBe("51");
    expect(buttons(last)).toEqual(["Previous", "query-raw"]);
    expect(sent().at(-1)).toMatchObject({
      url: "/api/machines?skip=50&limit=50",
      requestedBy: `discord:${SOMEBODY_ELSE}`,
    });
    expect((await turn(queryId, 0)).table?.rows[0]?.[0]).toBe("1");
  });

  test("keeps to the limit and the filter that were asked for", async () => {
    const limited = await ask({ endpoint: "/api/machines", params: "limit=12" });
    expect(limited.report.lead).toBe("1 to 10 of 12.");
    expect((await turn(limited.queryId, 1)).lead).toBe("11 to 12 of 12.");
    const filtered = await ask({ params: "search=co&skip=2" });
    expect(filtered.report.lead).toMatch(/^1 to \d+ of \d+\.$/);
    expect(filtered.report.table?.rows[0]?.[1]).not.toBe("Contoso Ltd");
  });

  test.for<[who: string, first: Who, then: Who, reason: string]>([
    ["a private answer by somebody else", {}, { userId: SOMEBODY_ELSE }, "private to the person who asked"],
    ["an administrator's answer by whoever is none any more", { level: "admin" }, {}, "Only administrators"],
    [
      "a public answer by somebody who is limited to some tenants",
      { ephemeral: false },
      { userId: SOMEBODY_ELSE, tenantIds: ["8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21"] },
      "limited to some tenants",
    ],
  ])("of %s is refused in words", async ([, first, then, reason]) => {
    const endpoint = first.level === "admin" ? "/api/tokens" : "/api/clients";
    const { queryId } = await ask({ endpoint }, first);
    expect(await turn(queryId, 1, then)).toMatchObject({
      outcome: "Failed",
      lead: expect.stringContaining(reason),
    });
  });

  test("of an answer that is no longer kept says what to do", async () => {
    expect((await turn(`ix-${snowflake()}`, 1)).lead).toContain("Use /query again");
  });
});

describe("what is not sent", () => {
  test.for<[what: string, change: Partial<QueryWork>, lead: RegExp]>([
    ["a wrong endpoint suggests the nearest", { endpoint: "/api/client" }, /Did you mean \/api\/clients/],
    ["an endpoint in another host", { endpoint: "//evil.example/api/clients" }, /Expected a path of the API/],
    ["a path that climbs", { endpoint: "/api/clients/../users" }, /Expected a path of the API/],
    ["a wrong param names the field", { params: "limit=many" }, /limit/],
    ["a param that is not known names the nearest", { params: "serch=x" }, /serch.*search/],
    ["params that are no JSON", { params: '{"limit": ' }, /params/i],
  ])("%s", async ([, change, lead]) => {
    const { report } = await ask(change);
    expect(report.outcome).toBe("Failed");
    expect(report.lead).toMatch(lead);
    expect(sent()).toEqual([]);
  });

  test("a body that is not JSON names the body", async () => {
    const { report } = await ask({ method: "POST", body: "{name: Contoso" }, { level: "admin" });
    expect(report.lead).toMatch(/body/i);
    expect(sent()).toEqual([]);
  });

  test("a write by a technician is refused and on record", async () => {
    const { report } = await ask({ method: "POST", body: '{"name": "New"}' });
    expect(report).toMatchObject({
      title: "Not allowed",
      lead: expect.stringContaining("Only administrators"),
    });
    expect(entries).toMatchObject([
      {
        kind: "refusal",
        code: "NOT_ADMIN",
        act: { effect: "change", target: { endpoint: "POST /api/clients" } },
      },
    ]);
    expect(sent()).toEqual([]);
  });

  test("what bears secrets is never answered in a channel, not even by its names", async () => {
    const { report } = await ask({ endpoint: "/api/credentials" }, { ephemeral: false });
    expect(report.lead).toContain("private:true");
    expect(sent()).toEqual([]);
    expect((await ask({ endpoint: "/api/credentials" })).report.outcome).toBe("Done");
  });

  describe("for somebody who is limited to one tenant", () => {
    const OF_CLIENT = (id: number) => JSON.stringify({ title: "Call back", client_id: id });
    const [contoso = { id: "" }] = createWorld(Date.now());
    const limited = { tenantIds: [contoso.id] };

    test.for([
      ["the client in the path", { endpoint: "/api/clients/1/sites" }],
      ["the client as a filter", { endpoint: "/api/tasks", params: "client_id=1" }],
      ["the client in the body", { endpoint: "/api/tasks", method: "POST", body: OF_CLIENT(1) }],
      ["the tenant as a filter", { endpoint: "/api/m365-tenants", params: `tenant_id=${contoso.id}` }],
    ] as const)("%s lets the call through", async ([, change]) => {
      const { report } = await ask(change, { ...limited, level: "admin" });
      expect(report.lead).not.toContain("limited");
      expect(report.title).toMatch(/^GET|^Send this/);
    });

    test.for([
      ["a list over all clients", { endpoint: "/api/clients" }],
      ["another client in the path", { endpoint: "/api/clients/2/sites" }],
      ["another client beside the own one", { endpoint: "/api/clients/1/sites", params: "client_id=2" }],
      [
        "another client in the body",
        { endpoint: "/api/tasks", params: "client_id=1", method: "POST", body: OF_CLIENT(2) },
      ],
      [
        "another client in one of the bodies",
        { endpoint: "/api/tasks", method: "POST", body: `[${OF_CLIENT(1)}, ${OF_CLIENT(2)}]` },
      ],
      [
        "another tenant",
        { endpoint: "/api/m365-tenants", params: "tenant_id=8f4e2b61-0000-4e2a-9b57-0d6a4f1c8e21" },
      ],
      ["a record whose client nobody knows", { endpoint: "/api/tasks/1" }],
    ] as const)("%s is refused, and on record", async ([, change]) => {
      const { report } = await ask(change, limited);
      expect(report.outcome).toBe("Failed");
      const asked = sent().filter(({ requestedBy }) => requestedBy?.startsWith("discord:"));
      expect(asked).toEqual([]);
    });

    test("a filter is trusted only while the API's description says that there is such a filter", async () => {
      await ask({ endpoint: "/api/tasks", params: "client_id=1" }, limited);
      api.openapi.document = undefined;
      await jobs().store.delete(CATALOGUE_KEY);
      const before = sent().length;
      for (const params of ["client_id=1", `tenant_id=${contoso.id}`])
        expect((await ask({ endpoint: "/api/tasks", params }, limited)).report.lead).toContain("limited");
      expect(sent().slice(before)).toEqual([]);
      expect((await ask({ endpoint: "/api/clients/1/sites" }, limited)).report.outcome).toBe("Done");
    });
  });
});

describe("an API that fails ends in a sentence with the cause", () => {
  const ON = /\/api\/clients/;
  test.for<[what: string, fault: Fault, lead: RegExp]>([
    ["a 50 MB answer", { kind: "flood" }, /5 MB|too (large|long)|longer/i],
    ["HTML in place of JSON", { kind: "html" }, /JSON|HTML|text\/html/],
    ["an API that hangs", { kind: "hang" }, /time|answer/],
    [
      "a 307 to another host",
      { kind: "redirect", location: "http://evil.example/steal" },
      /redirect|elsewhere|sends? /i,
    ],
    ["half an answer", { kind: "half-json" }, /JSON/],
    ["a failure of the route", { kind: "status", status: 500 }, /500/],
  ])("%s", async ([, fault, lead]) => {
    api.faults.push({ on: ON, fault, times: 9 });
    const { report } = await ask({});
    expect(report.outcome).toBe("Failed");
    expect(report.lead).toMatch(lead);
    expect(shown(report)).not.toMatch(/canary|https?:\/\/evil/);
    expect(shown(report)).not.toContain(api.apiKey);
  });

  test("an id that does not exist", async () => {
    expect((await ask({ endpoint: "/api/clients/4711" })).report.lead).toMatch(/404|not found|does not/i);
  });

  test("a token that ends between two pages says when it ended", async () => {
    const { queryId } = await ask({ endpoint: "/api/machines" });
    clock += 2 * 3_600_000;
    const report = await turn(queryId, 5);
    expect(report.outcome).toBe("Failed");
    expect(report.lead).toMatch(/token.*(ended|expired)/i);
  });

  test.for<[what: string, document: unknown]>([
    ["broken", { openapi: "3.1.0", paths: "none" }],
    ["of another version", { swagger: "2.0", paths: {} }],
  ])("an OpenAPI document that is %s costs the check of a read, and not the answer", async ([, document]) => {
    api.openapi.document = document;
    const { report } = await ask({});
    expect(report.outcome).toBe("Done");
    expect(report.lead).toContain("1 to 10 of");
    expect(report.lead).toMatch(/OpenAPI|description|document/);
  });
});
