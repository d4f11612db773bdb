import manifest from "../../../package.json" with { type: "json" };
import type { CoverageArtifact } from "../../findings/coverage-artifact.ts";
import type { Coverage } from "../../findings/findings.ts";
import type { Artifacts } from "./artifacts.ts";
import type { ProgramIo } from "./program.ts";

interface RunEnd {
  artifacts: Pick<Artifacts, "write">;
  tenantId: string;
  /** The account that was looked at; null: a whole tenant. */
  upn: string | null;
  windowDays: number;
}

/**
 * Writes down what each check saw, or why it saw nothing, and says how many are complete.
 * @returns The exit code: 0 if at least one check ran, 1 if none could.
 */
export async function concludeRun(
  io: Pick<ProgramIo, "print">,
  coverage: Coverage[],
  { artifacts, tenantId, upn, windowDays }: RunEnd,
): Promise<0 | 1> {
  await artifacts.write("coverage.json", {
    schema: "breach-check/coverage@1",
    toolkit: { name: "built-in", version: manifest.version },
    tenantId,
    upn,
    window_days: windowDays,
    checks: coverage,
  } satisfies CoverageArtifact);
  const complete = coverage.filter(({ status }) => status === "ok").length;
  io.print(`${complete} of ${coverage.length} checks are complete.`);
  return coverage.some(({ status, records }) => status === "ok" || records > 0) ? 0 : 1;
}
