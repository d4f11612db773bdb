import { quote, type Window } from "../../finding.ts";
import { ROGUE_APPS } from "../../indicators/rogue-apps.ts";
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
    const known = ROGUE_APPS.get(app.appId ?? "");
    if (known === undefined) return [];
    const isNew = app.created !== undefined && app.created >= window.start;
    return createTenantFinding(
      {
        check: "known_apps",
        rule: "known-app",
        key: app.id,
        severity: isNew ? "critical" : app.enabled ? "high" : "low",
        confidence: "medium",
        title: `${known.name} is in the tenant: known to be abused, verify`,
        why: `The application "${quote(app.name ?? known.name)}" has the id of ${known.name}, which attackers use for ${known.abusedFor}${isNew ? "; it came within the time that was looked at" : ""}. It may be honest.`,
        evidence: [
          {
            ...app.source,
            fields: { name: app.name, appId: app.appId, created: toTime(app.created), enabled: app.enabled },
          },
        ],
        span: { first: toTime(app.created), last: toTime(app.created) },
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
