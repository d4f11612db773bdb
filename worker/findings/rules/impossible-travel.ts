import type { Evidence } from "../evidence.ts";
import { createSignInFinding, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { SignIn } from "../sign-in.ts";
import { knownDevices, MINUTE, placeOf } from "./sign-in-traits.ts";

/** Airliners cruise at up to 900 km/h or so, and the time from door to door only makes a journey slower. */
const FASTEST_KM_PER_HOUR = 900;
/** Locations of IP addresses are off by hundreds of kilometres where a mobile network leaves for the internet. */
const NEAREST_KM = 500;

/**
 * Flags two sign-ins that both succeeded, one after the other, too far apart for the time between them. Pairs within
 * one country are left out: mobile networks and VPN exits look just so. So is a pair from one registered device, or
 * one whose end abroad, or both of whose ends, are the user's own devices: that is a VPN, on one of them.
 * @see https://learn.microsoft.com/en-us/entra/id-protection/concept-identity-protection-risks
 */
export function impossibleTravel(evidence: Evidence, window: Window): Finding[] {
  const { signIns, home } = evidence;
  const successes = signIns.filter((signIn) => signIn.succeeded && signIn.interactive !== false);
  const located = successes.flatMap((signIn) => {
    const { at, coordinates } = signIn;
    return at === undefined || coordinates === undefined ? [] : [{ signIn, at, ...coordinates }];
  });

  const known = knownDevices(evidence);
  const isUsual = (signIn: SignIn) =>
    signIn.managedDevice ||
    (signIn.deviceId !== undefined && known.has(signIn.deviceId)) ||
    (home !== undefined && signIn.country === home.country);
  const findings = new Map<string, Finding>();
  located.forEach((to, index) => {
    const from = located[index - 1];
    if (from === undefined || isExplained(from.signIn, to.signIn, isUsual)) return;
    const km = distanceKm(from, to);
    const minutes = (to.at - from.at) / MINUTE;
    if (km <= NEAREST_KM || km <= (FASTEST_KM_PER_HOUR * minutes) / 60) return;

    // Back and forth between the same two countries is one journey.
    const key = [from.signIn.country, to.signIn.country].sort().join("-");
    if (findings.has(key)) return;
    findings.set(
      key,
      createSignInFinding(
        {
          rule: "impossible-travel",
          key,
          severity: "high",
          confidence: "medium",
          title: "Two successful sign-ins too far apart",
          why: `Signed in from ${placeOf(from.signIn)} and ${durationOf(minutes)} later from ${placeOf(to.signIn)}, ${Math.round(km)} km away.`,
          attack: ["T1078.004"],
          recommendation: {
            action: "confirm_travel",
            text: "Ask the user by phone which of the two places was theirs, and whether they use a VPN; if one was not, block sign-in, reset the password and revoke sessions.",
            reversible: true,
          },
        },
        [from.signIn, to.signIn],
        window,
      ),
    );
  });
  return [...findings.values()];
}

function isExplained(from: SignIn, to: SignIn, isUsual: (signIn: SignIn) => boolean): boolean {
  const sameCountry = from.country !== undefined && from.country === to.country;
  const sameDevice = from.deviceId !== undefined && from.deviceId === to.deviceId;
  const sameAddress = from.ip !== undefined && from.ip === to.ip;
  return sameCountry || sameDevice || sameAddress || (isUsual(from) && isUsual(to));
}

interface Point {
  latitude: number;
  longitude: number;
}

/** Along the great circle. @see https://en.wikipedia.org/wiki/Haversine_formula */
function distanceKm(from: Point, to: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const halfLatitude = Math.sin(radians(to.latitude - from.latitude) / 2);
  const halfLongitude = Math.sin(radians(to.longitude - from.longitude) / 2);
  const cosines = Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude));
  const h = halfLatitude ** 2 + cosines * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
const EARTH_RADIUS_KM = 6371;

function durationOf(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}
