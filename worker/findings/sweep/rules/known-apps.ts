import { quote, type Window } from "../../finding.ts";
import { ABUSED_APPS } from "../../indicators/apps.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

/**
 * Flags applications that attackers are known to use, by their id. Most are honest products, so this asks for a check
 * and does not call anything malware; one that came within the window is the more urgent.
 * @see https://www.huntress.com/blog/legitimate-apps-as-traitorware-for-persistent-microsoft-365-compromise
 */
export function knownApps({ apps }: TenantEvidence, window: Window): TenantFinding[] {
  return [...apps.values()].flatMap((app) => {
    const known = ABUSED_APPS.find(({ appId }) => appId === app.appId);
    if (known === undefined) return [];
    const isNew = app.addedAt !== undefined && app.addedAt >= window.start;
    return createTenantFinding(
      {
        check: "known_apps",
        rule: "known-app",
        key: app.id,
        severity: isNew || known.honest === "rarely" ? "critical" : "high",
        confidence: "medium",
        title: `${known.name} is in the tenant: known to be abused, verify`,
        why: `The application "${quote(app.name ?? known.name)}" has the id of ${known.name}, which is known from break-ins${isNew ? "; it came within the time that was looked at" : ""}. ${known.honest === "rarely" ? "It is seldom anything else" : "It may be honest"}.`,
        evidence: [
          {
            ...app.source,
            fields: { name: app.name, appId: app.appId, created: toTime(app.addedAt) },
          },
        ],
        span: { first: toTime(app.addedAt), last: toTime(app.addedAt) },
        attack: ["T1528", "T1114.002"],
        recommendation: {
          action: "disable_app",
          text: `Ask who uses ${known.name}; if nobody does, disable it under Enterprise applications and look at who consented.`,
          reversible: true,
        },
      },
      window,
    );
  });
}
