import type { AuditEvent } from "../audit-event.ts";
import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { eventsOf, happening, isAccount } from "./audit-traits.ts";
import { isMicrosofts, isOwn } from "./consent-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";

/**
 * Flags consents in the audit log that the account gave for the whole tenant, or around a doubtful sign-in. Those
 * whose grant still stands are judged by what it allows; here are the ones that were taken back, and administrators'.
 * @see https://attack.mitre.org/techniques/T1098/003/
 */
export function consentGiven(evidence: Evidence, window: Window): Finding[] {
  return eventsOf(evidence, ["consent"], window).flatMap((event) => {
    const target = event.targets.find((each) => !isAccount(each, evidence));
    const isListed = evidence.consents.some(({ clientId, app }) =>
      event.targets.some(({ id }) => id !== undefined && (id === clientId || id === app?.appId)),
    );
    if (!isAccount(event.actor, evidence) || isListed) return [];
    const severity = rate(event, target?.id, evidence);
    if (severity === undefined) return [];
    const name = target?.name === undefined ? "an app" : `"${quote(target.name)}"`;
    const whom = isForEveryone(event) ? " for everybody in the tenant" : "";
    return [
      createDatedFinding(
        {
          check: "oauth_consents",
          rule: "consent-given",
          key: target?.id ?? event.id,
          severity,
          confidence: "medium",
          title:
            whom === ""
              ? "Consent around a doubtful sign-in"
              : "The account let an app into the whole tenant",
          why: `The account consented to ${name}${whom}.`,
          evidence: [auditEvidence(event)],
          attack: ["T1098.003", "T1528"],
          recommendation: {
            action: "revoke_consent",
            text: "Look the app up under Enterprise applications; if nobody knows it, disable it and revoke its permissions.",
            reversible: true,
          },
        },
        [event.at],
        window,
      ),
    ];
  });
}

function rate(event: AuditEvent, clientId: string | undefined, evidence: Evidence): Severity | undefined {
  const app = evidence.apps.find(({ id }) => id === clientId);
  if (isMicrosofts(app)) return undefined;
  if (doubtfulNear(evidence, [happening(event)]) !== undefined) return "high";
  if (!isForEveryone(event)) return undefined;
  if (app?.verified === false && !isOwn(app, evidence)) return "high";
  return "low";
}

function isForEveryone({ details }: AuditEvent): boolean {
  const isTrue = (key: string) => details.get(key)?.toLowerCase() === "true";
  return isTrue("ConsentContext.OnBehalfOfAll") || isTrue("ConsentContext.IsAdminConsent");
}
