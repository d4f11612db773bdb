import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { coerceError } from "../../src/errors.ts";
import type { BreachCheckWork, Job } from "../../src/jobs/contract.ts";
import type { Store } from "../../src/store/store.ts";
import { createCaseZip } from "../cases/case-zip.ts";
import type { Cases } from "../cases/cases.ts";
import type { FindingsDocument } from "../findings/findings.ts";
import { judge } from "../findings/investigate.ts";
import { reportFindings } from "../findings/report.ts";
import { withLease } from "../lease.ts";
import { Report } from "../report.ts";
import type { Artifact, ScriptEnding, Toolkit } from "../toolkit/toolkit.ts";
import type { Handler, HandlerContext } from "./handler.ts";
import { createSteps } from "./steps.ts";

const RESOLVE_DEADLINE_MS = 60_000;
/** Long enough for a script that asks Graph one thing after the other, short enough for the interaction's token. */
const RUN_DEADLINE_MS = 5 * 60_000;
const WINDOW_DAYS = 7;
/** How long a finished case can be joined by somebody who asked while it ran. */
const JOINABLE_MS = 60 * 60_000;

/** The last result of an account. */
const Finished = z.object({ at: z.number(), report: Report });

export interface BreachCheckOptions {
  toolkit: Toolkit;
  cases: Cases;
  store: Store;
  now?: () => number;
  runDeadlineMs?: number;
}

/** `/breach-check`: resolve the tenant, run the toolkit, judge what it left behind, keep the case. */
export function createBreachCheck({
  toolkit,
  cases,
  store,
  now = Date.now,
  runDeadlineMs = RUN_DEADLINE_MS,
}: BreachCheckOptions): Handler<"breach-check"> {
  return { access: "tech", run };

  async function run(work: BreachCheckWork, { job, signal, progress, log }: HandlerContext): Promise<Report> {
    const steps = createSteps(`Checking ${work.upn}`, { show: progress, now, scriptLabel: "Toolkit" });

    steps.start("Tenant", work.tenant);
    const tenantId = await toolkit.resolveTenant(work.tenant, { signal, deadlineMs: RESOLVE_DEADLINE_MS });
    steps.end("Tenant", "ok", work.tenant === tenantId ? tenantId : `${work.tenant} is ${tenantId}`);

    // Artifacts are told apart by when they appeared, so one tenant is looked at by one run at a time.
    const onWait = () => steps.start("Turn", "another check of this tenant is running");
    return withLease(`tenant:${tenantId}`, { store, signal, onWait }, async (leased) => {
      steps.drop("Turn");
      const account = `${tenantId}:${work.upn.toLowerCase()}`;
      const joined = await findJoined(account, job);
      if (joined) return joined;

      const startedAt = now();
      const caseFolder = cases.folder(job.id);
      await mkdir(caseFolder, { recursive: true, mode: 0o700 });
      steps.start("Toolkit", toolkit.name);
      const investigation = await toolkit.investigate(
        "user-breach-check",
        { tenantId, rest: [work.upn], caseFolder },
        { signal: leased, deadlineMs: runDeadlineMs, onLine: steps.line },
      );
      leased.throwIfAborted();
      const { run, artifacts, leftOut } = investigation;
      const { ending } = run;
      log.info({ tenantId, ending, artifacts: artifacts.length, leftOut: leftOut.length }, "toolkit ended");
      steps.end("Toolkit", isSuccess(ending) ? "ok" : "failed", `${artifacts.length} artifacts`);

      const document = judge({
        artifacts: await readArtifacts(artifacts),
        run: {
          id: job.id,
          kind: "user",
          tenant: { id: tenantId, domain: work.tenant === tenantId ? null : work.tenant },
          target: work.upn,
          started: new Date(startedAt).toISOString(),
          window_days: WINDOW_DAYS,
          requested_by: `discord:${job.interaction.userId}`,
          toolkit: { name: toolkit.name, version: toolkit.version },
        },
        coverageHints: { ending, leftOut },
        now: new Date(now()),
      });
      log.info(
        { tenantId, verdict: document.verdict.level, findings: document.findings.length },
        "case judged",
      );
      const zipPath = await keepCase(document, { caseFolder, artifacts, job });

      const report = reportFindings(document, {
        outcome: "Done",
        files: [
          {
            name: `case-${job.id}.zip`,
            path: zipPath,
            description: "Findings, raw artifacts and a manifest with their hashes",
          },
        ],
        buttons: [{ action: "run-again", caseId: job.id }],
        // What a script said matters when it did not do what it should.
        ...(isSuccess(ending) && artifacts.length > 0 ? {} : { transcript: run.transcript }),
      });
      await store
        .set(`finished:${account}`, JSON.stringify({ at: now(), report }), { ttlMs: JOINABLE_MS })
        .catch((thrown) => {
          log.warn({ err: coerceError(thrown) }, "result cannot be joined");
        });
      return report;
    });
  }

  /** Whoever asked while the same account was being checked gets that result instead of a second run. */
  async function findJoined(account: string, job: Job): Promise<Report | undefined> {
    const text = await store.get(`finished:${account}`);
    const finished = text === undefined ? undefined : Finished.safeParse(JSON.parse(text)).data;
    return finished !== undefined && finished.at >= job.enqueuedAt ? finished.report : undefined;
  }
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

/** Writes `findings.json` and packs the case, the most telling first. */
async function keepCase(
  document: FindingsDocument,
  { caseFolder, artifacts, job }: { caseFolder: string; artifacts: readonly Artifact[]; job: Job },
): Promise<string> {
  const findingsPath = join(caseFolder, "findings.json");
  await writeFile(findingsPath, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  const { path } = await createCaseZip({
    caseFolder,
    files: [
      { name: "findings.json", path: findingsPath },
      { name: "manifest.json", path: join(caseFolder, "manifest.json") },
      ...artifacts.map(({ name, path }) => ({ name: `artifacts/${name}`, path })),
    ],
    maxBytes: job.interaction.attachmentLimitBytes,
  });
  return path;
}
