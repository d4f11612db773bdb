import * as z from "zod";
import { JobId } from "../../src/jobs/contract.ts";
import type { Store } from "../../src/store/store.ts";
import { canonicalJson, sha256 } from "../audit/canonical-json.ts";
import { ExactCall } from "../claudetools/exact-call.ts";
import { Report } from "../report.ts";

/** A call that a person has been shown and may still send. */
const PendingCall = z.object({
  requesterId: z.string(),
  call: ExactCall,
  /** Of the canonical JSON of `call`. */
  sha256: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  /** Method and path, redacted: what it is called in messages and on record. */
  line: z.string(),
  /** The slash command that shows what came of it. */
  lookUp: z.string(),
});
export type PendingCall = z.infer<typeof PendingCall>;

/** What was said to it, which is said once. Holds nothing of the body. */
const Decision = PendingCall.pick({ requesterId: true, sha256: true, line: true, lookUp: true }).extend({
  answer: z.enum(["send", "cancel"]),
  /** The job of the click that decided. */
  jobId: JobId,
  /** Milliseconds since 1970. */
  at: z.number(),
  /** What it was sent with as `X-Request-Id`, if it was sent. */
  requestId: z.string(),
  /** What came of it; none: it is under way, its worker has died, or it was a day ago. */
  report: Report.exactOptional(),
});
export type Decision = z.infer<typeof Decision>;

/** Calls that wait for a person's yes. Their id is that of the job that showed them. */
export interface Approvals {
  keep(approvalId: string, pending: Omit<PendingCall, "sha256">): Promise<void>;
  /** `undefined`: its time is over, or it was taken. */
  pending(approvalId: string): Promise<PendingCall | undefined>;
  decision(approvalId: string): Promise<Decision | undefined>;
  /** Exactly one of all decisions about a call is `decided`, whoever makes them and wherever. */
  decide(approvalId: string, decision: Decision): Promise<{ kind: "decided" } | { kind: "too-late" }>;
  /** Hands the call out and forgets it, in one step: whoever gets it may send it, and nobody gets it again. */
  take(approvalId: string): Promise<PendingCall | undefined>;
  /** Remembers what came of a decision. */
  settle(approvalId: string, report: Report): Promise<void>;
}

/** How long a yes may take. Whoever thinks longer should look again at what it is about. */
export const APPROVAL_MS = 10 * 60_000;
/** A little longer, so that a late click is told how late it is. */
const PENDING_TTL_MS = APPROVAL_MS + 60_000;
/** Longer than the queue keeps a job whose worker died, so that nothing is taken for unsent that may have been. */
const DECISION_TTL_MS = 8 * 86_400_000;
/** What came of it may hold a customer's data; that it was decided is known for longer. */
const REPORT_TTL_MS = 86_400_000;

export function createApprovals(store: Pick<Store, "get" | "getMany" | "set" | "add" | "take">): Approvals {
  const callKey = (approvalId: string) => `approval:${approvalId}:call`;
  const decisionKey = (approvalId: string) => `approval:${approvalId}:decision`;
  const reportKey = (approvalId: string) => `approval:${approvalId}:report`;

  return {
    async keep(approvalId, pending) {
      const text = JSON.stringify({ ...pending, sha256: hashOf(pending.call) });
      await store.set(callKey(approvalId), text, { ttlMs: PENDING_TTL_MS });
    },
    async pending(approvalId) {
      return parsePending(await store.get(callKey(approvalId)));
    },
    async decision(approvalId) {
      const [text, told] = await store.getMany([decisionKey(approvalId), reportKey(approvalId)]);
      if (text === undefined) return undefined;
      const report = told === undefined ? undefined : Report.safeParse(JSON.parse(told)).data;
      return { ...Decision.parse(JSON.parse(text)), ...(report && { report }) };
    },
    async decide(approvalId, decision) {
      const text = JSON.stringify(decision);
      const isFirst = await store.add(decisionKey(approvalId), text, { ttlMs: DECISION_TTL_MS });
      return { kind: isFirst ? "decided" : "too-late" };
    },
    async take(approvalId) {
      return parsePending(await store.take(callKey(approvalId)));
    },
    async settle(approvalId, report) {
      await store.set(reportKey(approvalId), JSON.stringify(report), { ttlMs: REPORT_TTL_MS });
    },
  };
}

/** What is not as it was kept is as good as gone. */
function parsePending(text: string | undefined): PendingCall | undefined {
  if (text === undefined) return undefined;
  const pending = PendingCall.safeParse(JSON.parse(text)).data;
  return pending?.sha256 === (pending && hashOf(pending.call)) ? pending : undefined;
}

export const hashOf = (call: ExactCall): string => sha256(canonicalJson(call));
