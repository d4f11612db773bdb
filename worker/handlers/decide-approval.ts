import type { Audit } from "../audit/audit.ts";
import { audited } from "../audit/audited.ts";
import type { Cases } from "../cases/cases.ts";
import type { Approvals, Decision, PendingCall } from "../query/approvals.ts";
import { reportDecided, reportForgotten, reportNotNow } from "../query/report-change.ts";
import type { Report } from "../report.ts";
import { actOfApproval } from "./approval-act.ts";
import type { HandlerContext } from "./handler.ts";

export interface ApprovalStores {
  approvals: Approvals;
  cases: Pick<Cases, "delivered">;
  audit: Audit;
}

/**
 * - `open`: nobody has decided, and this person may.
 * - `own`: this very job has decided before its worker died.
 * - `closed`: there is nothing to decide for this person.
 */
type Found =
  | { kind: "open"; pending: PendingCall }
  | { kind: "own"; decision: Decision }
  | { kind: "closed"; report: Report };

/** The call behind a button. */
export async function findApproval(
  approvalId: string,
  context: HandlerContext,
  { approvals, cases, audit }: ApprovalStores,
): Promise<Found> {
  const { job } = context;
  const pending = await approvals.pending(approvalId);
  const decision = await approvals.decision(approvalId);
  const known = decision ?? pending;
  if (known === undefined) return { kind: "closed", report: reportForgotten() };
  if (known.requesterId !== job.interaction.userId) {
    await audit.refused(actOfApproval("approve", { approvalId, ...known }, context), "NOT_REQUESTER");
    const reason = "Only the person who asked for that call may decide about it. Use /query yourself.";
    return { kind: "closed", report: reportNotNow(reason) };
  }
  // Who presses a button has its message. Brought once more, it would stand over what came of the call.
  await cases.delivered(approvalId);
  if (decision?.jobId === job.id) return { kind: "own", decision };
  if (decision !== undefined) return { kind: "closed", report: reportDecided(decision) };
  // Neither: what could not be read as it was kept.
  return pending === undefined ? { kind: "closed", report: reportForgotten() } : { kind: "open", pending };
}

/** Says yes or no, with the word on record. `undefined`: another click was first. */
export async function decide(
  answer: Decision["answer"],
  { approvalId, pending, requestId }: { approvalId: string; pending: PendingCall; requestId: string },
  context: HandlerContext & { now: () => number },
  { approvals, audit }: Omit<ApprovalStores, "cases">,
): Promise<Decision | undefined> {
  const { requesterId, sha256, line, lookUp } = pending;
  const { job, signal } = context;
  const decision: Decision = {
    ...{ requesterId, sha256, line, lookUp, answer, jobId: job.id, at: context.now(), requestId },
  };
  const name = answer === "send" ? "approve" : "decline";
  const act = actOfApproval(name, { approvalId, ...pending }, context);
  const endingOf = ({ kind }: Awaited<ReturnType<Approvals["decide"]>>) =>
    kind === "decided"
      ? ({ result: "SUCCESS" } as const)
      : ({ result: "FAILURE", code: "ALREADY_DECIDED" } as const);
  const outcome = await audited(act, { audit, signal, endingOf }, () =>
    approvals.decide(approvalId, decision),
  );
  return outcome.kind === "decided" ? decision : undefined;
}
