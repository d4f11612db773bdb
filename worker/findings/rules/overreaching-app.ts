import type { Evidence } from "../evidence.ts";
import { createDatedFinding, evidenceItem, isSince, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { ABUSED_APPS } from "../indicators/apps.ts";
import {
  type AppConsent,
  appConsents,
  appName,
  contentScopes,
  hasOfflineAccess,
  isMicrosofts,
  isOwn,
  writeScopes,
} from "./consent-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { capital, listed } from "./sign-in-traits.ts";

/**
 * Flags a consent by which an app of an unverified publisher may change, send or read mail and files. Each permission
 * is ordinary; writing, staying while the user is away, and a publisher whom nobody vouches for are together what
 * consent phishing asks for. Verified publishers and Microsoft are counted elsewhere and not flagged.
 * @see https://learn.microsoft.com/en-us/security/operations/incident-response-playbook-app-consent
 */
export function overreachingApp(evidence: Evidence, window: Window): Finding[] {
  return appConsents(evidence).flatMap((consent) => {
    const { app, scopes, forEveryone } = consent;
    const powers = [...writeScopes(scopes), ...contentScopes(scopes)];
    if (powers.length === 0 || app?.verified === true || isMicrosofts(app) || isOwn(app, evidence)) return [];
    if (ABUSED_APPS.some(({ appId }) => appId === app?.appId)) return [];

    const given = whenGiven(consent, evidence);
    const near = doubtfulNear(evidence, given);
    const isRecent = given.some(({ at }) => isSince(window, at));
    const severity = rate(consent, { isNear: near !== undefined, isRecent });
    const staying = hasOfflineAccess(scopes) ? ", also while the user is away" : "";
    const publisher =
      app?.verified === false ? "whose publisher is not verified" : "whose publisher is unknown";
    return [
      createDatedFinding(
        {
          check: "oauth_consents",
          rule: "overreaching-app",
          key: app?.appId ?? consent.clientId,
          severity,
          confidence: app?.verified === undefined ? "low" : "high",
          title: forEveryone
            ? "App with far-reaching consent for everybody"
            : "App with far-reaching consent",
          why: `${capital(appName(app))}, ${publisher}, may use ${listed(powers.map((power) => quote(power)))}${staying}${near === undefined ? "" : "; the consent was given around a doubtful sign-in"}.`,
          evidence: consent.consents.map((each) =>
            evidenceItem(each, {
              app: app?.name,
              appId: app?.appId,
              publisher: app?.publisher,
              consentType: each.forEveryone ? "AllPrincipals" : "Principal",
              scopes: each.scopes,
            }),
          ),
          attack: ["T1528", "T1098.003"],
          recommendation: {
            action: "revoke_consent",
            text: "Ask the user whether they know the app; if not, revoke its consent: a new password does not end it.",
            reversible: true,
          },
          links: [
            "https://learn.microsoft.com/en-us/security/operations/incident-response-playbook-app-consent",
          ],
        },
        given.map(({ at }) => at),
        window,
      ),
    ];
  });
}

function rate(
  { app, scopes }: AppConsent,
  { isNear, isRecent }: { isNear: boolean; isRecent: boolean },
): Severity {
  if (isNear) return "high";
  // Who publishes it wasn't in the evidence: the report names the gap, and the app isn't accused for it.
  if (app?.verified !== false || !hasOfflineAccess(scopes)) return "low";
  if (writeScopes(scopes).length > 0) return "high";
  return isRecent ? "medium" : "low";
}

/**
 * A grant has no date. The log has one, and so has the entry in the user's list of apps; failing both, the app's arrival
 * in the tenant tells the earliest time.
 */
function whenGiven({ clientId, app }: AppConsent, { audits, appAssignments }: Evidence): Given[] {
  const isApp = (id: string | undefined) => id !== undefined && (id === clientId || id === app?.appId);
  const dated = [
    ...audits
      .filter(({ act, targets }) => act === "consent" && targets.some(({ id }) => isApp(id)))
      .map(({ at, actor }) => ({ at, ip: actor.ip })),
    ...appAssignments
      .filter(({ appObjectId }) => isApp(appObjectId))
      .map(({ at }) => ({ at, ip: undefined })),
  ];
  return dated.length > 0 || app?.addedAt === undefined ? dated : [{ at: app.addedAt, ip: undefined }];
}

interface Given {
  at: number | undefined;
  ip: string | undefined;
}
