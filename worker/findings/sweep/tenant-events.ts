import { countryName, times } from "../rules/sign-in-traits.ts";
import { auditEvent, consentEvent, riskEvent, type TimelineEvent } from "../timeline-events.ts";
import type { Trait } from "./sign-in-groups.ts";
import { isTellingActivity } from "./telling-activity.ts";
import type { TenantEvidence } from "./tenant-evidence.ts";

export const TENANT_EVENTS =
  "Sign-ins are drawn in groups, each at its first and at its last moment; ordinary ones at home are not drawn.";

/**
 * What happened in a tenant. Its sign-ins are folded, so a group is drawn at its first and at its last moment; ordinary
 * ones at home are in no group and not drawn.
 */
export function tenantEvents(evidence: TenantEvidence): TimelineEvent[] {
  return [
    ...signInEvents(evidence),
    ...evidence.riskyUsers.flatMap(riskEvent),
    ...evidence.grants.flatMap(consentEvent),
    ...evidence.audits.filter(({ activity }) => isTellingActivity(activity)).flatMap(auditEvent),
  ];
}

function signInEvents({ signIns, signInSource }: TenantEvidence): TimelineEvent[] {
  const sourceOf = (list: string, index: number) => ({
    ...signInSource,
    path: `${signInSource.path}.${list}[${index}]`,
  });
  return [
    ...signIns.networks.flatMap((group, index) =>
      bothEnds(group, {
        lane: "failed_sign_ins",
        label: `Passwords tried ${times(group.failures)} from ${group.network}, ${countryName(group.country ?? undefined)}`,
        source: sourceOf("networks", index),
      }),
    ),
    ...signIns.targets.flatMap((group, index) =>
      bothEnds(group, {
        lane: "failed_sign_ins",
        label: `Password of ${group.user} tried ${times(group.failures)}`,
        source: sourceOf("targets", index),
      }),
    ),
    ...signIns.stopped.flatMap((group, index) =>
      bothEnds(group, {
        lane: "failed_sign_ins",
        label: `Right password of ${group.user} from ${countryName(group.country)}, stopped ${times(group.count)}`,
        source: sourceOf("stopped", index),
      }),
    ),
    ...signIns.refusals.flatMap(({ user, refusals }, index) =>
      refusals.map(
        ({ at, network }): TimelineEvent => ({
          at: Date.parse(at),
          lane: "failed_sign_ins",
          label: `Second factor of ${user} refused, asked for from ${network}`,
          source: sourceOf("refusals", index),
        }),
      ),
    ),
    ...signIns.foreign.flatMap((group, index) =>
      bothEnds(group, {
        lane: "sign_ins",
        label: `${group.user} from ${countryName(group.country)}, ${times(group.count)}`,
        source: sourceOf("foreign", index),
      }),
    ),
    ...signIns.traits.flatMap((group, index) =>
      bothEnds(group, {
        lane: "sign_ins",
        label: `${group.user}: ${traitWords[group.trait]}, ${times(group.count)}`,
        source: sourceOf("traits", index),
      }),
    ),
  ];
}

const traitWords: Readonly<Record<Trait, string>> = {
  legacy: "legacy client",
  "device-code": "device code",
  ropc: "password handed over by an app",
  "phishing-kit": "as a phishing kit signs in",
  "high-risk": "rated high risk",
  "confirmed-compromised": "confirmed compromised",
};

function bothEnds(
  { first, last }: { first: string | null; last: string | null },
  event: Omit<TimelineEvent, "at">,
): TimelineEvent[] {
  const ends = new Set([first, last].filter((time) => time !== null));
  return [...ends].map((time) => ({ ...event, at: Date.parse(time) }));
}
