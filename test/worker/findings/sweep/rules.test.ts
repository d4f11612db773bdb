import { describe, expect, test } from "vitest";
import type { Severity } from "../../../../worker/findings/findings.ts";
import {
  AWAY,
  app,
  at,
  audit,
  DAY,
  failed,
  grant,
  HOUR,
  modified,
  type Parts,
  severityOf,
  signIn,
  spray,
  sweep,
  UNMANAGED,
  VERIFIED,
} from "./tenant-parts.ts";

type Case = [title: string, parts: Parts, severity: Severity | undefined];
const HOME = { city: "Seattle", countryOrRegion: "US" };
const OFFICE = { ipAddress: "203.0.113.44", deviceDetail: UNMANAGED, location: HOME };
const GOT_IN = signIn("victim3", { ...AWAY, authenticationRequirement: "singleFactorAuthentication" });

function table(rule: string, cases: readonly Case[]): void {
  describe(rule, () => {
    test.for(cases)("%s", ([, parts, severity]) => {
      expect(severityOf(rule, parts)).toBe(severity);
    });
  });
}

table("password-spray", [
  ["many accounts tried and one got in is critical", { signIns: [...spray(25), GOT_IN] }, "critical"],
  ["nobody got in: noise", { signIns: spray(300) }, undefined],
  ["nine accounts are a small office", { signIns: [...spray(9), GOT_IN] }, undefined],
  [
    "an office, from which most get in",
    { signIns: [...spray(12, OFFICE), ...names(12).map((name) => signIn(name, OFFICE))] },
    undefined,
  ],
  [
    "a success on a computer that the customer manages",
    { signIns: [...spray(25), signIn("victim3", { ipAddress: AWAY.ipAddress })] },
    undefined,
  ],
  [
    "a success before the spray began is somebody else's",
    { signIns: [...spray(25), signIn("victim3", { ...AWAY, createdDateTime: at(9 * HOUR) })] },
    undefined,
  ],
]);

table("failed-attempts", [
  ["hundreds of wrong passwords are info", { signIns: spray(300) }, "info"],
  ["a handful is not even that", { signIns: spray(5) }, undefined],
]);

table("guessed-password", [
  ["one account tried ten times and entered", { signIns: [...guesses(10), signIn("victim", AWAY)] }, "high"],
  ["tried and not entered", { signIns: guesses(60) }, undefined],
  ["nine times, then the user remembered", { signIns: [...guesses(9), signIn("victim", AWAY)] }, undefined],
  [
    "entered from home",
    { signIns: [...guesses(20, { location: HOME }), signIn("victim", { ...AWAY, location: HOME })] },
    undefined,
  ],
]);

table("refused-mfa", [
  ["three refusals abroad within an hour are medium", { signIns: refusals([60, 70, 80]) }, "medium"],
  [
    "and high if a sign-in from abroad followed",
    { signIns: [...refusals([60, 70, 80]), signIn("victim", { ...AWAY, createdDateTime: at(HOUR / 2) })] },
    "high",
  ],
  ["two are a mistake", { signIns: refusals([60, 70]) }, undefined],
  ["spread over a day", { signIns: refusals([60, 300, 600]) }, undefined],
  [
    "at home it is a phone without reception",
    { signIns: refusals([60, 70, 80], { location: HOME }) },
    undefined,
  ],
]);

table("right-password", [
  [
    "stopped by the second factor is medium",
    { signIns: [signIn("v", { ...AWAY, ...failed(50076) })] },
    "medium",
  ],
  [
    "stopped by Conditional Access is medium",
    { signIns: [signIn("v", { ...AWAY, ...failed(53003) })] },
    "medium",
  ],
  ["at home each sign-in begins so", { signIns: [signIn("v", { ...failed(50074) })] }, undefined],
  [
    "a traveller who then gets in",
    { signIns: [signIn("v", { ...AWAY, ...failed(50074) }), signIn("v", AWAY)] },
    undefined,
  ],
  ["a wrong password", { signIns: [signIn("v", { ...AWAY, ...failed(50126) })] }, undefined],
]);

