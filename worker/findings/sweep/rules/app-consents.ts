import type { AuditEvent } from "../../audit-event.ts";
import type { App } from "../../consent.ts";
import { quote, type Window } from "../../finding.ts";
import type { Severity } from "../../findings.ts";
import { ABUSED_APPS } from "../../indicators/apps.ts";
import type { Source } from "../../recognise.ts";
import { contentScopes, hasOfflineAccess, writeScopes } from "../../rules/consent-traits.ts";
import { listed } from "../../rules/sign-in-traits.ts";
import { type Publisher, publisherOf } from "../publisher-of.ts";
import { toTime } from "../span.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

const DAY = 24 * 60 * 60_000;
/** An app that has been in the tenant for longer is its administrator's business, and not this incident's. */
const NEW_APP_DAYS = 90;

/** What one application was allowed, by grants that stand and by consents of the window. */
interface Consent {
  appKey: string;
  app: App | undefined;
  publisher: Publisher;
  scopes: string[];
  forEverybody: boolean;
  /** Who consented, where a log tells. */
  by: string[];
  first: number | undefined;
  last: number | undefined;
  sources: Source[];
}

/**
 * Flags applications that were let in: by an administrator for everybody, or by a person for their own mail. What
 * decides is who stands behind the application: Microsoft's own and the tenant's own are passed over, those of a
 * verified publisher are ordinary business. Applications that are known to be abused are known-apps' concern.
 * @see https://learn.microsoft.com/en-us/security/operations/incident-response-playbook-app-consent
 */
export function appConsents(
  evidence: TenantEvidence,
  window: Window,
  suspects: ReadonlySet<string>,
): TenantFinding[] {
  const rated = consentsOf(evidence).flatMap((consent) => {
    const severity = severityOf(consent, window, suspects);
    return severity === undefined ? [] : [{ consent, severity }];
  });
  const low = rated.filter(({ severity }) => severity === "low").map(({ consent }) => consent);
  const others = rated.filter(({ severity }) => severity !== "low");
  return [
    ...others.map(({ consent, severity }) => consentFinding(consent, { severity, suspects, window })),
    ...ordinary(low, window),
  ];
}

function consentsOf({ grants, audits, apps, tenantId }: TenantEvidence): Consent[] {
  const consents = new Map<string, Consent>();
  const at = (appKey: string): Consent => {
    const known = consents.get(appKey) ?? {
      appKey,
      app: apps.get(appKey),
      publisher: publisherOf(apps.get(appKey), { tenantId }),
      scopes: [],
      forEverybody: false,
      by: [],
      first: undefined,
      last: undefined,
      sources: [],
    };
    consents.set(appKey, known);
    return known;
  };
  for (const { clientId, scopes, source } of grants) {
    const consent = at(clientId);
    consent.scopes = [...new Set([...consent.scopes, ...scopes])];
    consent.forEverybody = true;
    consent.sources.push(source);
  }
  for (const event of audits) {
    if (event.act !== "consent" || !event.succeeded) continue;
    const target = event.targets.find(({ id }) => id !== undefined && apps.has(id)) ?? event.targets[0];
    const consent = at(target?.id ?? event.id);
    consent.scopes = [...new Set([...consent.scopes, ...scopesOf(event)])];
    consent.forEverybody ||= event.details.get("ConsentContext.OnBehalfOfAll")?.toLowerCase() === "true";
    if (event.actor.upn !== undefined) consent.by.push(event.actor.upn.toLowerCase());
    consent.first ??= event.at;
    consent.last = event.at;
    consent.sources.push(event.source);
  }
  return [...consents.values()];
}

/** `[] => [[Id: …, ConsentType: Principal, Scope:  Mail.Read offline_access]]`: what stands behind the arrow is new. */
function scopesOf({ details }: AuditEvent): string[] {
  const permissions = details.get("ConsentAction.Permissions") ?? "";
  const added = permissions.slice(permissions.lastIndexOf("=>") + 1);
  return [...added.matchAll(/Scope:\s*([^\],]*)/gi)].flatMap(([, scope = ""]) =>
    scope.split(/\s+/).filter(Boolean),
  );
}

