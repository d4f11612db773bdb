import { randomUUID } from "node:crypto";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Ending } from "../audit/audit.ts";
import { audited } from "../audit/audited.ts";
import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import type { Decision, PendingCall } from "../query/approvals.ts";
import type { KeptAnswer, KeptAnswers } from "../query/kept-answers.ts";
import { reportAnswer } from "../query/report-answer.ts";
import {
  reportExpired,
  reportFailed,
  reportNotNow,
  reportUnknown,
  reportUnsent,
  sentBy,
} from "../query/report-change.ts";
import type { Report } from "../report.ts";
import { actOfApproval } from "./approval-act.ts";
import type { AskClaudeTools, CheckClaudeTools } from "./ask-claude-tools.ts";
import { type ApprovalStores, decide, findApproval } from "./decide-approval.ts";
import type { Handler, HandlerContext } from "./handler.ts";

interface QuerySendOptions extends ApprovalStores {
  ask: AskClaudeTools;
  check: CheckClaudeTools;
  answers: KeptAnswers;
  now?: () => number;
}

/**
 * "Send": does what was shown, at most once, whatever happens to this process. First everything is looked at again, as
 * the person is now. Then the click decides, which one click does. Then the call is taken out of the store, which
 * succeeds once, and only whoever has it sends it. Run again after a crash, this says what is known and sends nothing.
 */
export function createQuerySend({
  ask,
  check,
  approvals,
  answers,
  cases,
  audit,
  now = Date.now,
}: QuerySendOptions): Handler<"query-send"> {
  return { access: "tech", run: ({ caseId }, context) => press(caseId, context) };

  async function press(approvalId: string, context: HandlerContext): Promise<Report> {
    const stores = { approvals, cases, audit };
    const found = await findApproval(approvalId, context, stores);
    if (found.kind === "closed") return found.report;
    if (found.kind === "own") return afterCrash(approvalId, found.decision, context);

    const { pending } = found;
    const refusal = await refusalOf(approvalId, pending, context);
    if (refusal !== undefined) return refusal;

    const request = { approvalId, pending, requestId: randomUUID() };
    const decision = await decide("send", request, { ...context, now }, stores);
    // Somebody was first, or the store repeated a command of ours whose answer was lost: it is decided either way.
    if (decision === undefined) return press(approvalId, context);
    return settle(approvalId, await sendOnce(approvalId, decision, context), context);
  }

  /** Nothing is used up by it: what is allowed again may be sent then. */
  async function refusalOf(
    approvalId: string,
    pending: PendingCall,
    context: HandlerContext,
  ): Promise<Report | undefined> {
    const act = actOfApproval("approve", { approvalId, ...pending }, context);
    if (now() >= pending.expiresAt) {
      await audit.refused(act, "APPROVAL_EXPIRED");
      return reportExpired(pending);
    }
    const { method, target, body } = pending.call;
    const call = { method, endpoint: target, body, confirmed: pending.call };
    const checked = await check(call, context);
    if (checked.kind === "sendable") return undefined;
    await audit.refused(act, checked.code);
    return reportNotNow(checked.reason);
  }

  /** Never rejects: from here on somebody has said yes, and is told what came of it. */
  async function sendOnce(approvalId: string, decision: Decision, context: HandlerContext): Promise<Report> {
    const { signal, log } = context;
    const act = actOfApproval("send", { approvalId, ...decision }, context);
    const endingOf = ({ ending }: Sent) => ending;
    let isTaken = false;
    try {
      const { report } = await audited(act, { audit, signal, endingOf }, async () => {
        signal.throwIfAborted();
        const taken = await approvals.take(approvalId);
        if (taken?.sha256 !== decision.sha256 || now() >= taken.expiresAt) {
          return unsent(decision, "It was too late by then. Use /query again.", "APPROVAL_EXPIRED");
        }
        isTaken = true;
        return send(taken, decision, context);
      });
      return report;
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, "a change ended without an answer");
      if (isTaken)
        return reportUnknown(decision, "Something went wrong in the bot while this was being sent.");
      if (thrown instanceof AppError) return reportUnsent(decision, thrown.userMessage);
      return reportUnsent(decision, "The worker stopped before, or lost its store. Use /query again.");
    }
  }

  async function send({ call }: PendingCall, decision: Decision, context: HandlerContext): Promise<Sent> {
    const { method, target, body } = call;
    // Not the job's signal: hanging up undoes nothing, and leaves everybody without the answer. The client has a deadline.
    const { signal } = new AbortController();
    const { outcome } = await ask(
      { method, endpoint: target, body, confirmed: call, requestId: decision.requestId },
      { ...context, signal },
    );
    switch (outcome.kind) {
      case "answered":
        return { report: await reportDone(outcome, decision, context), ending: { result: "SUCCESS" } };
      case "failed": {
        // Of a change that was perhaps made it is on record that it began, and that nobody saw its end.
        const result = outcome.changed === "nothing" ? "FAILURE" : "INTERRUPTED";
        return { report: reportFailed(decision, outcome), ending: { result, code: outcome.code } };
      }
      case "needs-confirmation":
        throw new Error("A call that was confirmed asks for a confirmation.");
      case "refused":
      case "invalid":
      case "unchecked":
        return unsent(decision, outcome.reason, outcome.code);
    }
  }

  async function reportDone(
    { method, target, rule, body, redactedCount, hiddenCount, caveat }: Answered,
    decision: Decision,
    { job, log }: HandlerContext,
  ): Promise<Report> {
    const { userId: requesterId, ephemeral } = job.interaction;
    const answer: KeptAnswer = {
      ...{ requesterId, ephemeral, method, target, level: rule.level, body, first: 0, skipped: 0 },
      secrets: redactedCount + hiddenCount,
      ...(caveat !== undefined && { caveat }),
    };
    // It is done: a store that is away now must not make it look undone.
    const isKept = await answers.keep(job.id, answer).then(
      (kept) => kept === "kept",
      (thrown) => {
        log.warn({ err: coerceError(thrown) }, "answer to a change not kept");
        return false;
      },
    );
    const report = reportAnswer(answer, { queryId: job.id, page: 0, isKept });
    return { ...report, tone: "good", lead: `Done. ${sentBy(decision)} ${report.lead}`.trim() };
  }

  async function afterCrash(
    approvalId: string,
    decision: Decision,
    context: HandlerContext,
  ): Promise<Report> {
    if (decision.report !== undefined) return decision.report;
    // Whoever gets it now knows that nobody sent it, and that nobody will.
    const isLeft = (await approvals.take(approvalId)) !== undefined;
    await audit.interrupted(actOfApproval("send", { approvalId, ...decision }, context));
    const report = isLeft
      ? reportUnsent(decision, "The worker stopped before it came to that. Use /query again.")
      : reportUnknown(decision, "The worker stopped while this was being sent, or just before.");
    return settle(approvalId, report, context);
  }

  async function settle(approvalId: string, report: Report, { log }: HandlerContext): Promise<Report> {
    await approvals.settle(approvalId, report).catch((thrown) => {
      log.warn({ err: coerceError(thrown) }, "outcome of a change not kept");
    });
    return report;
  }
}

interface Sent {
  report: Report;
  ending: Ending;
}
type Answered = Extract<CallOutcome, { kind: "answered" }>;

function unsent(decision: Decision, why: string, code: string): Sent {
  return { report: reportUnsent(decision, why), ending: { result: "FAILURE", code } };
}