table("foreign-sign-in", [
  ["a password alone from an unmanaged device is high", { signIns: [GOT_IN] }, "high"],
  [
    "v1.0 does not tell of the factor: medium",
    { signIns: [signIn("v", { ...AWAY, authenticationRequirement: undefined })] },
    "medium",
  ],
  ["with a second factor it is travel", { signIns: [signIn("v", AWAY)] }, undefined],
  [
    "on the company's computer too",
    {
      signIns: [
        signIn("v", { location: AWAY.location, authenticationRequirement: "singleFactorAuthentication" }),
      ],
    },
    undefined,
  ],
  [
    "renewals of a session name no factor",
    {
      signIns: [
        signIn("v", {
          ...AWAY,
          isInteractive: false,
          authenticationRequirement: "singleFactorAuthentication",
        }),
      ],
    },
    undefined,
  ],
]);

table("travel", [
  ["travel with a second factor is low", { signIns: [signIn("v", AWAY)] }, "low"],
  ["nobody travels", {}, undefined],
]);

table("legacy-client", [
  ["IMAP from abroad is high", { signIns: [signIn("v", { ...AWAY, clientAppUsed: "IMAP4" })] }, "high"],
  ["IMAP at home is low", { signIns: [signIn("v", { clientAppUsed: "IMAP4" })] }, "low"],
  [
    "IMAP that failed",
    { signIns: [signIn("v", { ...AWAY, clientAppUsed: "IMAP4", ...failed(50126) })] },
    undefined,
  ],
]);

table("device-code", [
  [
    "from abroad is high",
    { signIns: [signIn("v", { ...AWAY, authenticationProtocol: "deviceCode" })] },
    "high",
  ],
  [
    "at home from a place that nobody else uses is medium",
    { signIns: [signIn("v", { ipAddress: "198.51.100.9", authenticationProtocol: "deviceCode" })] },
    "medium",
  ],
  ["in the office is low", { signIns: [signIn("v", { authenticationProtocol: "deviceCode" })] }, "low"],
]);

const KIT = { appId: "4765445b-32c6-49b0-83e6-1d93765276ca", userAgent: "axios/1.7.2" };
table("phishing-kit", [
  ["a Node.js program at OfficeHome is critical", { signIns: [signIn("v", KIT)] }, "critical"],
  ["elsewhere it is somebody's script", { signIns: [signIn("v", { userAgent: "axios/1.7.2" })] }, undefined],
  ["one that failed", { signIns: [signIn("v", { ...KIT, ...failed(50126) })] }, undefined],
]);

const risky = (riskLevel: string, riskState: string) => ({
  riskyUsers: [{ id: "id-v", userPrincipalName: "v@contoso.com", riskLevel, riskState }],
});
table("risky-user", [
  ["at high risk is high", risky("high", "atRisk"), "high"],
  ["at medium risk is medium", risky("medium", "atRisk"), "medium"],
  ["at low risk is low", risky("low", "atRisk"), "low"],
  ["a level that is hidden is unknown and so low", risky("hidden", "atRisk"), "low"],
  ["dealt with", risky("high", "dismissed"), undefined],
  ["a state that did not exist yesterday", risky("high", "underReview"), undefined],
]);
table("confirmed-compromised", [
  ["a user is critical", risky("high", "confirmedCompromised"), "critical"],
  ["a sign-in is critical", { signIns: [signIn("v", { riskState: "confirmedCompromised" })] }, "critical"],
]);

const PERFECT_DATA = { appId: "ff8d92dc-3d82-41d6-bcbd-b9174d163620" };
const EM_CLIENT = { appId: "e9a7fea1-1cc0-4cd9-a31b-9137ca5deedd" };
const LONG_AGO = { createdDateTime: at(90 * DAY) };
table("known-app", [
  [
    "one that is seldom honest is critical",
    { apps: [app("x", { ...PERFECT_DATA, ...LONG_AGO })] },
    "critical",
  ],
  [
    "a good product that attackers use too is high",
    { apps: [app("x", { ...EM_CLIENT, ...LONG_AGO })] },
    "high",
  ],
  ["and critical if it came this week", { apps: [app("x", EM_CLIENT)] }, "critical"],
  ["only its name is the same", { apps: [app("x", { displayName: "PerfectData Software" })] }, undefined],
]);

