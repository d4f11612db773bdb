import type { Cases } from "../cases/cases.ts";
import type { Handler } from "./handler.ts";
import { findFiles } from "./kept-case.ts";

/** "Download": the case file once more. */
export function createDownload({ cases }: { cases: Cases }): Handler<"download"> {
  return {
    access: "tech",
    async run({ caseId }, context) {
      const found = await findFiles(cases, caseId, context);
      if (found.kind === "refused") return found.report;
      return {
        outcome: "Done",
        title: "Case file",
        tone: "neutral",
        lead: "It is the next message. Only you see it; it holds personal data of the customer, so keep it where that belongs.",
        sections: [],
        files: found.files,
        buttons: [],
      };
    },
  };
}
