import type { LeftOut, ScriptEnding } from "../toolkit/toolkit.ts";
import { coverageOf } from "./coverage.ts";
import { type Gap, readEvidence } from "./evidence.ts";
import type { Window } from "./finding.ts";
import {
  type AnyCheckId,
  CORE_CHECKS,
  CORE_SWEEP_CHECKS,
  type Finding,
  type FindingsDocument,
  type Timeline,
} from "./findings.ts";
import { type ArtifactBytes, type Recognition, recognise } from "./recognise.ts";
import { findAll } from "./rules/index.ts";
import { DAY } from "./rules/sign-in-traits.ts";
import { findInTenant } from "./sweep/rules/index.ts";
import { TENANT_EVENTS, tenantEvents } from "./sweep/tenant-events.ts";
import { readTenantEvidence } from "./sweep/tenant-evidence.ts";
import { fromFirstFinding, timelineOf } from "./timeline.ts";
import { accountEvents } from "./timeline-events.ts";
import { judgeFindings } from "./verdict.ts";

interface JudgeInput {
  /** What the run left behind, read from the case folder. */
  artifacts: readonly (ArtifactBytes & { sha256: string })[];
  /** All of the document's `run` but what is known here: the end and the artifacts. */
  run: Omit<FindingsDocument["run"], "finished" | "artifacts_sha256">;
  /** What the runner knows and the artifacts don't. */
  coverageHints?: {
    ending?: ScriptEnding;
    leftOut?: readonly LeftOut[];
  };
  /** The end of the run: the window is counted back from it. */
  now: Date;
}

/** From what a toolkit left behind to `findings.json`. Pure: the same evidence gives the same document. */
export function judge({ artifacts, run, coverageHints = {}, now }: JudgeInput): FindingsDocument {
  const { ending, leftOut = [] } = coverageHints;
  const recognition = recognise(artifacts);
  const coverage = coverageOf(recognition, {
    kind: run.kind,
    tenantId: run.tenant.id,
    upn: run.target,
    missed: leftOut.filter(({ isEvidence }) => isEvidence).map(({ name }) => name),
    ...(ending === undefined ? {} : { ending }),
  });
  const end = now.getTime();
  const window = { start: end - run.window_days * DAY, end };
  const { findings, gaps, core, timeline } =
    run.kind === "tenant"
      ? judgeTenant(recognition, run.tenant.id, window)
      : judgeUser(recognition, { upn: run.target, tenantId: run.tenant.id }, window);
  return {
    schema: "breach-check/findings@1",
    run: {
      ...run,
      finished: now.toISOString(),
      artifacts_sha256: Object.fromEntries(artifacts.map(({ name, sha256 }) => [name, sha256])),
    },
    coverage,
    findings,
    verdict: judgeFindings(findings, { coverage, gaps, core }),
    unrecognised: [
      ...recognition.unrecognised,
      ...leftOut.map(({ name, reason }) => ({ artifact: name, size_bytes: null, reason })),
    ],
    timeline,
  };
}

interface Judged {
  findings: Finding[];
  gaps: Gap[];
  core: readonly AnyCheckId[];
  timeline: Timeline;
}

function judgeUser(
  recognition: Recognition,
  account: { upn: string | null; tenantId: string },
  window: Window,
): Judged {
  const evidence = readEvidence(recognition, account);
  const findings = findAll(evidence, window);
  const timeline = timelineOf(accountEvents(evidence), findings, window);
  return { findings, gaps: evidence.gaps, core: CORE_CHECKS, timeline };
}

function judgeTenant(recognition: Recognition, tenantId: string, window: Window): Judged {
  const evidence = readTenantEvidence(recognition, { tenantId });
  const findings = findInTenant(evidence, window);
  const timeline = fromFirstFinding(timelineOf(tenantEvents(evidence), findings, window));
  return {
    findings,
    gaps: evidence.gaps,
    core: CORE_SWEEP_CHECKS,
    timeline: { ...timeline, note: TENANT_EVENTS },
  };
}
