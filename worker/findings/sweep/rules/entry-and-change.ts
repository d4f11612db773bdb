import { createFinding, isAtLeast } from "../../finding.ts";
import type { Finding } from "../../findings.ts";

/**
 * The combination that settles a tenant's case: somebody came in who need not be the user, and an account under that
 * suspicion then changed the directory or let an application in. Each has an innocent explanation; both hardly do.
 * @param entries - Findings that made accounts suspect.
 * @param traces - Findings over what was changed.
 */
export function entryAndChange(entries: readonly Finding[], traces: readonly Finding[]): Finding[] {
  const entry = entries.find(({ severity }) => isAtLeast(severity, "high"));
  const trace = traces.find(
    ({ rule, severity }) =>
      severity === "critical" && (rule === "app-consent" || rule.endsWith("-by-suspect")),
  );
  if (entry === undefined || trace === undefined) return [];
  return [
    createFinding({
      check: trace.check,
      rule: "takeover",
      key: `${entry.id} ${trace.id}`,
      severity: "critical",
      title: "A doubtful sign-in and a change by the same account",
      why: `Both were found: "${entry.title}" and "${trace.title}".`,
      evidence: [...entry.evidence.slice(0, 1), ...trace.evidence.slice(0, 1)],
      attack: [...new Set([...entry.attack, ...trace.attack])],
      recommendation: {
        action: "block_sign_in",
        text: "Block sign-in of the account, revoke its sessions, then undo what it changed.",
        reversible: true,
      },
    }),
  ];
}
