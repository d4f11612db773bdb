import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, evidenceItem, isSince, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { eventsOf, idsOf, isAccount } from "./audit-traits.ts";
import { doubtfulNear } from "./doubtful-sign-ins.ts";
import { capital, listed, MINUTE, placeOf } from "./sign-in-traits.ts";

/** The log's entry and the method's own date are a moment apart. */
const SAME_REGISTRATION = 10 * MINUTE;

/**
 * Flags sign-in methods that were registered in the window. People buy telephones, so alone it is low. Within six
 * hours of a sign-in that need not have been the user's, somebody is making themselves at home: the method outlives
 * a new password.
 * @see https://attack.mitre.org/techniques/T1556/006/
 */
export function newSignInMethod(evidence: Evidence, window: Window): Finding[] {
  const methods = evidence.authMethods
    .filter(({ createdAt, type }) => type !== "temporaryAccessPass" && isSince(window, createdAt))
    .map((method) => ({
      id: method.id,
      at: method.createdAt,
      ip: undefined,
      name: `${wordsFor(method.type)}${method.label === undefined ? "" : ` "${quote(method.label)}"`}`,
      item: evidenceItem(method, { type: method.type, name: method.label }, method.createdAt),
    }));
  const logged = eventsOf(evidence, ["security-info-added"], window)
    .filter((event) => event.actor.upn === undefined || isAccount(event.actor, evidence))
    .map((event) => ({
      id: event.id,
      at: event.at,
      ip: event.actor.ip,
      name: "a method that the log does not name",
      item: auditEvidence(event),
    }));
  // The log knows the address from which it was done, so it is asked about a method as well.
  const addressOf = (at: number | undefined) =>
    logged.find((entry) => Math.abs((entry.at ?? 0) - (at ?? 0)) <= SAME_REGISTRATION)?.ip;
  const all = [
    ...methods.map((method) => ({ ...method, ip: addressOf(method.at) })),
    ...logged.filter(
      ({ at }) => !methods.some((method) => Math.abs((method.at ?? 0) - (at ?? 0)) <= SAME_REGISTRATION),
    ),
  ].map((each) => ({ ...each, near: doubtfulNear(evidence, [each]) }));

  const doubtful = all.filter(({ near }) => near !== undefined);
  const ordinary = all.filter(({ near }) => near === undefined);
  const findings: Finding[] = [];
  const near = doubtful[0]?.near;
  if (near !== undefined) {
    findings.push(
      createDatedFinding(
        {
          check: "auth_methods",
          rule: "new-sign-in-method",
          key: idsOf(doubtful),
          severity: "high",
          title: "Sign-in method registered around a doubtful sign-in",
          why: `${capital(listed(doubtful.map(({ name }) => name)))} was registered within hours, or from the address, of a doubtful sign-in from ${placeOf(near)}.`,
          evidence: doubtful.map(({ item }) => item),
          attack: ["T1556.006", "T1098.005"],
          recommendation: {
            action: "remove_sign_in_method",
            text: "Ask the user by phone whether the new sign-in method is theirs; if not, remove it, or the attacker comes back after the password reset.",
            reversible: false,
          },
        },
        doubtful.map(({ at }) => at),
        window,
      ),
    );
  }
  if (ordinary.length > 0) {
    findings.push(
      createDatedFinding(
        {
          check: "auth_methods",
          rule: "new-sign-in-method",
          key: idsOf(ordinary),
          severity: "low",
          title: "New sign-in method",
          why: `${capital(listed(ordinary.map(({ name }) => name)))} was registered, and no doubtful sign-in was near.`,
          evidence: ordinary.map(({ item }) => item),
          attack: ["T1556.006"],
          recommendation: {
            action: "confirm_sign_in_method",
            text: "Ask the user whether the new sign-in method is theirs.",
            reversible: true,
          },
        },
        ordinary.map(({ at }) => at),
        window,
      ),
    );
  }
  return findings;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["microsoftAuthenticator", "Microsoft Authenticator"],
  ["phone", "a telephone"],
  ["fido2", "a security key"],
  ["softwareOath", "an authenticator app"],
  ["email", "an e-mail address"],
  ["windowsHelloForBusiness", "Windows Hello"],
]);

function wordsFor(type: string): string {
  return WORDS.get(type) ?? quote(type);
}
