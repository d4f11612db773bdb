import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { eventsOf, happening, idsOf, isAccount } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { listed, placeOf } from "./sign-in-traits.ts";

/**
 * Flags devices that were registered in the window. Alone that is a new telephone; around a sign-in that need not
 * have been the user's, it is a key that outlives the password.
 * @see https://attack.mitre.org/techniques/T1098/005/
 */
export function newDevice(evidence: Evidence, window: Window): Finding[] {
  const events = eventsOf(evidence, ["device-registered"], window);
  if (events.length === 0) return [];
  const near = doubtfulNear(evidence, events.map(happening));
  const names = events.flatMap(({ targets }) =>
    targets.flatMap((target) => (isAccount(target, evidence) ? [] : (target.name ?? []))),
  );
  const which = names.length === 0 ? "" : ` (${listed([...new Set(names)].map((name) => quote(name)))})`;
  const around = near === undefined ? "" : `, around a doubtful sign-in from ${placeOf(near)}`;
  return [
    createDatedFinding(
      {
        check: "directory_audits",
        rule: "new-device",
        key: idsOf(events),
        severity: near === undefined ? "low" : "high",
        title: near === undefined ? "New device" : "Device registered around a doubtful sign-in",
        why: `A device${which} was registered for the account${around}.`,
        evidence: events.map(auditEvidence),
        attack: ["T1098.005"],
        recommendation: {
          action: "disable_device",
          text: "Ask the user whether the device is theirs; if not, disable it in Entra and revoke sessions.",
          reversible: true,
        },
      },
      events.map(({ at }) => at),
      window,
    ),
  ];
}
