import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { actorOf, eventsOf, idsOf, isAccount } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { HOUR, listed, placeOf } from "./sign-in-traits.ts";

/**
 * Flags a password reset, or a sign-in method registered, by somebody else. The help desk does that all day; followed
 * by a sign-in that need not have been the user's, somebody may have talked the help desk into it.
 * @see https://attack.mitre.org/techniques/T1098/
 */
export function resetByAnother(evidence: Evidence, window: Window): Finding[] {
  const events = eventsOf(evidence, ["password-reset", "security-info-added"], window).filter(
    ({ actor, targets }) =>
      (actor.upn ?? actor.id) !== undefined &&
      !isAccount(actor, evidence) &&
      targets.some((target) => isAccount(target, evidence)),
  );
  if (events.length === 0) return [];
  // Without the address: it is the help desk's.
  const times = events.map(({ at }) => ({ at }));
  const near = doubtfulNear(evidence, times, { before: 0, after: 6 * HOUR });
  const after = near === undefined ? "" : `; a doubtful sign-in from ${placeOf(near)} followed`;
  const who = listed([...new Set(events.map((event) => quote(actorOf(event))))]);
  return [
    createDatedFinding(
      {
        check: "directory_audits",
        rule: "reset-by-another",
        key: idsOf(events),
        severity: near === undefined ? "low" : "high",
        confidence: "medium",
        title: "Password or sign-in method set by somebody else",
        why: `${who} set a new password or sign-in method for this account${after}.`,
        evidence: events.map(auditEvidence),
        attack: ["T1098"],
        recommendation: {
          action: "confirm_reset",
          text: "Ask whoever did it who had asked for it, and how that person proved who they are.",
          reversible: true,
        },
      },
      events.map(({ at }) => at),
      window,
    ),
  ];
}
