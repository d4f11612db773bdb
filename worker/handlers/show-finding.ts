import type { Cases } from "../cases/cases.ts";
import { notShown } from "../endings.ts";
import { reportFinding } from "../findings/report-finding.ts";
import type { Handler } from "./handler.ts";
import { findDocument } from "./kept-case.ts";

/** The select menu under a report: one finding in detail. */
export function createShowFinding({ cases }: { cases: Cases }): Handler<"show-finding"> {
  return {
    access: "tech",
    async run({ caseId, findingId }, context) {
      const found = await findDocument(cases, caseId, context);
      if (found.kind === "refused") return found.report;
      const finding = found.document.findings.find(({ id }) => id === findingId);
      if (finding === undefined)
        return notShown("That finding is not part of this case. Run the check again.");
      return reportFinding(finding, found.document);
    },
  };
}