function severityOf(
  { app, publisher, scopes, forEverybody, by, last }: Consent,
  window: Window,
  suspects: ReadonlySet<string>,
): Severity | undefined {
  if (publisher === "microsoft" || publisher === "this tenant") return undefined;
  if (ABUSED_APPS.some(({ appId }) => appId === app?.appId)) return undefined;
  const writes = writeScopes(scopes).length > 0;
  const reads = contentScopes(scopes).length > 0;
  if (!writes && !reads) return undefined;
  // A consent that a suspect gave is a foothold, whoever made the application.
  if (by.some((user) => suspects.has(user))) return writes || forEverybody ? "critical" : "high";
  if (publisher === "verified") return "low";
  const isNew = last !== undefined || (app?.addedAt ?? 0) >= window.end - NEW_APP_DAYS * DAY;
  // Nothing tells who made it. An administrator's consent is then a question and no alarm.
  if (publisher === "unknown") return isNew && writes && !forEverybody ? "medium" : "low";
  if (!isNew) return "low";
  if (writes) return forEverybody || hasOfflineAccess(scopes) ? "high" : "medium";
  return hasOfflineAccess(scopes) ? "medium" : "low";
}

function consentFinding(
  consent: Consent,
  { severity, suspects, window }: { severity: Severity; suspects: ReadonlySet<string>; window: Window },
): TenantFinding {
  const { appKey, app, publisher, scopes, forEverybody, by, sources } = consent;
  const name = quote(app?.name ?? "an application without a name");
  const telling = [...writeScopes(scopes), ...contentScopes(scopes)];
  const who = forEverybody ? "in everybody's name" : `in the name of ${listed([...new Set(by)])}`;
  const maker =
    publisher === "verified"
      ? "consented to by an account under suspicion"
      : `whose publisher is ${publisher === "unknown" ? "not known" : "not verified"}`;
  return createTenantFinding(
    {
      check: "oauth_consents",
      rule: "app-consent",
      key: appKey,
      severity,
      confidence: publisher === "unknown" ? "low" : "medium",
      title: `"${name}" may use ${listed(telling)} ${who}`,
      why: `The application, ${maker}, was given ${listed(telling)}${by.length > 0 ? ` by ${listed([...new Set(by)])}` : ""}.`,
      evidence: sources.map((source) => ({
        ...source,
        fields: { app: app?.name, appId: app?.appId, scopes, by, publisher },
      })),
      span: { first: toTime(consent.first ?? app?.addedAt), last: toTime(consent.last ?? app?.addedAt) },
      suspects: by.filter((user) => suspects.has(user)),
      attack: ["T1528", "T1098.003"],
      recommendation: {
        action: "review_consent",
        text: `Ask whoever consented to "${name}"; if nobody knows it, disable the application in Entra and remove its permissions.`,
        reversible: true,
      },
    },
    window,
  );
}

function ordinary(consents: readonly Consent[], window: Window): TenantFinding[] {
  if (consents.length === 0) return [];
  const names = consents.map(({ app, appKey }) => quote(app?.name ?? appKey));
  return [
    createTenantFinding(
      {
        check: "oauth_consents",
        rule: "app-consent",
        key: "ordinary",
        severity: "low",
        title: `${consents.length} ${consents.length === 1 ? "application reads or changes" : "applications read or change"} data by consent`,
        why: `${listed(names)}: of verified publishers, or in the tenant for more than ${NEW_APP_DAYS} days.`,
        evidence: consents.flatMap(({ app, publisher, scopes, by, sources }) =>
          sources.slice(0, 1).map((source) => ({
            ...source,
            fields: { app: app?.name, scopes, by, publisher },
          })),
        ),
        span: { first: null, last: null },
        attack: ["T1528"],
        recommendation: {
          action: "none",
          text: "Nothing urgent; look through the list when there is time.",
          reversible: true,
        },
      },
      window,
    ),
  ];
}
