import { LOCKED_OUT, MFA_REFUSED, STOPPED_AFTER_PASSWORD, TRIED } from "../indicators/sign-in-facts.ts";
import type { SignIn } from "../sign-in.ts";
import { type BoundedTable, createBoundedTable } from "./bounded-table.ts";
import { networkOf } from "./network-of.ts";
import type { Example, SignInGroups, Trait } from "./sign-in-groups.ts";
import { traitsOf } from "./sign-in-traits.ts";
import { emptySpan, type Span, spanTimes, stretch, toTime } from "./span.ts";

/**
 * Entries that are held of each kind. Anybody on the internet can fill the tables of failures, so they are small and
 * keep what was busiest; the others take a right password, and keep what is newest. All of them full, with every list in
 * them at its own limit, stay below a hundred megabytes.
 */
const CAPACITY = { tried: 2_000, targets: 4_000, succeeded: 10_000, ofUsers: 10_000, traits: 2_000 };
const MAX_USERS_OF_NETWORK = 100;
const MAX_SUCCESS_USERS = 20;
const MAX_NETWORKS = 5;
const MAX_NETWORKS_OF_TARGET = 10;
const MAX_REFUSALS = 50;
/** Of a name that an attacker may choose. */
const MAX_NAME = 120;
/** Groups of each kind that leave the fold. */
const MAX_GROUPS = 300;
/** A country is home if this share of the tenant's accounts signed in there, and at least three of them. */
const HOME_SHARE = 0.1;
const HOME_USERS = 3;
const UNKNOWN = "";

interface Tried extends Span {
  network: string;
  country: string | undefined;
  failures: number;
  users: Set<string>;
}

interface Target extends Span {
  user: string;
  failures: number;
  lockouts: number;
  networks: Map<string, number>;
}

interface Succeeded extends Span {
  network: string;
  /** Sign-ins in which nothing stood out. */
  ordinary: number;
  users: Map<string, Span & { count: number; managed: boolean }>;
  /** Sign-ins of further accounts, once there are too many to name: a busy place. */
  others: number;
}

interface OfUser extends Span {
  user: string;
  country: string;
  count: number;
  networks: Set<string>;
  example: Example;
}
interface Visit extends OfUser {
  ways: { managed: number; multi: number; unknown: number; single: number };
}
interface Stopped extends OfUser {
  codes: Set<number>;
}
interface Traits extends OfUser {
  trait: Trait;
}
interface Refused {
  user: string;
  count: number;
  last: number;
  refusals: { at: number; country: string | undefined; network: string }[];
}

export interface SignInFold {
  add(signIn: SignIn): void;
  /** @param country - Of the organisation, two letters; `undefined` if it is not known. */
  end(country: string | undefined): SignInGroups;
}

/**
 * Folds any number of sign-ins, in any order, into groups whose memory is bounded whatever names, addresses and user
 * agents attackers make up.
 */
