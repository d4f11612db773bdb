import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../../worker/findings/evidence.ts";
import type { Window } from "../../../../worker/findings/finding.ts";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import { ABUSED_APPS, MICROSOFT_TENANTS } from "../../../../worker/findings/indicators/apps.ts";
import { abusedApp } from "../../../../worker/findings/rules/abused-app.ts";
import { appConsentCount } from "../../../../worker/findings/rules/app-consents.ts";
import { consentGiven } from "../../../../worker/findings/rules/consent-given.ts";
import { overreachingApp } from "../../../../worker/findings/rules/overreaching-app.ts";
import { consentTo, event, FAR, HOUR, NEAR, strangerApp } from "./evidence-parts.ts";
import { abroad, atHome, evidenceOf, WINDOW } from "./sign-ins.ts";

type Row = [title: string, change: Partial<Evidence>, severities: Severity[]];
type Rule = (evidence: Evidence, window: Window) => Finding[];

const TENANT = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";
const WRITES = ["Mail.ReadWrite", "offline_access", "User.Read"];
const READS = ["Mail.Read", "offline_access", "User.Read"];
const to = (app: Parameters<typeof consentTo>[0], scopes: string[], change = {}): Partial<Evidence> => ({
  consents: [consentTo(app, scopes, change)],
});
const verified = { ...strangerApp, verified: true };
const recent = { ...strangerApp, addedAt: FAR };
const consented = (change = {}) =>
  event("consent", { targets: [{ id: "sp1", upn: undefined, name: "X" }], ...change });

/** Every delegated permission that the lists are meant for, one by one. */
const WRITE_EXAMPLES = [
  "Mail.Send",
  "Mail.Send.Shared",
  "Mail.ReadWrite",
  "Mail.ReadWrite.Shared",
  "MailboxSettings.ReadWrite",
  "Files.ReadWrite",
  "Files.ReadWrite.All",
  "Sites.Manage.All",
  "Sites.FullControl.All",
  "Notes.ReadWrite.All",
  "Contacts.ReadWrite",
  "People.ReadWrite",
  "EWS.AccessAsUser.All",
  "IMAP.AccessAsUser.All",
  "POP.AccessAsUser.All",
  "SMTP.Send",
  "Directory.AccessAsUser.All",
  "Directory.ReadWrite.All",
  "Application.ReadWrite.All",
  "Group.ReadWrite.All",
  "User.ReadWrite.All",
  "User.ManageCreds.All",
  "RoleManagement.ReadWrite.Directory",
  "AppRoleAssignment.ReadWrite.All",
  "Domain.ReadWrite.All",
];
const CONTENT_EXAMPLES = [
  "Mail.Read",
  "Mail.Read.Shared",
  "Files.Read",
  "Files.Read.All",
  "Sites.Read.All",
  "Notes.Read",
  "Chat.Read",
  "ChannelMessage.Read.All",
];
const HARMLESS = [
  "User.Read",
  "openid",
  "profile",
  "email",
  "offline_access",
  "Calendars.Read",
  "Calendars.ReadWrite",
  "Contacts.Read",
  "People.Read",
  "Mail.ReadBasic",
  "User.ReadBasic.All",
  "Files.Read.Selected",
];

