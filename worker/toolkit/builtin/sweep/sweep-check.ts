import type { SweepCheckId } from "../../../findings/findings.ts";
import type { CheckContext, CheckResult } from "../checks/check.ts";

export interface SweepContext extends Pick<CheckContext, "graph" | "limits" | "save" | "window"> {
  tenantId: string;
  /** Of the organisation, two letters; `undefined` if it could not be read. */
  country: string | undefined;
  /** Of sign-ins, of which a tenant has many, the window is shorter. As OData writes a time. */
  signInsSince: string;
  /** Pages of a thousand sign-ins that are read of each kind. */
  maxSignInPages: number;
  /** Tells whoever watches how many records a check has read so far. */
  progress: (check: SweepCheckId, records: number) => void;
}

/** One point of the sweep. Throws `CheckError` if it could see nothing at all. */
export interface SweepCheck {
  id: SweepCheckId;
  /** Sees what happened in the window only, and so depends on the clock. */
  windowed?: true;
  run: (context: SweepContext) => Promise<CheckResult>;
}
