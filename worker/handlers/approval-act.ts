import type { Act } from "../audit/act.ts";
import { actOfJob } from "../audit/job-act.ts";
import type { Decision, PendingCall } from "../query/approvals.ts";
import type { HandlerContext } from "./handler.ts";

/** What people do about a change, and the change itself. All acts about one call have the same arguments, its hash. */
const ACTS = {
  request: { kind: "approval", effect: "read" },
  approve: { kind: "approval", effect: "change" },
  decline: { kind: "approval", effect: "read" },
  send: { kind: "change", effect: "change" },
} as const;

export function actOfApproval(
  name: keyof typeof ACTS,
  {
    approvalId,
    line,
    sha256,
    requestId,
  }: { approvalId: string } & Pick<PendingCall, "line" | "sha256"> & Partial<Pick<Decision, "requestId">>,
  { job, permission }: Pick<HandlerContext, "job" | "permission">,
): Act {
  const { actor, place, ids } = actOfJob(job, job.work, permission.level);
  return {
    ...{ ...ACTS[name], name, actor, place, target: { endpoint: line }, args: { call: sha256 } },
    ids: { ...ids, approvalId, ...(requestId !== undefined && { requestId }) },
  };
}