const WRITES = grant("x", "Mail.ReadWrite offline_access");
table("app-consent", [
  [
    "a stranger's new app that may write for everybody is high",
    { grants: [WRITES], apps: [app("x")] },
    "high",
  ],
  ["of a verified publisher it is low", { grants: [WRITES], apps: [app("x", VERIFIED)] }, "low"],
  [
    "an app of three years is low",
    { grants: [WRITES], apps: [app("x", { createdDateTime: at(1_000 * DAY) })] },
    "low",
  ],
  [
    "signing people in is nothing",
    { grants: [grant("x", "openid profile User.Read offline_access")], apps: [app("x")] },
    undefined,
  ],
  [
    "Microsoft's own is passed over",
    {
      grants: [WRITES],
      apps: [app("x", { appOwnerOrganizationId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a" })],
    },
    undefined,
  ],
  [
    "the tenant's own is passed over",
    {
      grants: [WRITES],
      apps: [app("x", { appOwnerOrganizationId: "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21" })],
    },
    undefined,
  ],
  [
    "a person's own consent to a stranger's app that writes mail is high",
    consent("v", "Mail.ReadWrite offline_access"),
    "high",
  ],
  ["that reads mail for good is medium", consent("v", "Mail.Read offline_access"), "medium"],
  ["that signs in is nothing", consent("v", "openid email"), undefined],
  [
    "a consent by a suspect is critical, whoever made the app",
    { ...consent("victim3", "Mail.ReadWrite", VERIFIED), signIns: [...spray(25), GOT_IN] },
    "critical",
  ],
  [
    "one person's grant says nothing about the tenant",
    { grants: [grant("x", "Mail.ReadWrite", "Principal")], apps: [app("x")] },
    undefined,
  ],
]);

const role = (name: string) =>
  modified({ "Role.DisplayName": name }, { type: "User", userPrincipalName: "new@contoso.com" });
const BY_PIM = { initiatedBy: { app: { displayName: "MS-PIM" } } };
table("role-added", [
  [
    "Global Administrator is high",
    { audits: [audit("Add member to role", "admin", role("Global Administrator"))] },
    "high",
  ],
  ["a lesser role is low", { audits: [audit("Add member to role", "admin", role("Reports Reader"))] }, "low"],
  [
    "what PIM does for an activation is info",
    {
      audits: [
        audit("Add member to role", "admin", { ...role("Global Administrator"), ...BY_PIM }),
        audit("Add member to role completed (PIM activation)", "admin"),
      ],
    },
    "info",
  ],
  [
    "an app that only calls itself so is not PIM",
    { audits: [audit("Add member to role", "admin", { ...role("Global Administrator"), ...BY_PIM })] },
    "high",
  ],
  [
    "one that failed",
    {
      audits: [audit("Add member to role", "admin", { ...role("Global Administrator"), result: "failure" })],
    },
    undefined,
  ],
]);
table("role-added-by-suspect", [
  [
    "the same by an account under suspicion is critical",
    {
      audits: [audit("Add member to role", "victim3", role("Global Administrator"))],
      signIns: [...spray(25), GOT_IN],
    },
    "critical",
  ],
]);
table("federation-changed", [
  ["is critical", { audits: [audit("Set domain authentication", "admin")] }, "critical"],
  [
    "also with the full stop that some records have",
    { audits: [audit("Set federation settings on domain.", "admin")] },
    "critical",
  ],
]);
table("mfa-disabled", [["is high", { audits: [audit("Disable Strong Authentication", "admin")] }, "high"]]);
table("policy-weakened", [
  ["deleting a policy is medium", { audits: [audit("Delete conditional access policy", "admin")] }, "medium"],
  [
    "switching it off is medium",
    {
      audits: [
        audit(
          "Update conditional access policy",
          "admin",
          modified({ ConditionalAccessPolicy: '{"state":"disabled"}' }),
        ),
      ],
    },
    "medium",
  ],
  ["changing it is low", { audits: [audit("Update conditional access policy", "admin")] }, "low"],
]);
table("credentials-added", [
  ["is low", { audits: [audit("Add service principal credentials", "admin")] }, "low"],
  [
    "under both of its names",
    { audits: [audit("Update application – Certificates and secrets management ", "admin")] },
    "low",
  ],
]);
table("guest-invited", [
  ["by staff is low", { audits: [audit("Invite external user", "person1")] }, "low"],
  [
    "by a suspect is medium",
    { audits: [audit("Invite external user", "victim3")], signIns: [...spray(25), GOT_IN] },
    "medium",
  ],
]);

const holder = (user: string, roleDefinitionId = "62e90394-69f5-4237-9190-012177145e10") => ({
  roles: [
    {
      id: `r-${user}`,
      roleDefinitionId,
      principalId: `id-${user}`,
      principal: { id: `id-${user}`, userPrincipalName: `${user}@contoso.com`, displayName: user },
    },
  ],
});
table("admins", [
  ["who holds admin roles is info", holder("admin"), "info"],
  ["other roles are not told of", holder("reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"), undefined],
]);
table("suspect-admin", [
  [
    "an admin under suspicion is critical",
    { ...holder("victim3"), signIns: [...spray(25), GOT_IN] },
    "critical",
  ],
  ["an admin in the office is not", holder("person1"), undefined],
]);
table("new-admin", [
  [
    "an admin that was created this week is high",
    {
      ...holder("fresh"),
      users: [
        {
          id: "id-fresh",
          userPrincipalName: "fresh@contoso.com",
          userType: "Member",
          createdDateTime: at(DAY),
        },
      ],
    },
    "high",
  ],
]);
table("guest-admin", [
  ["a guest who can do everything is medium", holder("jane_fabrikam.com#EXT#"), "medium"],
  [
    "a guest with a lesser role is not told of",
    holder("jane_fabrikam.com#EXT#", "729827e3-9c14-49f7-bb1b-9608f156bbb8"),
    undefined,
  ],
]);

test("a doubtful sign-in and a change by the same account settle the case", () => {
  const { verdict, findings } = sweep({
    ...consent("victim3", "Mail.ReadWrite offline_access"),
    signIns: [...spray(25), GOT_IN],
  });
  expect(findings[0]?.rule).toBe("takeover");
  expect(findings[0]?.title).toContain("victim3@contoso.com");
  expect(verdict.level).toBe("confirmed");
});

test("of several accounts under suspicion, the combination names the sign-in of the one that made the change", () => {
  const { findings } = sweep({
    ...consent("person5", "Mail.ReadWrite offline_access"),
    signIns: [
      ...spray(25),
      GOT_IN,
      signIn("person5", {
        ...AWAY,
        ipAddress: "198.51.100.77",
        authenticationRequirement: "singleFactorAuthentication",
      }),
    ],
  });
  const [takeover] = findings.filter(({ rule }) => rule === "takeover");
  expect(takeover?.title).toContain("person5@contoso.com");
  expect(takeover?.why).toContain('"person5@contoso.com signed in from Vietnam"');
});

test("a change by somebody else settles nothing", () => {
  const { verdict } = sweep({
    audits: [audit("Invite external user", "person1")],
    signIns: [...spray(25), GOT_IN],
  });
  expect(verdict.level).toBe("likely");
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `victim${index}`);
}

function guesses(count: number, change: Record<string, unknown> = {}) {
  return Array.from({ length: count }, () =>
    signIn("victim", { ...AWAY, createdDateTime: at(5 * HOUR), ...failed(50126), ...change }),
  );
}

function refusals(minutesAgo: readonly number[], change: Record<string, unknown> = {}) {
  return minutesAgo.map((minutes) =>
    signIn("victim", { ...AWAY, createdDateTime: at(minutes * 60_000), ...failed(500121), ...change }),
  );
}

function consent(by: string, scope: string, change: Record<string, unknown> = {}): Parts {
  const permissions = `[] => [[Id: 1, ClientId: x, ConsentType: Principal, Scope:  ${scope}, CreatedDateTime: ]]`;
  return {
    apps: [app("x", change)],
    audits: [
      audit("Consent to application", by, {
        ...modified(
          { "ConsentContext.IsAdminConsent": "False", "ConsentAction.Permissions": permissions },
          { id: "x", type: "ServicePrincipal", displayName: "App x" },
        ),
      }),
    ],
  };
}
