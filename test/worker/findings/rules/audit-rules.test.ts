import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../../worker/findings/evidence.ts";
import type { Window } from "../../../../worker/findings/finding.ts";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import { ACTIVITIES, actOf } from "../../../../worker/findings/indicators/audit-activities.ts";
import { ALMIGHTY_ROLES, PRIVILEGED_ROLES } from "../../../../worker/findings/indicators/directory-roles.ts";
import { GRAVE_DETECTIONS } from "../../../../worker/findings/indicators/risk-detections.ts";
import { newDevice } from "../../../../worker/findings/rules/new-device.ts";
import { newSignInMethod } from "../../../../worker/findings/rules/new-sign-in-method.ts";
import { removedSignInMethod } from "../../../../worker/findings/rules/removed-sign-in-method.ts";
import { resetByAnother } from "../../../../worker/findings/rules/reset-by-another.ts";
import { riskyUser } from "../../../../worker/findings/rules/risky-user.ts";
import { roleAssigned } from "../../../../worker/findings/rules/role-assigned.ts";
import { temporaryAccessPass } from "../../../../worker/findings/rules/temporary-access-pass.ts";
import type { SignIn } from "../../../../worker/findings/sign-in.ts";
import { ADELE, by, event, FAR, HELP_DESK, HOUR, NEAR, riskOf, telephone } from "./evidence-parts.ts";
import { abroad, atHome, evidenceOf, MINUTE, WINDOW } from "./sign-ins.ts";

type Row = [title: string, change: Partial<Evidence>, severities: Severity[], signIns?: SignIn[]];
type Rule = (evidence: Evidence, window: Window) => Finding[];

const OUTSIDE_WINDOW = WINDOW.start - HOUR;
const risky: SignIn = { ...atHome, at: NEAR, managedDevice: false, riskLevel: "medium", riskState: "atRisk" };
const account = (createdAt: number) => ({
  id: "u1",
  upn: ADELE.upn,
  addresses: [],
  enabled: true,
  usageLocation: "US",
  syncedFromAd: false,
  licences: 1,
  createdAt,
  source: { artifact: "x", path: "$" },
});
const role = (name: string, change = {}) => ({
  audits: [event("role-assigned", { details: new Map([["Role.DisplayName", name]]), ...change })],
});
const admin = { details: new Map([["Role.DisplayName", "Global Administrator"]]) };
const PIM = { id: undefined, upn: undefined, ip: undefined, app: "MS-PIM" };
const activation = (at: number) => ({
  ...event("role-assigned", { at, activity: "Add member to role completed (PIM activation)" }),
  act: undefined,
});
const pass = { ...telephone, type: "temporaryAccessPass" };

/** Each of these is ordinary alone and counts near a doubtful sign-in, so each gets the same rows. */
function nearAndFar(act: "security-info-removed" | "device-registered"): Row[] {
  return [
    ["far from anything doubtful is low", { audits: [event(act)] }, ["low"]],
    ["after a doubtful sign-in is high", { audits: [event(act, { at: NEAR })] }, ["high"]],
    ["before one, within six hours, is high", { audits: [event(act, { at: NEAR - 5 * HOUR })] }, ["high"]],
    ["before one, by seven hours, is low", { audits: [event(act, { at: NEAR - 7 * HOUR })] }, ["low"]],
    [
      "from the address of a doubtful sign-in is high at any time",
      { audits: [event(act, { actor: by(ADELE, abroad.ip) })] },
      ["high"],
    ],
    ["after a sign-in at home is low", { audits: [event(act, { at: NEAR })] }, ["low"], [atHome]],
    [
      "after a trip with a managed computer is low",
      { audits: [event(act, { at: NEAR })] },
      ["low"],
      [{ ...abroad, managedDevice: true }],
    ],
    ["that failed is none", { audits: [event(act, { at: NEAR, succeeded: false })] }, []],
    ["before the window is none", { audits: [event(act, { at: OUTSIDE_WINDOW })] }, []],
    ["of another kind is none", { audits: [event("role-assigned")] }, []],
  ];
}

