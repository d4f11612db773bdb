import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authorise } from "../../../src/access.ts";
import { createJob, type Work } from "../../../src/jobs/contract.ts";
import { type Cases, createCases } from "../../../worker/cases/cases.ts";
import { createDownload } from "../../../worker/handlers/download.ts";
import type { HandlerContext } from "../../../worker/handlers/handler.ts";
import { createShowEvidence } from "../../../worker/handlers/show-evidence.ts";
import { createShowFinding } from "../../../worker/handlers/show-finding.ts";
import { createShowResult } from "../../../worker/handlers/show-result.ts";
import type { Report } from "../../../worker/report.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import {
  ADMIN_ROLE,
  APPLICATION,
  CHANNEL,
  GUILD,
  snowflake,
  TECH_ROLE,
  TECH_USER,
} from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import { documentWith, hidesMail } from "../findings/documents.ts";

const jobs = useEmbeddedJobs();
const access = {
  guildId: GUILD,
  adminRoles: [ADMIN_ROLE],
  techRoles: [TECH_ROLE],
  adminUsers: [],
  techUsers: [],
  roleTenants: [],
};
const breachCheck = { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" } as const;
const SOMEBODY_ELSE = "1100000000000000099";

let dataDir: string;
let cases: Cases;
let caseId: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "kept-case-"));
  cases = createCases({ store: jobs().store, dataDir, keepDays: 14 });
  caseId = `ix-${snowflake()}`;
});
afterEach(() => rm(dataDir, { recursive: true }));

/** A finished case of the technician, with its files on disk. */
async function finishCase({ ephemeral = false, id = caseId, change = {} as Partial<Report> } = {}) {
  const path = await cases.withFolder(id, async (folder) => {
    await writeFile(
      join(folder, "findings.json"),
      JSON.stringify(documentWith("likely", { findings: [hidesMail] })),
    );
    await writeFile(join(folder, "case.zip"), "zip");
    return join(folder, "case.zip");
  });
  const report: Report = {
    outcome: "Done",
    title: "Likely: adele@contoso.com",
    tone: "critical",
    lead: "Act.",
    sections: [],
    files: [{ name: `case-${id}.zip`, path, description: "The case file" }],
    buttons: [],
    ...change,
  };
  await cases.save(id, { requesterId: TECH_USER, ephemeral, work: breachCheck, report });
  return report;
}

interface Who {
  userId?: string;
  roleIds?: string[];
  tenantIds?: string[];
}

function contextOf(
  work: Work,
  { userId = TECH_USER, roleIds = [TECH_ROLE], tenantIds }: Who = {},
): HandlerContext {
  const job = createJob(
    {
      ...{ id: snowflake(), applicationId: APPLICATION, interactionToken: "canary", guildId: GUILD },
      ...{ channelId: CHANNEL, userId, roleIds, ephemeral: true, attachmentLimitBytes: 10_000_000 },
    },
    work,
    { now: Date.now() },
  );
  const { signal } = new AbortController();
  const permission = authorise(job.interaction, "tech", access);
  if (permission.kind === "denied") throw new Error(permission.reason);
  return {
    job,
    permission: { ...permission, tenantIds },
    signal,
    progress: () => undefined,
    log: collectLog().log,
  };
}

const download = (who?: Who) =>
  createDownload({ cases }).run({ kind: "download", caseId }, contextOf({ kind: "download", caseId }, who));
const showEvidence = (who?: Who) =>
  createShowEvidence({ cases }).run(
    { kind: "show-evidence", caseId },
    contextOf({ kind: "show-evidence", caseId }, who),
  );
const showFinding = (findingId: string, who?: Who) =>
  createShowFinding({ cases }).run(
    { kind: "show-finding", caseId, findingId },
    contextOf({ kind: "show-finding", caseId, findingId }, who),
  );
const showResult = (who?: Who) =>
  createShowResult({ cases }).run(
    { kind: "show-result", caseId },
    contextOf({ kind: "show-result", caseId }, who),
  );

