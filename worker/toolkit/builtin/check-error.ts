import { AppError } from "../../../src/errors.ts";
import type { CoverageStatus } from "../../findings/findings.ts";

interface CheckErrorOptions {
  status: Exclude<CoverageStatus, "ok">;
  /** A sentence for a technician: what to change so that the next run sees it. */
  howToFix: string;
  cause?: unknown;
}

/** Why a check, or the whole run, could not see. Becomes a row of the coverage: `message` is its reason. */
export class CheckError extends AppError {
  readonly status: Exclude<CoverageStatus, "ok">;
  readonly howToFix: string;

  constructor(code: string, reason: string, { status, howToFix, cause }: CheckErrorOptions) {
    super(code, reason, { cause });
    this.status = status;
    this.howToFix = howToFix;
  }
}
