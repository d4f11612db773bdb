import type { Cases } from "../cases/cases.ts";
import type { Handler } from "./handler.ts";
import { findReport } from "./kept-case.ts";

/** "Show result": the report of an earlier case, for whoever may see it. */
export function createShowResult({ cases }: { cases: Cases }): Handler<"show-result"> {
  return {
    access: "tech",
    run: async ({ caseId }, context) => (await findReport(cases, caseId, context)).report,
  };
}
