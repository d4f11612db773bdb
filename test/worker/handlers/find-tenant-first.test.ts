import { beforeEach, describe, expect, test } from "vitest";
import type { KnownTenant } from "../../../src/claudetools/directory.ts";
import { createJob } from "../../../src/jobs/contract.ts";
import { createCases } from "../../../worker/cases/cases.ts";
import type { Directory } from "../../../worker/claudetools/directory-source.ts";
import { renderReport } from "../../../worker/discord/render.ts";
import { findTenantFirst } from "../../../worker/handlers/find-tenant-first.ts";
import type { HandlerContext } from "../../../worker/handlers/handler.ts";
import type { Investigate } from "../../../worker/handlers/investigation.ts";
import { createTenantPage } from "../../../worker/handlers/tenant-page.ts";
import type { Report } from "../../../worker/report.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";

const jobs = useEmbeddedJobs();
const report: Report = {
  ...{ outcome: "Done", title: "Ran", tone: "good", lead: "", sections: [], files: [], buttons: [] },
};
const idOf = (index: number) => `8f4e2b61-0000-4000-8000-${String(index).padStart(12, "0")}`;
const tenant = (name: string, index: number, domain: string): KnownTenant => {
  return { name, tenantId: idOf(index), domain };
};
const BAKERIES = Array.from({ length: 60 }, (_, index) => {
  return tenant(`Bakery ${String(index).padStart(2, "0")}`, 100 + index, `bakery${index}.com`);
});
const TENANTS = [
  tenant("Contoso Ltd", 1, "contoso.com"),
  tenant("Fabrikam", 2, "fabrikam.com"),
  tenant("Fabrikam", 3, "fabrikam.de"),
  tenant("Café Olé", 4, "cafe.example.com"),
  ...BAKERIES,
];

const directoryOf = (tenants: readonly KnownTenant[]): Directory => {
  return { current: async () => tenants, kept: async () => tenants };
};

let ran: Parameters<Investigate>[0][];
beforeEach(() => {
  ran = [];
});

function contextOf(tenantIds?: string[]): HandlerContext {
  const job = createJob(
    {
      ...{ id: snowflake(), applicationId: APPLICATION, interactionToken: "canary", guildId: GUILD },
      ...{ channelId: CHANNEL, userId: TECH_USER, roleIds: [TECH_ROLE], ephemeral: false },
      attachmentLimitBytes: 1,
    },
    { kind: "status" },
    { now: Date.now() },
  );
  return {
    ...{ job, permission: { kind: "allowed", level: "tech", tenantIds }, progress: () => undefined },
    ...{ signal: new AbortController().signal, log: collectLog().log },
  };
}

function ask(
  typed: string,
  { tenantIds, tenants = TENANTS }: { tenantIds?: string[]; tenants?: KnownTenant[] } = {},
) {
  const investigate: Investigate = async (subject) => {
    ran.push(subject);
    return report;
  };
  const find = findTenantFirst(investigate, { directory: directoryOf(tenants) });
  const subject: Parameters<Investigate>[0] = {
    ...({ kind: "user", entry: "user-breach-check" } as const),
    ...{ tenant: typed, target: "a@contoso.com", windowDays: 7, deadlineMs: 1_000 },
  };
  return find(subject, contextOf(tenantIds));
}

describe("what runs is a tenant id or a domain, and never a name", () => {
  test.for<[typed: string, runs: object]>([
    ["contoso ltd", { tenant: idOf(1), known: TENANTS[0] }],
    ["cafe ole", { tenant: idOf(4), known: TENANTS[3] }],
    [idOf(1), { tenant: idOf(1), known: TENANTS[0] }],
    ["contoso.com", { tenant: "contoso.com" }],
    ["unknown.example", { tenant: "unknown.example" }],
  ])("%s", async ([typed, runs]) => {
    expect(await ask(typed)).toEqual(report);
    expect(ran).toMatchObject([runs]);
  });
});

describe("a name that does not say which", () => {
  test("of two tenants asks, with domain and tenant id, and starts nothing", async () => {
    const asked = await ask("Fabrikam");
    expect(asked.choices?.options).toEqual([
      { label: "Fabrikam · fabrikam.com", description: idOf(2), value: idOf(2) },
      { label: "Fabrikam · fabrikam.de", description: idOf(3), value: idOf(3) },
    ]);
    expect(ran).toEqual([]);
  });

  test("asks even where only one name holds it: half a name is no yes", async () => {
    expect((await ask("Conto")).choices?.options).toHaveLength(1);
    expect(ran).toEqual([]);
  });

  test("shows somebody who is limited only what they may look at", async () => {
    const asked = await ask("abrikam", { tenantIds: [idOf(3)] });
    expect(asked.choices?.options.map(({ value }) => value)).toEqual([idOf(3)]);
    await ask("Fabrikam", { tenantIds: [idOf(3)] });
    expect(ran).toMatchObject([{ tenant: idOf(3) }]);
  });

  test("is told to nobody who is limited to others, not even as what may have been meant", async () => {
    for (const typed of ["Fabrikam", "Fabrikam GmbH"]) {
      const asked = ask(typed, { tenantIds: [idOf(1)] });
      await expect(asked).rejects.toThrow(/that your role lets you look at is called "\S+( GmbH)?"\. Choose/);
    }
    await ask(idOf(2), { tenantIds: [idOf(1)] });
    expect(ran.at(-1)?.known).toBeUndefined();
  });

  test("has pages beyond 25, which Discord takes", async () => {
    const context = contextOf();
    const cases = createCases({ store: jobs().store, dataDir: "unused" });
    const first = await ask("Bakery");
    const work = { kind: "breach-check", tenant: "Bakery", upn: "a@contoso.com" } as const;
    await cases.save(context.job.id, { requesterId: TECH_USER, ephemeral: false, work, report: first });
    const turn = createTenantPage({ cases, directory: directoryOf(TENANTS) });
    const page = (index: number) =>
      turn.run({ kind: "tenant-page", caseId: context.job.id, page: index }, contextOf());

    const labels = ({ buttons }: Report) => buttons.map((button) => "label" in button && button.label);
    expect([first.choices?.options.length, labels(first)]).toEqual([25, ["Next"]]);
    const second = await page(1);
    expect([second.choices?.options[0]?.label, labels(second)]).toEqual([
      "Bakery 25 · bakery25.com",
      ["Previous", "Next"],
    ]);
    const last = await page(2);
    expect([last.choices?.options.length, labels(last)]).toEqual([10, ["Previous"]]);
    const body = JSON.stringify(renderReport(last, { jobId: context.job.id, durationMs: 1 }));
    expect(body).toContain(`v1:tenant-page:${context.job.id}.1`);
  });
});

describe("a name that nobody has", () => {
  test("suggests those that share a word", async () => {
    await expect(ask("Contoso GmbH")).rejects.toThrow(/"Contoso GmbH"\. Did you mean Contoso Ltd\?/);
  });

  test("while there is no list of clients says to use the domain", async () => {
    await expect(ask("Contoso Ltd", { tenants: [] })).rejects.toThrow(/domain or tenant id/);
  });
});
