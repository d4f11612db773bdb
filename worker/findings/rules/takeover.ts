import { createFinding, isAtLeast } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";

/** Rules that tell of a sign-in which succeeded and need not have been the user's, from this severity on. */
const ENTRY: ReadonlyMap<string, Severity> = new Map([
  ["foreign-sign-in", "medium"],
  ["impossible-travel", "medium"],
  ["device-code", "medium"],
  ["risky-sign-in", "medium"],
  // Below these, the sign-in was stopped.
  ["password-guessing", "high"],
  ["mfa-fatigue", "high"],
  ["phishing-kit", "critical"],
  ["confirmed-compromised", "critical"],
]);

/**
 * What attackers leave behind and hardly anybody else does. An inbox rule that changed around a doubtful sign-in is
 * not one: what it does may be harmless, and the sign-in would count twice.
 */
function isTrace({ check, rule, severity }: Finding): boolean {
  if (rule === "abused-app") return severity === "critical";
  if (rule === "inbox-rule-changed" || !isAtLeast(severity, "high")) return false;
  return check === "inbox_rules" || rule === "mailbox-forward" || rule === "forwarding-set";
}

/**
 * The combination that settles most cases: somebody came in who need not be the user, and there is an inbox rule that
 * hides mail or sends it out, a mailbox that forwards, or an app known from break-ins. Each has an innocent explanation; both at once hardly do.
 * @param findings - Of the other rules.
 * @see https://www.microsoft.com/en-us/security/blog/2022/07/12/from-cookie-theft-to-bec-attackers-use-aitm-phishing-sites-as-entry-point-to-further-financial-fraud/
 */
export function takeover(findings: readonly Finding[]): Finding[] {
  const entry = findings.find(({ rule, severity }) => {
    const floor = ENTRY.get(rule);
    return floor !== undefined && isAtLeast(severity, floor);
  });
  const trace = findings.find(isTrace);
  if (entry === undefined || trace === undefined) return [];
  return [
    createFinding({
      check: "inbox_rules",
      rule: "takeover",
      key: `${entry.id} ${trace.id}`,
      severity: "critical",
      title: `A doubtful sign-in and ${TRACES[trace.check] ?? "a harmful inbox rule"} together`,
      why: `Both were found: "${entry.title}" and "${trace.title}".`,
      evidence: [...entry.evidence.slice(0, 1), ...trace.evidence],
      attack: [...new Set([...entry.attack, ...trace.attack])],
      recommendation: {
        action: "block_sign_in",
        text: "Block sign-in, reset the password, revoke sessions, then undo what was left behind: inbox rules, forwarding, consents.",
        reversible: true,
      },
    }),
  ];
}

const TRACES: Partial<Record<Finding["check"], string>> = {
  mailbox_forwarding: "a forwarding",
  oauth_consents: "an app known from break-ins",
};
