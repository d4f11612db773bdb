import * as z from "zod";
import { AppError, coerceError } from "../../../src/errors.ts";
import { JobId, type Work } from "../../../src/jobs/contract.ts";
import { Domain, Guid, Upn } from "../../../src/tenant.ts";
import type { Cases } from "../../cases/cases.ts";
import type { HandlerContext } from "../../handlers/handler.ts";
import type { Progress, Report } from "../../report.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

const NAME = "run_breach_check";
/** What a check's id has room for. */
const CHECKS_MAX = 10;

type BreachCheck = Extract<Work, { kind: "breach-check" }>;

interface BreachCheckToolOptions {
  cases: Cases;
  /** The command's own. */
  check(work: BreachCheck, context: HandlerContext): Promise<Report>;
  /** A case that came to be, for a button under the answer. */
  onCase(caseId: string): void;
}

/** The command's check, as a case of its own, with its progress beside the tool. */
export function runBreachCheck(scope: Scope, { cases, check, onCase }: BreachCheckToolOptions): Tool {
  let count = 0;
  return defineTool({
    name: NAME,
    description:
      "Looks for signs of compromise in one Microsoft 365 account: inbox rules, forwarding, app consents, sign-ins, risk and more. Takes up to some minutes. Returns the verdict and the findings as the deterministic report has them; repeat the verdict word for word.",
    input: z.object({
      tenant: z.string().max(253).describe("The customer's domain or tenant id, such as contoso.com"),
      upn: z.string().max(255).describe("The account's sign-in name, such as jane@contoso.com"),
    }),
    access: "tech",
    // One tenant is looked at by one run at a time, and each takes its own line of the message.
    parallel: false,
    target: ({ upn }) => upn,
    run: async ({ tenant, upn }, { signal, progress }) => {
      const parsed = z.object({ tenant: z.union([Guid, Domain]), upn: Upn }).safeParse({ tenant, upn });
      if (!parsed.success) {
        throw new AppError(
          "OPTION_INVALID",
          "Expected a domain or tenant id as tenant, and a sign-in name as upn. Nothing was run.",
        );
      }
      const caseId = caseIdOf(scope.context.job.id, count++);
      if (caseId === undefined) {
        throw new AppError(
          "TOO_MANY_CHECKS",
          `At most ${CHECKS_MAX} checks for one question. Ask again for more.`,
        );
      }
      const work: BreachCheck = { kind: "breach-check", ...parsed.data };
      const act = { name: NAME, target: { ...parsed.data, caseId }, args: parsed.data };
      return onRecord(scope, act, signal, async () => {
        const { job, log } = scope.context;
        const { userId: requesterId, ephemeral } = job.interaction;
        const report = await check(work, {
          ...scope.context,
          job: { ...job, id: caseId },
          log: log.child({ caseId }),
          signal,
          progress: (value) => progress(newestOf(value)),
        });
        await cases.save(caseId, { requesterId, ephemeral, work, report }).catch((thrown) => {
          log.warn({ caseId, err: coerceError(thrown) }, "case not remembered");
        });
        onCase(caseId);
        const document = await cases.readDocument(report.evidenceCaseId ?? caseId);
        return { source: `breach check of ${upn}`, data: dataOf(report, caseId, document) };
      });
    },
  });
}

/** A case of its own: the job's id and a digit, which no interaction has for its id. */
function caseIdOf(jobId: string, count: number): string | undefined {
  return count < CHECKS_MAX ? JobId.safeParse(`${jobId}${count}`).data : undefined;
}

function newestOf({ steps }: Progress): string {
  const running = steps.findLast(({ state }) => state === "running");
  const done = steps.filter(({ state }) => state !== "running" && state !== "waiting").length;
  return [running?.label, `${done} done`].filter(Boolean).join(", ");
}

function dataOf(report: Report, caseId: string, document: Awaited<ReturnType<Cases["readDocument"]>>) {
  const { title, lead, sections } = report;
  return {
    case_id: caseId,
    ...(document && { verdict: title.split(":")[0], confidence: document.verdict.confidence }),
    ...{ title, lead },
    findings: document?.findings.map(({ id, rule, severity, title, why }) => ({
      id,
      rule,
      severity,
      title,
      why,
    })),
    sections: sections.filter(({ heading }) => heading !== "Findings"),
  };
}
