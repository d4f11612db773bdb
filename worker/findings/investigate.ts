import type { ScriptEnding } from "../toolkit/toolkit.ts";
import { coverageOf } from "./coverage.ts";
import { readEvidence } from "./evidence.ts";
import type { FindingsDocument } from "./findings.ts";
import { type ArtifactBytes, recognise } from "./recognise.ts";
import { findAll } from "./rules/index.ts";
import { timelineOf } from "./timeline.ts";
import { judgeFindings } from "./verdict.ts";

interface JudgeInput {
  /** What the run left behind, read from the case folder. */
  artifacts: readonly (ArtifactBytes & { sha256: string })[];
  /** All of the document's `run` but what is known here: the end and the artifacts. */
  run: Omit<FindingsDocument["run"], "finished" | "artifacts_sha256">;
  /** What the runner knows and the artifacts don't. */
  coverageHints?: {
    ending?: ScriptEnding;
    /** Artifacts that were not taken over, such as one over the size limit. */
    leftOut?: readonly { name: string; reason: string }[];
  };
  /** The end of the run: the window is counted back from it. */
  now: Date;
}

/** From what a toolkit left behind to `findings.json`. Pure: the same evidence gives the same document. */
export function judge({ artifacts, run, coverageHints = {}, now }: JudgeInput): FindingsDocument {
  const { ending, leftOut = [] } = coverageHints;
  const recognition = recognise(artifacts);
  const evidence = readEvidence(recognition, { upn: run.target, tenantId: run.tenant.id });
  const coverage = coverageOf(recognition, {
    tenantId: run.tenant.id,
    upn: run.target,
    ...(ending === undefined ? {} : { ending }),
  });
  const end = now.getTime();
  const window = { start: end - run.window_days * DAY, end };
  const findings = findAll(evidence, window);
  return {
    schema: "breach-check/findings@1",
    run: {
      ...run,
      finished: now.toISOString(),
      artifacts_sha256: Object.fromEntries(artifacts.map(({ name, sha256 }) => [name, sha256])),
    },
    coverage,
    findings,
    verdict: judgeFindings(findings, { coverage, gaps: evidence.gaps }),
    unrecognised: [
      ...recognition.unrecognised,
      ...leftOut.map(({ name, reason }) => ({ artifact: name, size_bytes: null, reason })),
    ],
    timeline: timelineOf(evidence, findings, window),
  };
}

const DAY = 24 * 60 * 60 * 1000;