export function createSignInFold(): SignInFold {
  const counts = {
    total: 0,
    interactive: 0,
    non_interactive: 0,
    succeeded: 0,
    failed: 0,
    unknown: 0,
    tried: 0,
    lockouts: 0,
    without_country: 0,
  };
  const span = emptySpan();
  const codes = new Map<number, number>();
  const triedFrom = new Map<string, number>();
  const newest = ({ last }: Span) => last;
  const tried = createBoundedTable<Tried>(CAPACITY.tried, ({ users, failures }) => users.size * failures);
  const targets = createBoundedTable<Target>(CAPACITY.targets, ({ failures }) => failures);
  const succeeded = createBoundedTable<Succeeded>(CAPACITY.succeeded, newest);
  const visits = createBoundedTable<Visit>(CAPACITY.ofUsers, newest);
  const stopped = createBoundedTable<Stopped>(CAPACITY.ofUsers, newest);
  const refused = createBoundedTable<Refused>(CAPACITY.ofUsers, ({ last }) => last);
  const traits = createBoundedTable<Traits>(CAPACITY.traits, newest);

  function add(signIn: SignIn): void {
    const { at, errorCode, interactive } = signIn;
    counts.total++;
    counts[interactive === false ? "non_interactive" : "interactive"]++;
    stretch(span, at);
    if (errorCode === undefined) {
      counts.unknown++;
      return;
    }
    const user = userOf(signIn);
    const network = signIn.ip === undefined ? UNKNOWN : networkOf(signIn.ip);
    // Microsoft's own numbers, a few hundred at most; a foreign record may hold any.
    if (codes.size < 1_000 || codes.has(errorCode)) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1);
    const found = traitsOf(signIn);
    for (const trait of found) addTo(traits, trait, signIn, user, network, (base) => ({ ...base, trait }));
    if (signIn.succeeded) addSuccess(signIn, user, network, found.length === 0);
    else addFailure(signIn, user, network, errorCode);
  }

  function addSuccess(signIn: SignIn, user: string, network: string, isOrdinary: boolean): void {
    counts.succeeded++;
    if (signIn.country === undefined) counts.without_country++;
    const place = succeeded.at(network, () => ({
      ...emptySpan(),
      network,
      ordinary: 0,
      users: new Map(),
      others: 0,
    }));
    stretch(place, signIn.at);
    if (isOrdinary) place.ordinary++;
    const known = place.users.get(user);
    if (known === undefined && place.users.size >= MAX_SUCCESS_USERS) place.others++;
    else {
      const visitor = known ?? { ...emptySpan(), count: 0, managed: true };
      visitor.count++;
      visitor.managed &&= signIn.managedDevice;
      stretch(visitor, signIn.at);
      place.users.set(user, visitor);
    }
    const visit = addTo(visits, "", signIn, user, network, (base) => ({
      ...base,
      ways: { managed: 0, multi: 0, unknown: 0, single: 0 },
    }));
    if (signIn.interactive !== false) visit.ways[signIn.managedDevice ? "managed" : signIn.factors]++;
  }

  function addFailure(signIn: SignIn, user: string, network: string, errorCode: number): void {
    counts.failed++;
    if (TRIED.has(errorCode)) addTry(signIn, user, network, errorCode === LOCKED_OUT);
    if (STOPPED_AFTER_PASSWORD.has(errorCode) && !signIn.managedDevice) {
      const group = addTo(stopped, "", signIn, user, network, (base) => ({ ...base, codes: new Set() }));
      group.codes.add(errorCode);
    }
    if (errorCode === MFA_REFUSED && signIn.at !== undefined) {
      const group = refused.at(user, () => ({ user, count: 0, last: 0, refusals: [] }));
      group.count++;
      group.last = Math.max(group.last, signIn.at);
      if (group.refusals.length < MAX_REFUSALS)
        group.refusals.push({ at: signIn.at, country: signIn.country, network });
    }
  }

  function addTry({ at, country }: SignIn, user: string, network: string, isLockout: boolean): void {
    counts.tried++;
    if (isLockout) counts.lockouts++;
    const from = country ?? UNKNOWN;
    triedFrom.set(from, (triedFrom.get(from) ?? 0) + 1);
    const place = tried.at(network, () => ({
      ...emptySpan(),
      network,
      country,
      failures: 0,
      users: new Set(),
    }));
    place.failures++;
    stretch(place, at);
    if (place.users.size < MAX_USERS_OF_NETWORK) place.users.add(user);

    const target = targets.at(user, () => ({
      ...emptySpan(),
      user,
      failures: 0,
      lockouts: 0,
      networks: new Map(),
    }));
    target.failures++;
    if (isLockout) target.lockouts++;
    stretch(target, at);
    if (target.networks.size < MAX_NETWORKS_OF_TARGET || target.networks.has(network))
      target.networks.set(network, (target.networks.get(network) ?? 0) + 1);
  }

  function end(country: string | undefined): SignInGroups {
    const home = homeOf(visits.values(), country);
    const isForeign = ({ country: from }: { country: string }) =>
      from !== UNKNOWN && home.countries.length > 0 && !home.countries.includes(from);
    const cut = createCutter();
    return {
      schema: "tenant-sweep/sign-in-groups@1",
      ...spanTimes(span),
      counts,
      home,
      error_codes: cut.top("error codes", [...codes], ([, n]) => n).map(([code, count]) => ({ code, count })),
      tried_from: cut
        .top("countries", [...triedFrom], ([, n]) => n)
        .map(([from, count]) => ({ country: from || null, count })),
      networks: cut
        .top("networks", tried.values(), ({ users, failures }) => users.size * 1e6 + failures)
        .map((place) => networkGroup(place, succeeded.get(place.network))),
      targets: cut.top("tried accounts", targets.values(), ({ failures }) => failures).map(targetGroup),
      foreign: cut
        .top("foreign sign-ins", visits.values().filter(isForeign), ({ ways }) => ways.single + ways.unknown)
        .map(({ networks, example, first, last, ...visit }) => ({
          ...visit,
          networks: [...networks],
          ...spanTimes({ first, last }),
          example,
        })),
      stopped: cut
        .top("stopped sign-ins", stopped.values().filter(isForeign), newest)
        .map(({ codes: seen, networks, first, last, ...group }) => ({
          ...group,
          codes: [...seen],
          networks: [...networks],
          ...spanTimes({ first, last }),
        })),
      refusals: cut
        .top(
          "refused second factors",
          refused.values().filter(({ count }) => count > 1),
          ({ count }) => count,
        )
        .map(({ user, count, refusals }) => ({
          user,
          count,
          refusals: refusals
            .toSorted((a, b) => a.at - b.at)
            .map(({ at, country: from, network }) => ({
              at: new Date(at).toISOString(),
              country: from ?? null,
              network,
            })),
        })),
      traits: cut
        .top("sign-ins that stand out", traits.values(), newest)
        .map(({ country: from, networks, first, last, ...group }) => ({
          ...group,
          country: from || null,
          foreign: isForeign({ country: from }),
          from_ordinary_network: [...networks].every((name) => (succeeded.get(name)?.ordinary ?? 0) > 0),
          networks: [...networks],
          ...spanTimes({ first, last }),
        })),
      approximate: [
        ...cut.sentences(),
        ...droppedSentences({ tried, targets, succeeded, visits, stopped, refused, traits }),
      ],
    };
  }

  return { add, end };
}

