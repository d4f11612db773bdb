import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { KnownTenant } from "../../src/claudetools/directory.ts";
import { AppError, coerceError } from "../../src/errors.ts";
import { type Job, JobId } from "../../src/jobs/contract.ts";
import type { Store } from "../../src/store/store.ts";
import type { Audit } from "../audit/audit.ts";
import { actOfJob } from "../audit/job-act.ts";
import type { Cases } from "../cases/cases.ts";
import { keepCase } from "../cases/keep-case.ts";
import { choicesOf } from "../findings/choices.ts";
import { baselineOf, compare } from "../findings/compare.ts";
import { judge } from "../findings/investigate.ts";
import { reportFindings } from "../findings/report.ts";
import { withLease } from "../lease.ts";
import { Report } from "../report.ts";
import type { Artifact, InvestigationEntry, ScriptEnding, Toolkit } from "../toolkit/toolkit.ts";
import type { Allowed, HandlerContext } from "./handler.ts";
import { createSteps } from "./steps.ts";

const RESOLVE_DEADLINE_MS = 60_000;
/** How long a finished case can be joined by somebody who asked while it ran. */
const JOINABLE_MS = 60 * 60_000;

/** The last result of a subject. */
const Finished = z.object({ at: z.number(), caseId: JobId, report: Report });
type Finished = z.infer<typeof Finished>;

/** What is looked at, and how. */
interface Subject {
  kind: "user" | "tenant";
  entry: InvestigationEntry;
  /** A domain or a tenant id; a client's name only before `findTenantFirst`. */
  tenant: string;
  /** The tenant that this id is of, as ClaudeTools knows it. */
  known?: Pick<KnownTenant, "name" | "domain">;
  /** The account's sign-in name; `null` for a whole tenant. */
  target: string | null;
  windowDays: number;
  /** Of the script. */
  deadlineMs: number;
}

export interface InvestigationOptions {
  toolkit: Toolkit;
  cases: Cases;
  store: Store;
  audit: Pick<Audit, "refused">;
  now?: () => number;
}

export type Investigate = (subject: Subject, context: HandlerContext) => Promise<Report>;

