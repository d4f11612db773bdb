import { tenantsWithin } from "../../src/claudetools/directory.ts";
import type { Cases } from "../cases/cases.ts";
import type { Directory } from "../claudetools/directory-source.ts";
import { notShown } from "../endings.ts";
import { tenantsCalled } from "./find-tenant-first.ts";
import type { Handler } from "./handler.ts";
import { findReport } from "./kept-case.ts";
import { reportTenants } from "./report-tenants.ts";

/** Next and Previous below "Which tenant?". */
export function createTenantPage({
  cases,
  directory,
}: {
  cases: Cases;
  directory: Directory;
}): Handler<"tenant-page"> {
  return {
    access: "tech",
    async run({ caseId, page }, context) {
      const found = await findReport(cases, caseId, context);
      if (found.kind === "refused") return found.report;
      const work = (await cases.read(caseId))?.work;
      if (work === undefined || !("tenant" in work) || work.tenant === undefined)
        return notShown("That list is out of date. Use the slash command again.");
      const theirs = tenantsWithin(context.permission.tenantIds, await directory.current(context.signal));
      const tenants = tenantsCalled(work.tenant, theirs);
      return reportTenants(tenants, { caseId, typed: work.tenant, page });
    },
  };
}