/** The group of one user in one country, with the sign-in counted. */
function addTo<T extends OfUser>(
  table: BoundedTable<T>,
  prefix: string,
  signIn: SignIn,
  user: string,
  network: string,
  create: (base: OfUser) => T,
): T {
  const country = signIn.country ?? UNKNOWN;
  const group = table.at(`${prefix} ${country} ${user}`, () =>
    create({ ...emptySpan(), user, country, count: 0, networks: new Set(), example: exampleOf(signIn) }),
  );
  group.count++;
  stretch(group, signIn.at);
  if (group.networks.size < MAX_NETWORKS) group.networks.add(network);
  return group;
}

function userOf({ upn, userId }: SignIn): string {
  return (upn ?? userId ?? "an unnamed account").toLowerCase().slice(0, MAX_NAME);
}

function exampleOf({ id, at, ip, city, appName, clientApp, userAgent }: SignIn): Example {
  const short = (text: string | undefined) => text?.slice(0, MAX_NAME) ?? null;
  return {
    id: id.slice(0, MAX_NAME),
    at: toTime(at),
    ip: short(ip),
    city: short(city),
    app: short(appName),
    client: short(clientApp),
    user_agent: short(userAgent),
  };
}

/** Where the tenant's people are: the organisation's own country, and those where enough of them sign in. */
function homeOf(visits: readonly Visit[], country: string | undefined): SignInGroups["home"] {
  const users = new Set(visits.map(({ user }) => user));
  const byCountry = new Map<string, number>();
  // One entry is one account in one country, so this counts accounts.
  for (const visit of visits) {
    if (visit.country !== UNKNOWN) byCountry.set(visit.country, (byCountry.get(visit.country) ?? 0) + 1);
  }
  const enough = Math.max(HOME_USERS, users.size * HOME_SHARE);
  const frequent = [...byCountry].filter(([, n]) => n >= enough).map(([name]) => name);
  if (country !== undefined)
    return { countries: [...new Set([country, ...frequent])], basis: "organisation" };
  if (frequent.length > 0) return { countries: frequent, basis: "most users" };
  return { countries: [], basis: "unknown" };
}

function networkGroup(place: Tried, visitors: Succeeded | undefined): SignInGroups["networks"][number] {
  const { network, country, failures, users } = place;
  const successes = [...(visitors?.users ?? [])];
  return {
    network,
    country: country ?? null,
    failures,
    tried_users: users.size,
    users: [...users].slice(0, MAX_NETWORKS),
    ...spanTimes(place),
    successes: successes.map(([user, visitor]) => ({
      user,
      count: visitor.count,
      managed: visitor.managed,
      ...spanTimes(visitor),
    })),
    success_users: successes.length + (visitors?.others ?? 0),
  };
}

function targetGroup(target: Target): SignInGroups["targets"][number] {
  const { user, failures, lockouts, networks } = target;
  const busiest = [...networks].sort(([, a], [, b]) => b - a).slice(0, MAX_NETWORKS);
  return {
    user,
    failures,
    lockouts,
    networks: busiest.map(([network, n]) => ({ network, failures: n })),
    ...spanTimes(target),
  };
}

/** Cuts lists of groups to the limit, and remembers what was cut. */
function createCutter() {
  const notes: string[] = [];
  return {
    top<T>(what: string, groups: readonly T[], weigh: (group: T) => number): T[] {
      const sorted = groups.toSorted((a, b) => weigh(b) - weigh(a));
      if (sorted.length > MAX_GROUPS)
        notes.push(`Of ${sorted.length} ${what}, only the ${MAX_GROUPS} that weigh most are listed.`);
      return sorted.slice(0, MAX_GROUPS);
    },
    sentences: () => notes,
  };
}

function droppedSentences(tables: Record<string, BoundedTable<unknown>>): string[] {
  const names: Record<string, string> = {
    tried: "networks that tried passwords",
    targets: "accounts whose password was tried",
    succeeded: "networks with successful sign-ins",
    visits: "accounts and the countries they signed in from",
    stopped: "sign-ins stopped after the password",
    refused: "accounts with refused second factors",
    traits: "sign-ins that stand out",
  };
  return Object.entries(tables).flatMap(([name, table]) =>
    table.dropped() === 0
      ? []
      : `More ${names[name]} than can be held: ${table.dropped()} entries that mattered least were given up, so their numbers are "at least".`,
  );
}
