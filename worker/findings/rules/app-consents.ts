import type { Evidence } from "../evidence.ts";
import { createFinding, evidenceItem } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { appConsents, isMicrosofts, isOwn } from "./consent-traits.ts";

/**
 * Counts the apps that may act for the user and are not flagged as such: Microsoft's own, the customer's own, and
 * those of verified publishers. They are left out of the other rules, and the reader should know that.
 */
export function appConsentCount(evidence: Evidence): Finding[] {
  const apps = appConsents(evidence);
  if (apps.length === 0) return [];
  const microsofts = apps.filter(({ app }) => isMicrosofts(app)).length;
  const own = apps.filter(({ app }) => isOwn(app, evidence)).length;
  const verified = apps.filter(
    ({ app }) => app?.verified === true && !isMicrosofts(app) && !isOwn(app, evidence),
  ).length;
  return [
    createFinding({
      check: "oauth_consents",
      rule: "app-consents",
      key: "count",
      severity: "info",
      title: "Apps that may act for the user",
      why: `Apps with a consent: ${apps.length}. Counted and not judged: ${microsofts} of Microsoft, ${own} of the customer, ${verified} of verified publishers.`,
      evidence: apps
        .slice(0, 20)
        .flatMap(({ app, consents: [first] }) =>
          first === undefined ? [] : [evidenceItem(first, { app: app?.name, publisher: app?.publisher })],
        ),
      attack: [],
      recommendation: { action: "none", text: "Nothing to do.", reversible: true },
    }),
  ];
}
