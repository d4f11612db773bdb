import type { Job } from "../src/jobs/contract.ts";
import { queues } from "../src/jobs/contract.ts";
import type { Log } from "../src/log.ts";
import type { Assistant } from "./assistant/assistant.ts";
import type { Cases } from "./cases/cases.ts";
import type { SendRemarks } from "./discord/remarks.ts";
import type { Report } from "./report.ts";

interface Ended {
  job: Job;
  report: Report;
  signal: AbortSignal;
  log: Log;
}

/** What may still be said once a job's report has arrived. Never rejects. */
export type Afterword = (ended: Ended) => Promise<void>;

interface ExplainCaseOptions {
  assistant: Pick<Assistant, "explain">;
  cases: Cases;
  send: SendRemarks;
}

/**
 * Claude's explanation of a check, as a message after the report: that one stands first and alone, nothing that edits it
 * can lose the explanation, and without Claude only this message is missing.
 */
export function explainCase({ assistant, cases, send }: ExplainCaseOptions): Afterword {
  return async function explainCase({ job, report, signal, log }) {
    // Whoever joined a running check has a report that was explained where the check was asked for.
    if (queues[job.work.kind] !== "investigations" || report.outcome !== "Done" || report.evidenceCaseId)
      return;
    const document = await cases.readDocument(job.id);
    if (document === undefined) return;
    const { userId, guildId } = job.interaction;
    const remarks = await assistant.explain(document, { spender: { userId, guildId }, signal });
    if (remarks.length > 0)
      await send(job.interaction, { remarks, findings: document.findings, signal, log });
  };
}
