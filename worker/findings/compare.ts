import * as z from "zod";
import {
  ComparedFinding,
  type Comparison,
  Coverage,
  Finding,
  type FindingsDocument,
  VerdictLevel,
} from "./findings.ts";

/** What the next run of the same subject is compared with. Findings have the same id as long as they are the same. */
export const Baseline = z.object({
  caseId: z.string(),
  finished: z.iso.datetime(),
  verdict: VerdictLevel,
  /** The checks that were seen whole. */
  seen: z.array(Coverage.shape.check),
  findings: z.array(ComparedFinding.extend({ check: Finding.shape.check })),
});
export type Baseline = z.infer<typeof Baseline>;

/** A tenant's sweep may have more, and then the comparison knows the gravest. */
const MAX_FINDINGS = 500;

/** `undefined` for a run that saw nothing: the one before it tells more. */
export function baselineOf({ run, verdict, coverage, findings }: FindingsDocument): Baseline | undefined {
  const seen = coverage.filter(isWhole).map(({ check }) => check);
  if (seen.length === 0) return undefined;
  return {
    caseId: run.id,
    finished: run.finished,
    verdict: verdict.level,
    seen,
    findings: findings
      .slice(0, MAX_FINDINGS)
      .map(({ id, check, severity, title }) => ({ id, check, severity, title })),
  };
}

/**
 * What changed since the last run of the same subject. A finding is "gone" only if its check was seen whole this time,
 * and "new" only if its check was seen whole then: what nobody looked at is neither.
 */
export function compare({ findings, coverage }: FindingsDocument, baseline: Baseline): Comparison {
  const before = new Set(baseline.findings.map(({ id }) => id));
  const now = new Set(findings.map(({ id }) => id));
  const seenNow = coverage.filter(isWhole).map(({ check }) => check);
  const appeared = findings.filter(({ id }) => !before.has(id));
  const vanished = baseline.findings.filter(({ id }) => !now.has(id));
  const compared = ({ id, severity, title }: ComparedFinding) => ({ id, severity, title });
  return {
    case: baseline.caseId,
    finished: baseline.finished,
    verdict: baseline.verdict,
    new: appeared.filter(({ check }) => baseline.seen.includes(check)).map(compared),
    gone: vanished.filter(({ check }) => seenNow.includes(check)).map(compared),
    not_comparable: [
      ...appeared.filter(({ check }) => !baseline.seen.includes(check)),
      ...vanished.filter(({ check }) => !seenNow.includes(check)),
    ].map(compared),
  };
}

function isWhole({ status, truncated }: Coverage): boolean {
  return status === "ok" && !truncated;
}
