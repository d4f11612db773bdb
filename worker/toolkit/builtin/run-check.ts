import { coerceError } from "../../../src/errors.ts";
import { redact } from "../../../src/redact.ts";
import type { AnyCheckId, Coverage } from "../../findings/findings.ts";
import type { CheckLine } from "../check-line.ts";
import { CheckError } from "./check-error.ts";
import type { CheckResult } from "./checks/check.ts";
import { together } from "./checks/read-parts.ts";
import type { RunClock } from "./run-clock.ts";
import type { Window } from "./window.ts";

/** What a row says of its check. */
interface Named {
  id: AnyCheckId;
  /** Rests on something that a customer need not grant, so that its absence is no failure. */
  optional?: true;
}

interface CheckRun {
  clock: RunClock;
  /** Tells whoever watches. */
  report: (line: CheckLine) => void;
  /** Never in what a row says, whatever was thrown. */
  secrets: readonly string[];
  /** What is behind a failure. Default: what it says itself. */
  explain?: (error: CheckError) => Promise<CheckError>;
}

/** One check on its own, from "running" to its row of the coverage. Never rejects: what is thrown is the row's reason. */
export async function runCheck(
  check: Named,
  run: () => Promise<CheckResult>,
  { clock, report, secrets, explain = async (error) => error }: CheckRun,
): Promise<Coverage> {
  const startedAt = clock.now();
  report({ check: check.id, state: "running" });
  let row: Coverage;
  try {
    row = resultRow(check, await run());
  } catch (thrown) {
    row = failedRow(check, await explain(asCheckError(thrown, secrets)));
  }
  report({
    check: check.id,
    state: stateOf(row, check),
    records: row.records,
    durationMs: clock.now() - startedAt,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
  });
  return row;
}

/** Runs a check, and says of one that rests on the window what is doubtful about it. */
export async function runInWindow<Context extends { window: Window }>(
  check: { windowed?: true; run: (context: Context) => Promise<CheckResult> },
  context: Context,
): Promise<CheckResult> {
  const result = await check.run(context);
  const { note } = context.window;
  return check.windowed && note ? { ...result, notes: [...(result.notes ?? []), note] } : result;
}

/** Something optional that was not granted is a choice and no failure. */
function stateOf({ status }: Coverage, { optional }: Named): CheckLine["state"] {
  if (status === "ok" || status === "skipped") return status;
  return optional && status === "no_permission" ? "skipped" : "failed";
}

function resultRow(
  { id, optional }: Named,
  { records, truncated, problem, notes = [] }: CheckResult,
): Coverage {
  const gaps = [...(problem ? [problem] : []), ...notes];
  const gap = gaps.length > 0 ? together(gaps) : undefined;
  return {
    check: id,
    status: problem?.status ?? "ok",
    records,
    truncated,
    ...(gap ? { reason: labelled(gap.message, optional), how_to_fix: gap.howToFix } : {}),
  };
}

export function failedRow({ id, optional }: Named, { status, message, howToFix }: CheckError): Coverage {
  const reason = labelled(message, optional);
  return { check: id, status, records: 0, truncated: false, reason, how_to_fix: howToFix };
}

function labelled(reason: string, optional: true | undefined): string {
  return optional ? `Optional check: ${reason}` : reason;
}

export function asCheckError(thrown: unknown, secrets: readonly string[]): CheckError {
  if (thrown instanceof CheckError) return thrown;
  const said = redact(coerceError(thrown).message, secrets);
  return new CheckError("CHECK_FAILED", `The check itself failed: ${said}`, {
    status: "error",
    howToFix: "Run it again; if it stays so, report it.",
    cause: thrown,
  });
}
