import type { Evidence, Home } from "../evidence.ts";
import { quote } from "../finding.ts";
import { LEGACY_CLIENTS } from "../indicators/sign-in-facts.ts";
import type { SignIn } from "../sign-in.ts";

/** From a country that is known and is not the account's own. An unknown country is not foreign. */
export function isForeign(signIn: SignIn, home: Home | undefined): boolean {
  return home !== undefined && signIn.country !== undefined && signIn.country !== home.country;
}

export function isLegacy({ clientApp }: SignIn): boolean {
  return clientApp !== undefined && LEGACY.has(clientApp.toLowerCase());
}
const LEGACY = new Set(LEGACY_CLIENTS.map((name) => name.toLowerCase()));

/**
 * Ids of the registered devices that are the user's: those that sign in at home, and, if the directory's log is whole
 * and holds no registration, all of them. Who is on holiday for the whole window signs in nowhere else.
 */
export function knownDevices({ signIns, home, audits, auditsSeen }: Evidence): ReadonlySet<string> {
  const areOld = auditsSeen && !audits.some(({ act }) => act === "device-registered");
  return new Set(
    signIns.flatMap(({ succeeded, country, deviceId }) => {
      const isHome = country !== undefined && country === home?.country;
      return (succeeded && (areOld || isHome) && deviceId) || [];
    }),
  );
}

const NAMES = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

export function countryName(country: string | undefined): string {
  return country === undefined ? "an unknown country" : (NAMES.of(country) ?? country);
}

export function countryNames(signIns: readonly SignIn[]): string {
  return listed([...new Set(signIns.map(({ country }) => countryName(country)))]);
}

/** "Lagos, Nigeria (102.89.1.2)" */
export function placeOf({ city, country, ip }: SignIn): string {
  const place = city === undefined ? countryName(country) : `${quote(city)}, ${countryName(country)}`;
  return ip === undefined ? place : `${place} (${quote(ip)})`;
}

/** "a, b and c", or the first three and how many more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  if (names.length > 3) return `${shown.join(", ")} and ${names.length - 3} more`;
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function times(n: number): string {
  return n === 1 ? "once" : n === 2 ? "twice" : `${n} times`;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The first success in a span after a sign-in; sign-ins stand in the order of their times. */
export function successAfter(
  signIns: readonly SignIn[],
  { at }: SignIn,
  withinMs: number,
  accept: (success: SignIn) => boolean = () => true,
): SignIn | undefined {
  if (at === undefined) return undefined;
  return signIns.find(
    (next) =>
      next.succeeded && next.at !== undefined && next.at >= at && next.at - at <= withinMs && accept(next),
  );
}

/** `Map.groupBy`, which Node 20 does not have. Groups stand in the order of their first member. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
