import { randomUUID } from "node:crypto";
import { reportCancelled } from "../query/report-change.ts";
import type { Report } from "../report.ts";
import { type ApprovalStores, decide, findApproval } from "./decide-approval.ts";
import type { Handler, HandlerContext } from "./handler.ts";

/** "Cancel": the call that was shown is never sent. */
export function createQueryCancel({
  approvals,
  cases,
  audit,
  now = Date.now,
}: ApprovalStores & { now?: () => number }): Handler<"query-cancel"> {
  return { access: "tech", run: ({ caseId }, context) => press(caseId, context) };

  async function press(approvalId: string, context: HandlerContext): Promise<Report> {
    const stores = { approvals, cases, audit };
    const found = await findApproval(approvalId, context, stores);
    if (found.kind === "closed") return found.report;
    if (found.kind === "own") return reportCancelled(found.decision);

    const { pending } = found;
    const request = { approvalId, pending, requestId: randomUUID() };
    const decision = await decide("cancel", request, { ...context, now }, stores);
    // Somebody was first.
    if (decision === undefined) return press(approvalId, context);
    // It may hold a customer's data, and nobody needs it any more.
    await approvals.take(approvalId);
    return reportCancelled(decision);
  }
}
