import { isOutside, parseRecipients } from "../addresses.ts";
import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { actorOf, eventsOf } from "./audit-traits.ts";

/**
 * Flags a forwarding out of the tenant that the log says was set for a mailbox, unless it stands there still: then
 * mailbox-forward speaks of it. Attackers take it back when they have what they came for.
 * @see https://attack.mitre.org/techniques/T1114/003/
 */
export function forwardingSet(evidence: Evidence, window: Window): Finding[] {
  return eventsOf(evidence, ["mailbox-changed"], window).flatMap((event) => {
    const [target] = parseRecipients(event.details.get("ForwardingSmtpAddress") ?? "");
    if (target?.kind !== "address" || !isOutside(target.address, evidence.domains)) return [];
    const stands = evidence.mailboxes.some(
      ({ forwardsTo }) => forwardsTo?.toLowerCase() === target.address.toLowerCase(),
    );
    if (stands) return [];
    return [
      createDatedFinding(
        {
          check: "mailbox_forwarding",
          rule: "forwarding-set",
          key: event.id,
          severity: "high",
          title: "Forwarding of all mail was set",
          why: `${quote(actorOf(event))} had all mail forwarded to ${quote(target.address)}.`,
          evidence: [auditEvidence(event)],
          attack: ["T1114.003"],
          recommendation: {
            action: "inspect_forwarding",
            text: "See with Get-Mailbox whether the forwarding is still set, and treat the mail of that time as read by others.",
            reversible: true,
          },
        },
        [event.at],
        window,
      ),
    ];
  });
}
