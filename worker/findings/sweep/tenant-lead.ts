import type { FindingsDocument } from "../findings.ts";
import { openLead } from "../open-lead.ts";

/** The paragraph under the verdict of a tenant: what it means, and what to do first. */
export function tenantLead({ verdict, run, coverage }: FindingsDocument): string {
  const confidence = `(confidence: ${verdict.confidence})`;
  switch (verdict.level) {
    case "confirmed":
      return `Somebody else has used accounts of this tenant ${confidence}. Block sign-in of those named below now, then reset their passwords and revoke their sessions.`;
    case "likely":
      return `This looks like a break-in ${confidence}. Block sign-in of the accounts named below now, then ask by phone which of the findings were the customer's own doing.`;
    case "suspicious":
      return `Something here needs an explanation ${confidence}. Ask the customer by phone about the findings, not by mail: somebody else may be reading it.`;
    case "no_evidence": {
      const open = coverage.filter(({ status, truncated }) => status !== "ok" || truncated).length;
      const extent =
        open === 0
          ? "All checks were done."
          : `${open} of ${coverage.length} checks were not done or not complete; they are listed below.`;
      return `Nothing in what was looked at (sign-ins of the last day, changes of the last ${run.window_days} days) points to a break-in ${confidence}. ${extent}`;
    }
    case "inconclusive":
      return openLead({ verdict, coverage });
  }
}
