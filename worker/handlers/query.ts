import type { QueryWork } from "../../src/jobs/contract.ts";
import { actOfJob } from "../audit/job-act.ts";
import type { KeptAnswers } from "../query/kept-answers.ts";
import { pagingOf } from "../query/paging.ts";
import { reportAnswer } from "../query/report-answer.ts";
import { reportRefusal, type Unanswered } from "../query/report-refusal.ts";
import { shapeOf } from "../query/shape.ts";
import { type ApprovalDependencies, askApproval } from "./ask-approval.ts";
import type { Handler, HandlerContext } from "./handler.ts";

/**
 * `/query`: one call of ClaudeTools for a person, or the question whether a change is to be sent. What is not sent, by
 * whatever rule, is on record as refused.
 */
export function createQuery({
  answers,
  ...dependencies
}: ApprovalDependencies & { answers: KeptAnswers }): Handler<"query"> {
  const { ask, audit } = dependencies;
  return {
    access: "tech",
    async run(work, context) {
      const { outcome, catalogue } = await ask(work, context);
      if (outcome.kind === "needs-confirmation") {
        return askApproval(outcome, { catalogue, context }, dependencies);
      }
      if (outcome.kind !== "answered") {
        const code = refusalCode(outcome);
        if (code !== undefined) await audit.refused(actOfCall(work, context), code);
        return reportRefusal(outcome, work);
      }

      const { job } = context;
      const { userId: requesterId, ephemeral } = job.interaction;
      const { method, target, body, rule, caveat } = outcome;
      const shape = shapeOf(body);
      const rows = shape.kind === "list" ? shape.rows.length : 0;
      const { paging, skipped } = pagingOf(target, { catalogue, rows });
      const answer = {
        ...{ requesterId, ephemeral, method, target, level: rule.level, body, first: 0, skipped },
        ...(paging && { paging }),
        secrets: outcome.redactedCount + outcome.hiddenCount,
        ...(caveat !== undefined && { caveat }),
      };
      const isKept = (await answers.keep(job.id, answer)) === "kept";
      return reportAnswer(answer, { queryId: job.id, page: 0, isKept });
    },
  };
}

/** Of what was not allowed; a call that is wrong in itself, or that the API did not answer, is no refusal. */
function refusalCode(outcome: Unanswered): string | undefined {
  switch (outcome.kind) {
    case "refused":
    case "unchecked":
      return outcome.code;
    case "invalid":
    case "failed":
      return undefined;
  }
}

function actOfCall(work: QueryWork, { job, permission }: HandlerContext) {
  const act = actOfJob(job, work, permission.level);
  const effect = work.method === "GET" ? "read" : "change";
  return { ...act, effect, target: { endpoint: `${work.method} ${work.endpoint}` } } as const;
}