describe.for<[name: string, Rule, Row[]]>([
  [
    "a new sign-in method",
    newSignInMethod,
    [
      ["at home is low", { authMethods: [telephone] }, ["low"]],
      ["after a doubtful sign-in is high", { authMethods: [{ ...telephone, createdAt: NEAR }] }, ["high"]],
      [
        "after a risky sign-in at home is high",
        { authMethods: [{ ...telephone, createdAt: NEAR }] },
        ["high"],
        [risky],
      ],
      [
        "after a risk that was settled is low",
        { authMethods: [{ ...telephone, createdAt: NEAR }] },
        ["low"],
        [{ ...risky, riskState: "remediated" }],
      ],
      [
        "after a sign-in by a phishing kit is high",
        { authMethods: [{ ...telephone, createdAt: NEAR }] },
        ["high"],
        [{ ...atHome, at: NEAR, userAgent: "axios/1.7", appId: "4765445b-32c6-49b0-83e6-1d93765276ca" }],
      ],
      [
        "after a failed sign-in from abroad is low",
        { authMethods: [{ ...telephone, createdAt: NEAR }] },
        ["low"],
        [{ ...abroad, succeeded: false, errorCode: 50126 }],
      ],
      [
        "that only the log knows is found as well",
        { audits: [event("security-info-added", { at: NEAR })] },
        ["high"],
      ],
      [
        "and its entry in the log are one",
        {
          authMethods: [{ ...telephone, createdAt: NEAR }],
          audits: [event("security-info-added", { at: NEAR + MINUTE })],
        },
        ["high"],
      ],
      [
        "from the address of a doubtful sign-in is high, though hours lie between",
        {
          authMethods: [telephone],
          audits: [event("security-info-added", { at: FAR + MINUTE, actor: by(ADELE, abroad.ip) })],
        },
        ["high"],
      ],
      [
        "one doubtful and one ordinary are told apart",
        { authMethods: [telephone, { ...telephone, id: "m2", createdAt: NEAR }] },
        ["high", "low"],
      ],
      [
        "registered before the window is none",
        { authMethods: [{ ...telephone, createdAt: OUTSIDE_WINDOW }] },
        [],
      ],
      ["without a date is none", { authMethods: [{ ...telephone, createdAt: undefined }] }, []],
      ["a pass is another rule's", { authMethods: [pass] }, []],
      [
        "registered by the help desk is another rule's",
        { audits: [event("security-info-added", { actor: by(HELP_DESK), at: NEAR })] },
        [],
      ],
    ],
  ],
  ["a removed sign-in method", removedSignInMethod, nearAndFar("security-info-removed")],
  ["a new device", newDevice, nearAndFar("device-registered")],
  [
    "a temporary access pass",
    temporaryAccessPass,
    [
      ["is high", { authMethods: [pass] }, ["high"]],
      [
        "in the log is high",
        { audits: [event("temporary-access-pass", { actor: by(HELP_DESK) })] },
        ["high"],
      ],
      ["in both is one", { authMethods: [pass], audits: [event("temporary-access-pass")] }, ["high"]],
      [
        "of an account that is days old is low",
        { authMethods: [pass], account: account(FAR - HOUR) },
        ["low"],
      ],
      ["of an old account is high", { authMethods: [pass], account: account(FAR - 9_000 * HOUR) }, ["high"]],
      ["before the window is none", { authMethods: [{ ...pass, createdAt: OUTSIDE_WINDOW }] }, []],
      ["is no telephone", { authMethods: [telephone] }, []],
    ],
  ],
  [
    "a reset by somebody else",
    resetByAnother,
    [
      ["is low", { audits: [event("password-reset", { actor: by(HELP_DESK) })] }, ["low"]],
      [
        "before a doubtful sign-in is high",
        { audits: [event("password-reset", { actor: by(HELP_DESK), at: NEAR - 20 * MINUTE })] },
        ["high"],
      ],
      [
        "after one is low: that is the answer to it",
        { audits: [event("password-reset", { actor: by(HELP_DESK), at: NEAR + 30 * MINUTE })] },
        ["low"],
      ],
      [
        "a sign-in method before a doubtful sign-in is high",
        { audits: [event("security-info-added", { actor: by(HELP_DESK), at: NEAR - 20 * MINUTE })] },
        ["high"],
      ],
      ["by the user is none", { audits: [event("password-reset")] }, []],
      ["for somebody else is none", { audits: [event("password-reset", { targets: [HELP_DESK] })] }, []],
      [
        "by a service is none",
        {
          audits: [
            event("password-reset", { actor: { id: undefined, upn: undefined, ip: undefined, app: "Sync" } }),
          ],
        },
        [],
      ],
    ],
  ],
  [
    "a directory role",
    roleAssigned,
    [
      ...ALMIGHTY_ROLES.map((name): Row => [`${name} is critical`, role(name), ["critical"]]),
      [
        "given by the account is critical, too",
        role("Global Administrator", { targets: [HELP_DESK] }),
        ["critical"],
      ],
      ["by its name in the older log is critical", role("CompanyAdministrators"), ["critical"]],
      ...PRIVILEGED_ROLES.filter((name) => !ALMIGHTY_ROLES.includes(name)).flatMap((name): Row[] => [
        [`${name} is low`, role(name), ["low"]],
        [`${name} after a doubtful sign-in is high`, role(name, { at: NEAR }), ["high"]],
      ]),
      ["Reports Reader is low even then", role("Reports Reader", { at: NEAR }), ["low"]],
      ["of an unknown name is low", { audits: [event("role-assigned", { at: NEAR })] }, ["low"]],
      [
        "that PIM activated is none",
        { audits: [event("role-assigned", { ...admin, actor: PIM }), activation(FAR + MINUTE)] },
        [],
      ],
      [
        "by an app that calls itself PIM is critical",
        { audits: [event("role-assigned", { ...admin, actor: PIM })] },
        ["critical"],
      ],
      [
        "by an app hours after PIM activated another is critical",
        { audits: [event("role-assigned", { ...admin, actor: PIM }), activation(FAR - HOUR)] },
        ["critical"],
      ],
    ],
  ],
  [
    "Microsoft's rating of the account",
    riskyUser,
    [
      ["high is high", { risks: [riskOf()] }, ["high"]],
      [
        "confirmed is critical",
        { risks: [riskOf({ state: "confirmedCompromised", level: "none" })] },
        ["critical"],
      ],
      ["medium is low", { risks: [riskOf({ level: "medium" })] }, ["low"]],
      ["low is low", { risks: [riskOf({ level: "low" })] }, ["low"]],
      ...["remediated", "dismissed", "confirmedSafe", "none"].map(
        (state): Row => [`${state} is none`, { risks: [riskOf({ state })] }, []],
      ),
      ["hidden is none", { risks: [riskOf({ level: "hidden" })] }, []],
      ["of a level that is new is none", { risks: [riskOf({ level: "extreme" })] }, []],
      ["in a state that is new still counts", { risks: [riskOf({ state: "pondering" })] }, ["high"]],
      ...GRAVE_DETECTIONS.map(
        (type): Row => [
          `${type} at medium is medium`,
          { risks: [riskOf({ type, level: "medium" })] },
          ["medium"],
        ],
      ),
      [
        "an unfamiliar place at medium is low",
        { risks: [riskOf({ type: "unfamiliarFeatures", level: "medium" })] },
        ["low"],
      ],
      [
        "of account and detection are one",
        { risks: [riskOf(), riskOf({ id: "d", type: "leakedCredentials" })] },
        ["high"],
      ],
    ],
  ],
])("%s", ([, rule, rows]) => {
  test.for(rows)("%s", ([, change, severities, signIns = [abroad]]) => {
    const findings = rule(evidenceOf(signIns, change), WINDOW);
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
  });
});

test.for(Object.entries(ACTIVITIES).flatMap(([act, names]) => names.map((name) => [name, act] as const)))(
  "the log's %s is %s, with a full stop and in any case",
  ([name, act]) => {
    expect(actOf(name, "")).toBe(act);
    expect(actOf(`${name.toUpperCase()}.`, "")).toBe(act);
  },
);

test.for<[activity: string, reason: string, act: string | undefined]>([
  [
    "Admin registered security info",
    "Admin registered temporary access pass method for user",
    "temporary-access-pass",
  ],
  [
    "User registered security info",
    "User registered Authenticator App with Notification",
    "security-info-added",
  ],
  ["Add member to role completed (PIM activation)", "", undefined],
  ["Update user", "", undefined],
  ["toString", "", undefined],
])("the log's %s (%s) is %s", ([activity, reason, act]) => {
  expect(actOf(activity, reason)).toBe(act);
});

test("a finding says who did it and when", () => {
  const [finding] = roleAssigned(
    evidenceOf([], role("Global Administrator", { actor: by(HELP_DESK) })),
    WINDOW,
  );
  expect(finding?.why).toBe('help@contoso.com gave this account the role "Global Administrator".');
  expect(finding?.first_seen).toBe(new Date(FAR).toISOString());
});
