import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { eventsOf, happening, idsOf } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { listed, placeOf } from "./sign-in-traits.ts";

/**
 * Flags sign-in methods that were taken away, or MFA switched off. It is what one does with an old telephone, so it
 * counts around a sign-in that need not have been the user's: then it locks the owner out.
 * @see https://attack.mitre.org/techniques/T1556/006/
 */
export function removedSignInMethod(evidence: Evidence, window: Window): Finding[] {
  const events = eventsOf(evidence, ["security-info-removed"], window);
  if (events.length === 0) return [];
  const near = doubtfulNear(evidence, events.map(happening));
  const around = near === undefined ? "" : `, around a doubtful sign-in from ${placeOf(near)}`;
  const what = listed([...new Set(events.map(({ activity }) => `"${quote(activity)}"`))]);
  return [
    createDatedFinding(
      {
        check: "directory_audits",
        rule: "removed-sign-in-method",
        key: idsOf(events),
        severity: near === undefined ? "low" : "high",
        title: "A sign-in method was removed",
        why: `The log has ${what}${around}.`,
        evidence: events.map(auditEvidence),
        attack: ["T1556.006", "T1531"],
        recommendation: {
          action: "review_sign_in_methods",
          text: "Ask the user whether they removed a method, and have MFA registered anew if it is off.",
          reversible: true,
        },
      },
      events.map(({ at }) => at),
      window,
    ),
  ];
}