/** Every investigation: resolve the tenant, run the toolkit, judge what it left behind, keep the case. */
export function createInvestigation({
  toolkit,
  cases,
  store,
  audit,
  now = Date.now,
}: InvestigationOptions): Investigate {
  return async function investigate(subject, { job, permission, signal, progress, log }) {
    const { kind, entry, tenant, known, target, windowDays, deadlineMs } = subject;
    const steps = createSteps(`Checking ${target ?? tenant}`, {
      show: progress,
      now,
      scriptLabel: "Toolkit",
    });

    steps.start("Tenant", tenant);
    const tenantId = await toolkit.resolveTenant(tenant, { signal, deadlineMs: RESOLVE_DEADLINE_MS });
    const domain = tenant === tenantId ? known?.domain : tenant;
    const shownTenant = [known?.name, domain, tenantId].filter((part) => part !== undefined).join(" · ");
    steps.end("Tenant", "ok", shownTenant);
    if (isOutOfBounds(tenantId, permission)) {
      const act = actOfJob(job, job.work, permission.level);
      await audit.refused({ ...act, target: { ...act.target, tenant: tenantId } }, TENANT_NOT_ALLOWED);
      throw outOfBounds(tenantId);
    }

    // Artifacts are told apart by when they appeared, so one tenant is looked at by one run at a time.
    const onWait = () => steps.start("Turn", "another check of this tenant is running");
    return withLease(`tenant:${tenantId}`, { store, signal, onWait }, async (leased) => {
      steps.drop("Turn");
      const subjectKey = target === null ? tenantId : `${tenantId}:${target.toLowerCase()}`;
      const joined = await findJoined(subjectKey, job).catch((thrown) => {
        log.warn({ err: coerceError(thrown) }, "no look at what could be joined");
        return undefined;
      });
      if (joined) return joined;

      return cases.withFolder(job.id, async (caseFolder) => {
        const startedAt = now();
        steps.start("Toolkit", toolkit.name);
        const { run, artifacts, leftOut } = await toolkit.investigate(
          entry,
          { tenantId, rest: target === null ? [] : [target], caseFolder },
          { signal: leased, deadlineMs, onLine: steps.line },
        );
        leased.throwIfAborted();
        const { ending } = run;
        log.info({ tenantId, ending, artifacts: artifacts.length, leftOut: leftOut.length }, "toolkit ended");
        steps.end("Toolkit", isSuccess(ending) ? "ok" : "failed", `${artifacts.length} artifacts`);

        const judged = judge({
          artifacts: await readArtifacts(artifacts),
          run: {
            id: job.id,
            kind,
            tenant: { id: tenantId, domain: domain ?? null },
            target,
            started: new Date(startedAt).toISOString(),
            window_days: windowDays,
            requested_by: `discord:${job.interaction.userId}`,
            toolkit: { name: toolkit.name, version: toolkit.version },
          },
          coverageHints: { ending, leftOut },
          now: new Date(now()),
        });
        log.info(
          { tenantId, verdict: judged.verdict.level, findings: judged.findings.length },
          "case judged",
        );
        const baseline = await cases.readBaseline(subjectKey).catch((thrown) => {
          log.warn({ err: coerceError(thrown) }, "result cannot be compared with the last one");
          return undefined;
        });
        const document =
          baseline === undefined ? judged : { ...judged, comparison: compare(judged, baseline) };
        const maxBytes = job.interaction.attachmentLimitBytes;
        const { caseFile, picture } = await keepCase(document, {
          caseId: job.id,
          caseFolder,
          artifacts,
          maxBytes,
          log,
        });

        // What a script said matters when it did not do what it should; and a sweep that is not ours prints its own
        // findings, which nothing but a person can read.
        const isTelling =
          !isSuccess(ending) || artifacts.length === 0 || (kind === "tenant" && toolkit.kind === "foreign");
        const choices = choicesOf(document, job.id);
        const found = reportFindings(document, {
          outcome: "Done",
          files: [caseFile],
          buttons: buttonsOf(job.id),
          ...(choices && { choices }),
          ...(picture && { picture }),
          ...(isTelling ? { transcript: run.transcript } : {}),
        });
        const tenantSection = { heading: "Tenant", lines: [shownTenant] };
        const report = { ...found, sections: [...found.sections, tenantSection] };
        const finished: Finished = { at: now(), caseId: job.id, report };
        await Promise.all([
          store.set(`finished:${subjectKey}`, JSON.stringify(finished), { ttlMs: JOINABLE_MS }),
          cases.saveBaseline(subjectKey, baselineOf(document)),
        ]).catch((thrown) => {
          log.warn({ err: coerceError(thrown) }, "result cannot be joined or compared with");
        });
        return report;
      });
    });
  };

  /** Whoever asked while the same subject was being checked gets that result instead of a second run. */
  async function findJoined(subjectKey: string, job: Job): Promise<Report | undefined> {
    const text = await store.get(`finished:${subjectKey}`);
    const finished = text === undefined ? undefined : Finished.safeParse(JSON.parse(text)).data;
    if (finished === undefined || finished.at < job.enqueuedAt) return undefined;
    // The case is theirs too, the case file included, so the buttons name the case that they asked for.
    const { report, caseId } = finished;
    return {
      ...report,
      evidenceCaseId: caseId,
      buttons: buttonsOf(job.id),
      ...(report.choices && { choices: { ...report.choices, caseId: job.id } }),
    };
  }
}

const TENANT_NOT_ALLOWED = "TENANT_NOT_ALLOWED";

/** Only here is it certain whose tenant it is: a domain says nothing before Microsoft has been asked. */
function isOutOfBounds(tenantId: string, { tenantIds }: Allowed): boolean {
  return tenantIds !== undefined && !tenantIds.includes(tenantId);
}

function outOfBounds(tenantId: string): AppError {
  return new AppError(
    TENANT_NOT_ALLOWED,
    `Your role is limited to some tenants, and ${tenantId} is none of them, so nothing was run. /whoami says which they are.`,
  );
}

function buttonsOf(caseId: string): Report["buttons"] {
  return [
    { action: "run-again", caseId },
    { action: "show-evidence", caseId },
    { action: "download", caseId },
  ];
}

function isSuccess(ending: ScriptEnding): boolean {
  return ending.kind === "exited" && ending.code === 0;
}

function readArtifacts(artifacts: readonly Artifact[]) {
  return Promise.all(
    artifacts.map(async ({ name, path, sizeBytes, sha256 }) => {
      const bytes = new Uint8Array(await readFile(path));
      return { name, sizeBytes, sha256, bytes };
    }),
  );
}
