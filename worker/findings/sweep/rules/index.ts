import { bySeverity, isAtLeast, type Window } from "../../finding.ts";
import type { Finding } from "../../findings.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import type { TenantFinding } from "../tenant-finding.ts";
import { adminRoles } from "./admin-roles.ts";
import { appConsents } from "./app-consents.ts";
import { directoryChanges } from "./directory-changes.ts";
import { entryAndChange } from "./entry-and-change.ts";
import { failedAttempts } from "./failed-attempts.ts";
import { foreignSignIns } from "./foreign-sign-ins.ts";
import { guessedPassword } from "./guessed-password.ts";
import { guestsInvited } from "./guests-invited.ts";
import { knownApps } from "./known-apps.ts";
import { newUsers } from "./new-users.ts";
import { passwordSpray } from "./password-spray.ts";
import { refusedMfa } from "./refused-mfa.ts";
import { rightPassword } from "./right-password.ts";
import { riskyUsers } from "./risky-users.ts";
import { standingOut } from "./standing-out.ts";

/** Who may have come in. What these find makes accounts suspect. */
const ENTRY_RULES: readonly ((evidence: TenantEvidence, window: Window) => TenantFinding[])[] = [
  passwordSpray,
  guessedPassword,
  standingOut,
  refusedMfa,
  rightPassword,
  foreignSignIns,
  failedAttempts,
  riskyUsers,
];

/** What was changed, and by whom. */
const TRACE_RULES: readonly ((
  evidence: TenantEvidence,
  window: Window,
  suspects: ReadonlySet<string>,
) => TenantFinding[])[] = [appConsents, knownApps, directoryChanges, guestsInvited, adminRoles, newUsers];

/** All findings over a tenant, the worst first. */
export function findInTenant(evidence: TenantEvidence, window: Window): Finding[] {
  const entries = ENTRY_RULES.flatMap((rule) => rule(evidence, window));
  const suspects = new Set(entries.flatMap((entry) => entry.suspects));
  const doubtful = entries.filter(
    ({ suspects: named, finding }) => named.length > 0 && isAtLeast(finding.severity, "high"),
  );
  const traces = TRACE_RULES.flatMap((rule) => rule(evidence, window, suspects));
  const findingsOf = (list: readonly TenantFinding[]) => list.map(({ finding }) => finding);
  const worstFirst = (list: readonly TenantFinding[]) =>
    list.toSorted((a, b) => bySeverity(a.finding, b.finding));
  const settled = entryAndChange(worstFirst(doubtful), worstFirst(traces));
  return [...settled, ...findingsOf(entries), ...findingsOf(traces)].sort(bySeverity);
}
