import { createFinding, isAtLeast, quote } from "../../finding.ts";
import type { Finding } from "../../findings.ts";
import type { TenantFinding } from "../tenant-finding.ts";

/**
 * The combination that settles a tenant's case: somebody came in who need not be the user, and the same account then
 * changed the directory or let an application in. Each has an innocent explanation; both hardly do. What two accounts
 * did is no such combination, however grave either is.
 * @param entries - Findings that made accounts suspect, the worst first.
 * @param traces - Findings over what was changed, the worst first.
 */
export function entryAndChange(
  entries: readonly TenantFinding[],
  traces: readonly TenantFinding[],
): Finding[] {
  const grave = entries.filter(({ finding }) => isAtLeast(finding.severity, "high"));
  const pairs = traces.filter(isGraveTrace).flatMap((trace) =>
    grave.flatMap((entry) => {
      const account = trace.suspects.find((name) => entry.suspects.includes(name));
      return account === undefined ? [] : [{ entry: entry.finding, trace: trace.finding, account }];
    }),
  );
  return pairs.slice(0, 1).map(({ entry, trace, account }) =>
    createFinding({
      check: trace.check,
      rule: "takeover",
      key: `${entry.id} ${trace.id}`,
      severity: "critical",
      title: `A doubtful sign-in and a change by the same account: ${quote(account)}`,
      why: `Both were found: "${entry.title}" and "${trace.title}".`,
      evidence: [...entry.evidence.slice(0, 1), ...trace.evidence.slice(0, 1)],
      attack: [...new Set([...entry.attack, ...trace.attack])],
      recommendation: {
        action: "block_sign_in",
        text: `Block sign-in of ${quote(account)}, revoke its sessions, then undo what it changed.`,
        reversible: true,
      },
    }),
  );
}

function isGraveTrace({ finding: { rule, severity } }: TenantFinding): boolean {
  return severity === "critical" && (rule === "app-consent" || rule.endsWith("-by-suspect"));
}
