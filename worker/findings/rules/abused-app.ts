import type { Evidence } from "../evidence.ts";
import { createFinding, evidenceItem, quote } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { ABUSED_APPS } from "../indicators/apps.ts";
import { appConsents, appName } from "./consent-traits.ts";
import { listed } from "./sign-in-traits.ts";

/**
 * Flags a consent to an app that is known from break-ins, by its id. Some of them are good products that attackers
 * use as well, so the words are "known to be abused" and never "malware". A name alone is worth little: anyone may
 * type it.
 * @see https://www.huntress.com/blog/legitimate-apps-as-traitorware-for-persistent-microsoft-365-compromise
 */
export function abusedApp(evidence: Evidence): Finding[] {
  return appConsents(evidence).flatMap(({ app, consents, scopes }) => {
    const byId = ABUSED_APPS.find(({ appId }) => appId === app?.appId);
    const byName = ABUSED_APPS.find(({ name }) => name.toLowerCase() === app?.name?.trim().toLowerCase());
    const known = byId ?? byName;
    if (known === undefined || app === undefined) return [];
    const severity: Severity = byId === undefined ? "low" : byId.honest === "rarely" ? "critical" : "high";
    return [
      createFinding({
        check: "oauth_consents",
        rule: "abused-app",
        key: app.appId ?? app.id,
        severity,
        confidence: byId === undefined ? "low" : "high",
        title:
          byId === undefined ? "App with the name of an abused one" : "App that attackers are known to abuse",
        why:
          byId === undefined
            ? `The user consented to ${appName(app)}, which has the name of a known app and another id.`
            : `The user consented to ${known.name}, which is known from break-ins${scopes.length === 0 ? "" : `; it may use ${listed(scopes.map((scope) => quote(scope)))}`}.`,
        evidence: consents.map((consent) =>
          evidenceItem(consent, { app: app.name, appId: app.appId, scopes: consent.scopes }),
        ),
        attack: ["T1528", "T1114.002"],
        recommendation: {
          action: "revoke_consent",
          text: `Ask the user whether they use ${known.name}; if not, revoke the consent: a new password does not end it.`,
          reversible: true,
        },
        links: ["https://github.com/huntresslabs/rogueapps"],
      }),
    ];
  });
}
