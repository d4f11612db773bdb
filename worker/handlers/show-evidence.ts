import type { Cases } from "../cases/cases.ts";
import { reportEvidence } from "../findings/report-evidence.ts";
import type { Handler } from "./handler.ts";
import { findDocument } from "./kept-case.ts";

/** "Show evidence": what each finding of an earlier case rests on. */
export function createShowEvidence({ cases }: { cases: Cases }): Handler<"show-evidence"> {
  return {
    access: "tech",
    async run({ caseId }, context) {
      const found = await findDocument(cases, caseId, context);
      return found.kind === "refused" ? found.report : reportEvidence(found.document);
    },
  };
}