describe("Download", () => {
  test("gives the case file to the person who asked for the check", async () => {
    const { files } = await finishCase();
    expect(await download()).toMatchObject({ outcome: "Done", files });
  });

  test("gives it to no other technician, even under a public report, and says whom to ask", async () => {
    await finishCase();
    const report = await download({ userId: SOMEBODY_ELSE });
    expect(report).toMatchObject({ outcome: "Failed", files: [] });
    expect(report.lead).toContain("the person who asked");
  });

  test("gives it to an administrator of the bot", async () => {
    await finishCase({ ephemeral: true });
    const report = await download({ userId: SOMEBODY_ELSE, roleIds: [ADMIN_ROLE] });
    expect(report.files).toHaveLength(1);
  });

  test("says so when the report had no case file", async () => {
    await finishCase({ change: { files: [] } });
    expect((await download()).lead).toContain("no case file");
  });
});

describe("Show evidence and the menu of findings", () => {
  test("any technician may look into a public case", async () => {
    await finishCase();
    const report = await showEvidence({ userId: SOMEBODY_ELSE });
    expect(report.sections).toMatchObject([{ heading: "Critical: Inbox rule hides mail about money" }]);
    expect((await showFinding(hidesMail.id)).title).toBe("Critical: Inbox rule hides mail about money");
  });

  test("a private case is its requester's alone", async () => {
    await finishCase({ ephemeral: true });
    const report = await showEvidence({ userId: SOMEBODY_ELSE });
    expect(report).toMatchObject({ outcome: "Failed", lead: expect.stringContaining("private") });
    expect((await showEvidence()).outcome).toBe("Done");
  });

  test("a finding that the case does not have is told as such", async () => {
    await finishCase();
    expect(await showFinding("f".repeat(40))).toMatchObject({ outcome: "Failed" });
  });

  test("somebody who joined a running check looks into the case that they joined", async () => {
    const other = `ix-${snowflake()}`;
    await finishCase({ id: other });
    const joined = await finishCase({ change: { evidenceCaseId: other } });
    await rm(join(cases.root, caseId), { recursive: true });
    expect(joined.evidenceCaseId).toBe(other);
    expect((await showEvidence()).sections).toHaveLength(1);
  });
});

describe("somebody whose role is limited to some tenants", () => {
  const elsewhere = { tenantIds: ["00000000-0000-4000-8000-000000000009"] };

  test("sees nothing of a case of another tenant, not even as an administrator or as who asked for it", async () => {
    await finishCase();
    const other = { ...elsewhere, userId: SOMEBODY_ELSE };
    const reports = [
      await showResult(other),
      await showEvidence(other),
      await showFinding(hidesMail.id, other),
      await showEvidence(elsewhere),
      await download(elsewhere),
      await download({ ...other, roleIds: [ADMIN_ROLE] }),
    ];
    for (const report of reports) {
      expect(report).toMatchObject({ outcome: "Failed", sections: [], files: [] });
      expect(report.lead).toContain("limited to other tenants");
    }
  });

  test("sees the cases of their tenants", async () => {
    await finishCase();
    const { run } = documentWith("likely");
    const who = { userId: SOMEBODY_ELSE, tenantIds: [run.tenant.id] };
    expect((await showEvidence(who)).outcome).toBe("Done");
  });

  test("sees of a case that does not say whose it is only their own", async () => {
    await finishCase();
    await rm(join(cases.root, caseId), { recursive: true });
    expect((await showResult(elsewhere)).title).toContain("adele@contoso.com");
    expect((await showResult({ ...elsewhere, userId: SOMEBODY_ELSE })).lead).toContain("limited");
  });
});

describe("a case that was deleted", () => {
  const gone = expect.stringContaining("deleted after 14 days. Run the check again.");

  test("is told as such by every button", async () => {
    await finishCase();
    await cases.forget(caseId);
    const reports = [
      await download(),
      await showEvidence(),
      await showFinding(hidesMail.id),
      await showResult(),
    ];
    expect(reports.map(({ lead }) => lead)).toEqual([gone, gone, gone, gone]);
  });

  test("is told as such when only its files are gone", async () => {
    await finishCase();
    await rm(join(cases.root, caseId), { recursive: true });
    expect([(await download()).lead, (await showEvidence()).lead]).toEqual([gone, gone]);
  });

  test.for(["{", "{}", "null"])("is told as such when its findings read %j", async (text) => {
    await finishCase();
    await writeFile(join(cases.root, caseId, "findings.json"), text);
    expect((await showEvidence()).lead).toEqual(gone);
  });
});
