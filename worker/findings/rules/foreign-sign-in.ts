import type { Evidence, Home } from "../evidence.ts";
import { bySeverity, createSignInFinding, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import type { SignIn } from "../sign-in.ts";
import { countryName, groupBy, isForeign, isLegacy, knownDevices, placeOf, times } from "./sign-in-traits.ts";

/**
 * Flags sign-ins that succeeded from another country than the account's own, one finding per country. People travel,
 * so the way of signing in decides: a computer that the customer manages is the person's own; a second factor from a
 * device nobody knows may be a relayed one; a password alone, or a protocol that knows nothing else, needs only the
 * password.
 * @see https://attack.mitre.org/techniques/T1078/004/
 */
export function foreignSignIn(evidence: Evidence, window: Window): Finding[] {
  const { signIns, home } = evidence;
  if (home === undefined) return [];
  const known = knownDevices(evidence);
  const abroad = signIns.filter((signIn) => signIn.succeeded && isForeign(signIn, home));

  return [...groupBy(abroad, ({ country }) => country ?? "")].map(([country, group]) => {
    const rated = group
      .map((signIn) => ({ signIn, ...rateForeign(signIn, known) }))
      .sort((a, b) => bySeverity(a, b));
    const [worst] = rated;
    const { severity, how, signIn } = worst ?? { severity: "info", how: "", signIn: undefined };
    const same = rated.filter((other) => other.severity === severity).length;
    const from = signIn === undefined ? countryName(country) : placeOf(signIn);
    return createSignInFinding(
      {
        rule: "foreign-sign-in",
        key: country,
        severity,
        confidence: home.basis === "usage location" ? "high" : "medium",
        title: `Successful sign-in from ${countryName(country)}`,
        why: `Signed in ${times(same)} from ${from} ${how}; ${homeInWords(home)}.`,
        attack: ["T1078.004"],
        recommendation: {
          action: "confirm_travel",
          text: `Ask the user by phone, not by mail, whether they were in ${countryName(country)}; if not, block sign-in, reset the password and revoke sessions.`,
          reversible: true,
        },
      },
      rated.map((each) => each.signIn),
      window,
    );
  });
}

/** How much a success from abroad says. @param known - Ids of the user's own devices. */
export function rateForeign(signIn: SignIn, known: ReadonlySet<string>): { severity: Severity; how: string } {
  if (isLegacy(signIn)) {
    return { severity: "high", how: `with ${quote(signIn.clientApp ?? "")}, which knows no second factor` };
  }
  // A background renewal asks for no factor at all, whatever the log calls that.
  const isRenewal = signIn.interactive === false;
  if (signIn.managedDevice) {
    const severity = signIn.factors === "single" && !isRenewal ? "low" : "info";
    return { severity, how: "on a computer that the customer manages" };
  }
  const isKnown = signIn.deviceId !== undefined && known.has(signIn.deviceId);
  if (isKnown) return { severity: "low", how: "on a device that is the user's" };
  if (isRenewal) return { severity: "medium", how: "with a token from earlier, on an unknown device" };
  if (signIn.factors === "single")
    return { severity: "high", how: "with a password alone, from an unmanaged device" };
  if (signIn.factors === "multi")
    return { severity: "medium", how: "with a second factor, from an unknown device" };
  // Graph's v1.0 does not say whether there was a second factor.
  return { severity: "high", how: "from an unknown, unmanaged device" };
}

function homeInWords({ country, basis }: Home): string {
  const name = countryName(country);
  return basis === "usage location"
    ? `the account's usage location is ${name}`
    : `most sign-ins come from ${name}`;
}
