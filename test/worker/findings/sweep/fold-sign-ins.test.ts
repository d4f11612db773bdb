import { expect, test } from "vitest";
import { toSignIn } from "../../../../worker/findings/sign-in.ts";
import { createSignInFold } from "../../../../worker/findings/sweep/fold-sign-ins.ts";
import { SignInGroups } from "../../../../worker/findings/sweep/sign-in-groups.ts";
import { AWAY, failed, signIn, spray } from "./tenant-parts.ts";

function fold(rows: readonly Record<string, unknown>[], country: string | undefined = "US") {
  const folded = createSignInFold();
  for (const value of rows)
    folded.add(toSignIn({ kind: "signIn", value, source: { artifact: "a", path: "$" } }));
  return folded.end(country);
}

test("sign-ins are counted by how they ended", () => {
  const { counts, error_codes: codes } = fold([
    signIn("a"),
    signIn("a", { isInteractive: false }),
    signIn("a", failed(50126)),
    signIn("a", failed(50053)),
    signIn("a", { status: {} }),
  ]);
  expect(counts).toMatchObject({
    total: 5,
    interactive: 4,
    non_interactive: 1,
    succeeded: 2,
    failed: 2,
    unknown: 1,
    tried: 2,
    lockouts: 1,
  });
  expect(codes).toContainEqual({ code: 50126, count: 1 });
});

test("a network names how many accounts it tried, and who got in from it", () => {
  const { networks } = fold([...spray(30), signIn("victim3", AWAY)]);
  expect(networks[0]).toMatchObject({ network: "192.0.2.150", country: "VN", failures: 30, tried_users: 30 });
  expect(networks[0]?.successes.map(({ user }) => user)).toEqual(["victim3@contoso.com"]);
});

test("addresses of one IPv6 customer are one network", () => {
  const rows = [1, 2, 3].map((n) =>
    signIn(`v${n}`, { ...AWAY, ipAddress: `2001:db8:1:2::${n}`, ...failed(50126) }),
  );
  expect(fold(rows).networks).toMatchObject([{ network: "2001:db8:1:2::/64", failures: 3 }]);
});

test("the groups do not depend on the order of the sign-ins", () => {
  const rows = [...spray(15), signIn("victim3", AWAY), signIn("a"), signIn("b"), signIn("c")];
  const there = fold(rows);
  const back = fold(rows.toReversed());
  expect(back.networks.map(({ successes, ...group }) => ({ ...group, users: group.users.length }))).toEqual(
    there.networks.map(({ successes, ...group }) => ({ ...group, users: group.users.length })),
  );
  expect(back.foreign.map(({ user, country }) => [user, country])).toEqual(
    there.foreign.map(({ user, country }) => [user, country]),
  );
  expect(back.counts).toEqual(there.counts);
});

test.for<[title: string, country: string | undefined, home: SignInGroups["home"]]>([
  [
    "the organisation's own, and where enough of its people are",
    "US",
    { countries: ["US", "CA"], basis: "organisation" },
  ],
  ["where most people are, if nobody says", undefined, { countries: ["CA"], basis: "most users" }],
])("home is %s", ([, country, home]) => {
  const canada = { location: { countryOrRegion: "CA" } };
  const rows = [
    ...["a", "b", "c", "d"].map((user) => signIn(user, canada)),
    signIn("e", { location: { countryOrRegion: "VN" } }),
  ];
  const folded = createSignInFold();
  for (const value of rows)
    folded.add(toSignIn({ kind: "signIn", value, source: { artifact: "a", path: "$" } }));
  expect(folded.end(country).home).toEqual(home);
});

test("names and addresses that an attacker makes up neither fill the groups nor hide a spray", () => {
  const flood = Array.from({ length: 30_000 }, (_, n) =>
    signIn(`nobody${n}`, {
      ...AWAY,
      ipAddress: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
      ...failed(50034),
    }),
  );
  const groups = fold([
    ...flood.slice(0, 15_000),
    ...spray(40),
    signIn("victim3", AWAY),
    ...flood.slice(15_000),
  ]);
  expect(groups.networks[0]).toMatchObject({ network: "192.0.2.150", tried_users: 40 });
  expect(groups.networks[0]?.successes).toHaveLength(1);
  expect(JSON.stringify(groups).length).toBeLessThan(500_000);
  expect(groups.approximate.join(" ")).toContain("networks that tried passwords");
  expect(groups.counts.tried).toBe(30_040);
});

test("the groups are what their schema says, also after a round through JSON", () => {
  const groups = fold([...spray(12), signIn("victim3", AWAY), signIn("a", { ...AWAY, ...failed(50076) })]);
  expect(SignInGroups.parse(JSON.parse(JSON.stringify(groups)))).toEqual(groups);
});
