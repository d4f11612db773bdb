import type { KeptAnswer, KeptAnswers } from "../query/kept-answers.ts";
import { targetFrom } from "../query/paging.ts";
import { holdsPage, PAGE_ROWS, reportAnswer } from "../query/report-answer.ts";
import { reportRefusal } from "../query/report-refusal.ts";
import type { AskClaudeTools } from "./ask-claude-tools.ts";
import type { Handler } from "./handler.ts";
import { findAnswer } from "./kept-answer.ts";

/** Next and Previous: from the kept answer, and beyond its end from the API, as the person who clicks. */
export function createQueryPage({
  ask,
  answers,
}: {
  ask: AskClaudeTools;
  answers: KeptAnswers;
}): Handler<"query-page"> {
  return {
    access: "tech",
    async run({ caseId: queryId, page }, context) {
      const found = await findAnswer(answers, queryId, context);
      if (found.kind === "refused") return found.report;
      const { answer } = found;
      const { paging, skipped } = answer;
      if (paging === undefined || holdsPage(answer, page)) {
        return reportAnswer(answer, { queryId, page, isKept: true });
      }

      const first = page * PAGE_ROWS;
      const endpoint = targetFrom(answer.target, first, { paging, skipped });
      const { outcome } = await ask({ method: "GET", endpoint }, context);
      if (outcome.kind === "needs-confirmation") throw new Error("A GET that asks for a confirmation.");
      if (outcome.kind !== "answered") return reportRefusal(outcome, { method: "GET", endpoint });
      const { body, redactedCount, hiddenCount, caveat } = outcome;
      const { caveat: _, ...earlier } = answer;
      const newer: KeptAnswer = {
        ...{ ...earlier, body, first, secrets: redactedCount + hiddenCount },
        ...(caveat !== undefined && { caveat }),
      };
      const isKept = (await answers.keep(queryId, newer)) === "kept";
      return reportAnswer(newer, { queryId, page, isKept });
    },
  };
}
