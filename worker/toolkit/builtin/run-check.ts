import { coerceError } from "../../../src/errors.ts";
import { redact } from "../../../src/redact.ts";
import type { AnyCheckId, Coverage } from "../../findings/findings.ts";
import type { CheckLine } from "../check-line.ts";
import { CheckError } from "./check-error.ts";
import type { CheckResult } from "./checks/check.ts";
import type { RunClock } from "./run-clock.ts";

interface CheckRun {
  clock: RunClock;
  /** Tells whoever watches. */
  report: (line: CheckLine) => void;
  /** Never in what a row says, whatever was thrown. */
  secrets: readonly string[];
}

/** One check on its own, from "running" to its row of the coverage. Never rejects: what is thrown is the row's reason. */
export async function runCheck(
  id: AnyCheckId,
  run: () => Promise<CheckResult>,
  { clock, report, secrets }: CheckRun,
): Promise<Coverage> {
  const startedAt = clock.now();
  report({ check: id, state: "running" });
  let row: Coverage;
  try {
    row = resultRow(id, await run());
  } catch (thrown) {
    row = failedRow(id, asCheckError(thrown, secrets));
  }
  const state = row.status === "ok" ? "ok" : row.status === "skipped" ? "skipped" : "failed";
  report({
    check: id,
    state,
    records: row.records,
    durationMs: clock.now() - startedAt,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
  });
  return row;
}

function resultRow(check: AnyCheckId, { records, truncated, problem, note }: CheckResult): Coverage {
  const gap = problem ?? note;
  return {
    check,
    status: problem?.status ?? "ok",
    records,
    truncated,
    ...(gap ? { reason: gap.message, how_to_fix: gap.howToFix } : {}),
  };
}

export function failedRow(check: AnyCheckId, error: CheckError): Coverage {
  const { status, message, howToFix } = error;
  return { check, status, records: 0, truncated: false, reason: message, how_to_fix: howToFix };
}

function asCheckError(thrown: unknown, secrets: readonly string[]): CheckError {
  if (thrown instanceof CheckError) return thrown;
  const said = redact(coerceError(thrown).message, secrets);
  return new CheckError("CHECK_FAILED", `The check itself failed: ${said}`, {
    status: "error",
    howToFix: "Run it again; if it stays so, report it.",
    cause: thrown,
  });
}
