import * as z from "zod";
import { AppError, coerceError } from "../../../src/errors.ts";
import { JobId, type Work } from "../../../src/jobs/contract.ts";
import { Domain, Guid, Upn } from "../../../src/tenant.ts";
import type { Cases } from "../../cases/cases.ts";
import type { HandlerContext } from "../../handlers/handler.ts";
import type { Progress, Report } from "../../report.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

/** What a check's id has room for. */
const CHECKS_MAX = 10;

type Check<Kind extends Work["kind"]> = (
  work: Extract<Work, { kind: Kind }>,
  context: HandlerContext,
) => Promise<Report>;

interface CheckToolOptions {
  cases: Cases;
  /** The commands' own. */
  breachCheck: Check<"breach-check">;
  tenantSweep: Check<"tenant-sweep">;
  /** A case that came to be, for a button under the answer. */
  onCase(caseId: string): void;
}

interface Run {
  name: string;
  work: Extract<Work, { kind: "breach-check" | "tenant-sweep" }>;
  /** For the label around the result. */
  source: string;
  tool: Parameters<Parameters<typeof defineTool>[0]["run"]>[1];
  check(context: HandlerContext): Promise<Report>;
}

/** The commands' checks, each as a case of its own, with its progress beside the tool. */
export function checkTools(
  scope: Scope,
  { cases, breachCheck, tenantSweep, onCase }: CheckToolOptions,
): Tool[] {
  let count = 0;

  function run({ name, work, source, tool: { signal, progress }, check }: Run) {
    const caseId = caseIdOf(scope.context.job.id, count++);
    if (caseId === undefined) {
      throw new AppError(
        "TOO_MANY_CHECKS",
        `At most ${CHECKS_MAX} checks for one question. Ask again for more.`,
      );
    }
    const { kind: _, ...args } = work;
    return onRecord(scope, { name, target: { ...args, caseId }, args }, signal, async () => {
      const { job, log } = scope.context;
      const { userId: requesterId, ephemeral } = job.interaction;
      const report = await check({
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
      return { source, data: dataOf(report, caseId, document) };
    });
  }

  const runBreachCheck = defineTool({
    name: "run_breach_check",
    description:
      "Looks for signs of compromise in one Microsoft 365 account: inbox rules, forwarding, app consents, sign-ins, risk and more. Takes up to some minutes. Returns the verdict and the findings as the deterministic report has them; repeat the verdict word for word.",
    input: z.object({ tenant: tenantInput, upn: upnInput }),
    access: "tech",
    // One tenant is looked at by one run at a time, and each takes its own line of the message.
    parallel: false,
    target: ({ upn }) => upn,
    run: async (input, tool) => {
      const work = { kind: "breach-check" as const, ...read(AccountInput, input) };
      const check = (context: HandlerContext) => breachCheck(work, context);
      return run({ name: "run_breach_check", work, source: `breach check of ${work.upn}`, tool, check });
    },
  });

  const runTenantSweep = defineTool({
    name: "run_tenant_sweep",
    description:
      "Looks for signs of compromise over a whole Microsoft 365 tenant: sign-ins, risky and new accounts, admin roles, app consents, directory changes. Takes up to ten minutes, so only if the technician asks about the tenant as a whole. Returns the verdict and the findings; repeat the verdict word for word.",
    input: z.object({ tenant: tenantInput }),
    access: "tech",
    parallel: false,
    target: ({ tenant }) => tenant,
    run: async (input, tool) => {
      const work = { kind: "tenant-sweep" as const, ...read(TenantInput, input) };
      const check = (context: HandlerContext) => tenantSweep(work, context);
      return run({ name: "run_tenant_sweep", work, source: `sweep of ${work.tenant}`, tool, check });
    },
  });

  return [runBreachCheck, runTenantSweep];
}

const tenantInput = z.string().max(253).describe("The customer's domain or tenant id, such as contoso.com");
const upnInput = z.string().max(255).describe("The account's sign-in name, such as jane@contoso.com");

const TenantInput = z.object({ tenant: z.union([Guid, Domain]) });
const AccountInput = TenantInput.extend({ upn: Upn });

/** The same rules as for the commands' options, which JSON Schema cannot say. */
function read<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new AppError(
    "OPTION_INVALID",
    "Expected a domain or tenant id as tenant, and a sign-in name as upn. Nothing was run.",
  );
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
