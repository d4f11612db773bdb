import type { Window } from "../../finding.ts";
import type { Severity } from "../../findings.ts";
import type { Risk } from "../../risk.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ["high", "high"],
  ["medium", "medium"],
  ["low", "low"],
]);

/**
 * Repeats what Entra ID Protection says of accounts: confirmed as compromised, or at risk and not yet dealt with. A
 * level that is hidden, or a word that is new, means unknown.
 * @see https://learn.microsoft.com/en-us/graph/api/resources/riskyuser
 */
export function riskyUsers({ riskyUsers: users }: TenantEvidence, window: Window): TenantFinding[] {
  return users.flatMap((user) => {
    const severity = severityOf(user);
    const name = user.upn?.toLowerCase() ?? user.userId ?? user.id;
    if (severity === undefined) return [];
    const confirmed = severity === "critical";
    return createTenantFinding(
      {
        check: "risk",
        rule: confirmed ? "confirmed-compromised" : "risky-user",
        key: user.id,
        severity,
        title: confirmed
          ? `${name} is confirmed as compromised`
          : `${name} is at ${user.level ?? "an unknown"} risk, as Microsoft rates it`,
        why: confirmed
          ? "Microsoft or an administrator has marked the account as compromised, and nobody has closed the case."
          : "Microsoft saw something in the account's sign-ins or passwords, and nobody has dealt with it.",
        evidence: [{ ...user.source, fields: { user: name, level: user.level, state: user.state } }],
        span: { first: toTime(user.at), last: toTime(user.at) },
        attack: ["T1078.004"],
        recommendation: confirmed
          ? {
              action: "block_sign_in",
              text: `Block sign-in of ${name}, reset the password and revoke sessions.`,
              reversible: true,
            }
          : {
              action: "review_risk",
              text: `Run /breach-check for ${name}, then confirm or dismiss the risk in Entra.`,
              reversible: true,
            },
        suspects: confirmed || severity === "high" ? [name] : [],
      },
      window,
    );
  });
}

function severityOf({ state, level = "" }: Risk): Severity | undefined {
  if (state === "confirmedCompromised") return "critical";
  return state === "atRisk" ? (SEVERITIES.get(level) ?? "low") : undefined;
}