describe.for<[name: string, Rule, Row[]]>([
  [
    "an app that overreaches",
    overreachingApp,
    [
      ["writing, staying and unverified is high", to(strangerApp, WRITES), ["high"]],
      ...WRITE_EXAMPLES.map(
        (scope): Row => [`with ${scope} is high`, to(strangerApp, [scope, "offline_access"]), ["high"]],
      ),
      ...CONTENT_EXAMPLES.map(
        (scope): Row => [
          `with ${scope} and new is medium`,
          to(recent, [scope, "offline_access"]),
          ["medium"],
        ],
      ),
      ...HARMLESS.map((scope): Row => [`with ${scope} is none`, to(recent, [scope, "offline_access"]), []]),
      [
        "writing in two grants is one finding",
        {
          consents: [
            consentTo(strangerApp, WRITES),
            consentTo(strangerApp, ["EWS.AccessAsUser.All"], { id: "g2" }),
          ],
        },
        ["high"],
      ],
      ["writing for everybody is high", to(strangerApp, WRITES, { forEveryone: true }), ["high"]],
      ["writing without staying is low", to(strangerApp, ["Mail.ReadWrite"]), ["low"]],
      ["reading for long is low", to(strangerApp, READS), ["low"]],
      [
        "reading, of which the log says that it is new, is medium",
        { ...to(strangerApp, READS), audits: [consented()] },
        ["medium"],
      ],
      [
        "reading is low if it was another app that the user consented to",
        {
          ...to(strangerApp, READS),
          audits: [consented({ at: NEAR, targets: [{ id: "sp9", upn: undefined, name: "Y" }] })],
        },
        ["low"],
      ],
      [
        "reading, and assigned after a doubtful sign-in, is high",
        { ...to(strangerApp, ["Mail.Read"]), appAssignments: [{ appObjectId: "sp1", at: NEAR }] },
        ["high"],
      ],
      [
        "reading is low if the user had it long before somebody else brought it anew",
        { ...to(recent, READS), appAssignments: [{ appObjectId: "sp1", at: FAR - 9_000 * HOUR }] },
        ["low"],
      ],
      [
        "reading, consented to after a doubtful sign-in, is high",
        { ...to(strangerApp, ["Mail.Read"]), audits: [consented({ at: NEAR })] },
        ["high"],
      ],
      ["of an unknown publisher is low", to({ ...strangerApp, verified: undefined }, WRITES), ["low"]],
      ["that is not in the evidence is low", to(undefined, WRITES), ["low"]],
      ["of a verified publisher is none", to(verified, WRITES), []],
      ["of the customer's own is none", to({ ...strangerApp, ownerTenantId: TENANT }, WRITES), []],
      ...[...MICROSOFT_TENANTS].map(
        (ownerTenantId): Row => [
          `of Microsoft (${ownerTenantId}) is none`,
          to({ ...strangerApp, ownerTenantId }, WRITES),
          [],
        ],
      ),
      [
        "that is known to be abused is another rule's",
        to({ ...strangerApp, appId: ABUSED_APPS[0]?.appId }, WRITES),
        [],
      ],
    ],
  ],
  [
    "an abused app",
    abusedApp,
    [
      ...ABUSED_APPS.map(
        ({ appId, name, honest }): Row => [
          `${name} (${appId}) is found by its id, whatever it calls itself`,
          to({ ...verified, appId, name: "Harmless" }, ["User.Read"]),
          [honest === "rarely" ? "critical" : "high"],
        ],
      ),
      ...ABUSED_APPS.map(
        ({ name }): Row => [
          `the name ${name} alone is low`,
          to({ ...strangerApp, name }, ["User.Read"]),
          ["low"],
        ],
      ),
      ["another app is none", to(strangerApp, WRITES), []],
      ["an app that is not in the evidence is none", to(undefined, WRITES), []],
    ],
  ],
  [
    "a consent in the log",
    consentGiven,
    [
      ["after a doubtful sign-in is high", { audits: [consented({ at: NEAR })] }, ["high"]],
      [
        "for everybody to an unverified app is high",
        {
          apps: [strangerApp],
          audits: [consented({ details: new Map([["ConsentContext.OnBehalfOfAll", "True"]]) })],
        },
        ["high"],
      ],
      [
        "for everybody to a verified app is low",
        {
          apps: [verified],
          audits: [consented({ details: new Map([["ConsentContext.IsAdminConsent", "True"]]) })],
        },
        ["low"],
      ],
      ["of a user is none", { audits: [consented()] }, []],
      [
        "whose grant still stands is another rule's",
        { ...to(strangerApp, WRITES), audits: [consented({ at: NEAR })] },
        [],
      ],
      [
        "is high though the grant of another app stands",
        {
          consents: [consentTo({ ...strangerApp, id: "sp2" }, WRITES)],
          audits: [consented({ at: NEAR })],
        },
        ["high"],
      ],
      [
        "to Microsoft's app is none",
        {
          apps: [{ ...strangerApp, ownerTenantId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a" }],
          audits: [consented({ at: NEAR })],
        },
        [],
      ],
      ["that failed is none", { audits: [consented({ at: NEAR, succeeded: false })] }, []],
      [
        "by somebody else is none",
        {
          audits: [
            consented({ at: NEAR, actor: { id: "u9", upn: "x@contoso.com", ip: undefined, app: undefined } }),
          ],
        },
        [],
      ],
    ],
  ],
  [
    "the count of apps",
    appConsentCount,
    [
      ["is info", { consents: [consentTo(verified, WRITES)] }, ["info"]],
      ["of none is none", {}, []],
    ],
  ],
])("%s", ([, rule, rows]) => {
  test.for(rows)("%s", ([, change, severities]) => {
    const findings = rule(evidenceOf([atHome, abroad], change), WINDOW);
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
  });
});

test("Microsoft's apps are counted in words", () => {
  const microsofts = { ...strangerApp, id: "sp2", ownerTenantId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a" };
  const consents = [
    consentTo(microsofts, WRITES),
    consentTo(verified, WRITES),
    consentTo(strangerApp, WRITES),
  ];
  const [finding] = appConsentCount(
    evidenceOf([], { consents: [consents[0], consents[1]].flatMap((c) => c ?? []) }),
  );
  expect(finding?.why).toMatch(/consent: 2\..*: 1 of Microsoft, 0 of the customer, 1 of verified publishers/);
});

test("a name alone is told with low confidence, an id with high", () => {
  const confidenceOf = (change: object) =>
    abusedApp(evidenceOf([], to({ ...strangerApp, ...change }, ["User.Read"]))).map(
      ({ confidence }) => confidence,
    );
  expect(confidenceOf({ name: "rclone" })).toEqual(["low"]);
  expect(confidenceOf({ appId: "b15665d9-eda6-4092-8539-0eec376afd59" })).toEqual(["high"]);
});
