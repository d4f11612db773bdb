import { AppError } from "../../src/errors.ts";
import type { Cases } from "../cases/cases.ts";
import type { Handler } from "./handler.ts";

/** "Show result": the report of an earlier case, for whoever may see it. */
export function createShowResult({ cases }: { cases: Cases }): Handler<"show-result"> {
  return {
    access: "tech",
    async run({ caseId }, { job }) {
      const earlier = await cases.read(caseId);
      if (earlier?.report === undefined) {
        throw new AppError(
          "CASE_FORGOTTEN",
          "That result is no longer kept (results are kept for a day). Run the check again.",
        );
      }
      if (earlier.ephemeral && earlier.requesterId !== job.interaction.userId) {
        throw new AppError(
          "NOT_THE_REQUESTER",
          "That result is private to the person who asked for it. Run the check yourself.",
        );
      }
      return earlier.report;
    },
  };
}
