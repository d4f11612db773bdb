import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import { labelOf } from "../../src/claudetools/directory.ts";
import type { Audit } from "../audit/audit.ts";
import { audited } from "../audit/audited.ts";
import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import type { Directory } from "../claudetools/directory-source.ts";
import type { ExactCall } from "../claudetools/exact-call.ts";
import { findEndpoint } from "../claudetools/find-endpoint.ts";
import { isRecord } from "../claudetools/json-value.ts";
import { APPROVAL_MS, type Approvals, hashOf } from "../query/approvals.ts";
import { cellText } from "../query/cell.ts";
import { findLookUp, lookUpCommand } from "../query/look-up.ts";
import { fitsMessages, reportApproval } from "../query/report-approval.ts";
import { reportDecided, reportUnsent } from "../query/report-change.ts";
import { showChange } from "../query/show-change.ts";
import type { Report } from "../report.ts";
import { actOfApproval } from "./approval-act.ts";
import type { AskClaudeTools } from "./ask-claude-tools.ts";
import type { HandlerContext } from "./handler.ts";

export interface ApprovalDependencies {
  ask: AskClaudeTools;
  approvals: Approvals;
  audit: Audit;
  directory: Directory;
  now?: () => number;
}

type Question = Extract<CallOutcome, { kind: "needs-confirmation" }>;

/** Shows a change that would be allowed, and keeps it for whoever asked, to be sent by a click or not at all. */
export async function askApproval(
  question: Question,
  { catalogue, context }: { catalogue: Catalogue | undefined; context: HandlerContext },
  { ask, approvals, audit, directory, now = Date.now }: ApprovalDependencies,
): Promise<Report> {
  const { method, exact } = question;
  const approvalId = context.job.id;
  // Run again after a crash, when somebody has answered meanwhile: their message is not taken from them.
  const decided = await approvals.decision(approvalId);
  if (decided !== undefined) return decided.report ?? reportDecided(decided);

  const change = showChange(question);
  if (change === undefined || !fitsMessages(change)) {
    return reportUnsent(
      { line: `${method} ${question.target}` },
      "It cannot be shown as it would be sent (it is nested too deeply, has too many lines, or two of its names look the same), and what was not shown is not sent.",
    );
  }
  const path = new URL(exact.target, "http://api.invalid").pathname;
  const found = catalogue && findEndpoint(catalogue, { method, path });
  const isReadable = catalogue && findEndpoint(catalogue, { method: "GET", path }) !== undefined;
  // What a POST goes to is a list, or does something: no record that it is done to.
  const record =
    method !== "POST" && isReadable ? await readRecord(path, ask, context) : { lines: [], fields: {} };
  const tenants = await directory.current(context.signal);
  const about = [
    ...(found?.endpoint.summary ? [`ClaudeTools calls it "${found.endpoint.summary}".`] : []),
    ...clientIdsOf(exact, record.fields).map((id) => {
      const known = tenants.find(({ clientId }) => clientId === id);
      return `Client ${id}: ${known === undefined ? "not known to the bot" : labelOf(known)}`;
    }),
  ];

  const pending = {
    requesterId: context.job.interaction.userId,
    call: exact,
    expiresAt: now() + APPROVAL_MS,
    line: `${method} ${change.path}`,
    lookUp: lookUpCommand(findLookUp(exact, catalogue)),
  };
  const act = actOfApproval("request", { approvalId, ...pending, sha256: hashOf(exact) }, context);
  await audited(act, { audit, signal: context.signal }, () => approvals.keep(approvalId, pending));
  return reportApproval(change, {
    ...{ approvalId, about, recordNow: record.lines, expiresAt: pending.expiresAt },
  });
}

/** Below a client, with a client as a parameter, of the record, and in the body. */
function clientIdsOf({ target, body }: ExactCall, record: Record<string, unknown>): string[] {
  const { pathname, searchParams } = new URL(target, "http://api.invalid");
  const json: unknown = body === undefined ? undefined : JSON.parse(body);
  const fields = [record, json].map((each) => (isRecord(each) ? each.client_id : undefined));
  const ids = [
    /^\/api\/clients\/([^/]+)/.exec(pathname)?.[1],
    ...searchParams.getAll("client_id"),
    ...fields.flatMap((id) => (typeof id === "string" || typeof id === "number" ? [String(id)] : [])),
  ];
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** What the change would be made to; a reason in its place where it cannot be read. */
async function readRecord(
  path: string,
  ask: AskClaudeTools,
  context: HandlerContext,
): Promise<{ lines: string[]; fields: Record<string, unknown> }> {
  const { outcome } = await ask({ method: "GET", endpoint: path }, context);
  if (outcome.kind === "failed") return { lines: [outcome.reason], fields: {} };
  if (outcome.kind !== "answered") return { lines: [], fields: {} };
  const { body } = outcome;
  const fields = typeof body === "object" && body !== null && !Array.isArray(body) ? body : {};
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${cellText(value)}`);
  return { lines: lines.filter((line) => !line.endsWith(": ")), fields };
}
