import { expect, test } from "vitest";
import type { SandboxUser } from "./tenant.ts";
import { createWorld } from "./world.ts";

const NOW = Date.parse("2026-11-22T09:00:00Z");
const HOUR_MS = 3_600_000;
const WORLD = createWorld(NOW);
const USERS = WORLD.flatMap(({ users }) => users.map((user) => [user.user.userPrincipalName, user] as const));

function userOf(upn: string): SandboxUser {
  const found = USERS.find(([name]) => name === upn);
  if (!found) throw new Error(`no user ${upn}`);
  return found[1];
}

/** Every moment that something says of itself, however deep. */
function times(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name.endsWith("DateTime") && typeof each === "string" ? [Date.parse(each)] : times(each),
  );
}

test("nothing in the world is from the future, and every time can be read", () => {
  const all = times(WORLD);
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((at) => Number.isNaN(at) || at > NOW)).toEqual([]);
});

test("no two records of one log share an id", () => {
  for (const { directoryAudits, users } of WORLD) {
    const ids = [
      ...directoryAudits.map(({ id }) => id),
      ...users.flatMap(({ signIns, nonInteractiveSignIns }) =>
        [...signIns, ...nonInteractiveSignIns].map(({ id }) => id),
      ),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("whoever consented to an app or is assigned to one has it in the tenant", () => {
  for (const { servicePrincipals, users } of WORLD) {
    const known = new Set(servicePrincipals.map(({ id }) => id));
    const named = users.flatMap(({ grants, appRoleAssignments }) => [
      ...grants.flatMap(({ clientId, resourceId }) => [clientId, resourceId]),
      ...appRoleAssignments.map(({ resourceId }) => resourceId),
    ]);
    expect(named.filter((id) => !known.has(id ?? ""))).toEqual([]);
  }
});

test("the takeover is told in the same order by every log", () => {
  const adele = userOf("adele@contoso.com");
  const first = (found: number[]) => Math.min(...found);
  const entry = first(
    adele.signIns
      .filter(({ location, status }) => location?.countryOrRegion === "NL" && status?.errorCode === 0)
      .flatMap(({ createdDateTime }) => Date.parse(createdDateTime ?? "")),
  );
  const consent = first(
    adele.appRoleAssignments
      .filter(({ resourceDisplayName }) => resourceDisplayName === "Mail Sync Pro")
      .map(({ createdDateTime }) => Date.parse(createdDateTime ?? "")),
  );
  const method = first(
    adele.authMethods
      .filter((each) => "displayName" in each && each.displayName === "SM-A135F")
      .map(({ createdDateTime }) => Date.parse(createdDateTime ?? "")),
  );
  const burst =
    adele.mailbox?.sentItems.filter(({ subject }) => subject.startsWith("Updated remittance")) ?? [];
  const sent = burst.map(({ sentDateTime }) => Date.parse(sentDateTime));

  expect(consent).toBeGreaterThan(entry);
  expect(method - entry).toBe(2 * HOUR_MS);
  expect(first(sent)).toBeGreaterThan(method);
  expect(Math.max(...sent) - first(sent)).toBeLessThan(10 * 60_000);
  const audits = WORLD[0]?.directoryAudits ?? [];
  const told = (activity: string) =>
    audits
      .filter(({ activityDisplayName, initiatedBy }) => {
        return activityDisplayName === activity && initiatedBy?.user?.id === adele.user.id;
      })
      .map(({ activityDateTime }) => Math.floor(Date.parse(activityDateTime ?? "") / 1000) * 1000);
  expect(told("Consent to application")).toEqual([consent]);
  expect(told("User registered security info")).toEqual([method]);
});

test("nobody but the attacked has traces of the attacker", () => {
  const attacker = [
    "198.51.100.23",
    "198.51.100.77",
    "198.51.100.140",
    "Mail Sync Pro",
    "mail-archive.example",
  ];
  const traces = USERS.filter(([, user]) => attacker.some((trace) => JSON.stringify(user).includes(trace)));
  expect(traces.map(([upn]) => upn)).toEqual(["adele@contoso.com"]);
});
