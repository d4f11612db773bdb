import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../../worker/findings/evidence.ts";
import { recognise } from "../../../worker/findings/recognise.ts";
import { findAll } from "../../../worker/findings/rules/index.ts";
import { artifact } from "./artifacts.ts";

const UPN = "adele@contoso.com";
const ACCOUNT = { id: "u1", userPrincipalName: UPN, accountEnabled: true };
const DOMAINS = [{ id: "contoso.com", isVerified: true, isDefault: true }];

function evidenceOf(...contents: unknown[]) {
  const artifacts = [ACCOUNT, DOMAINS, ...contents].map((content, index) => artifact(`${index}`, content));
  return readEvidence(recognise(artifacts), { upn: UPN });
}

describe("a mailbox", () => {
  const mailbox = { UserPrincipalName: UPN, ForwardingSmtpAddress: null, DeliverToMailboxAndForward: false };

  test.for<[title: string, change: object, expected: object]>([
    ["that forwards nothing", {}, { forwardsTo: undefined, forwardsOutside: false, keepsCopy: false }],
    [
      "that forwards outside",
      { ForwardingSmtpAddress: "smtp:Eve@evil.example" },
      { forwardsTo: "Eve@evil.example", forwardsOutside: true },
    ],
    [
      "that forwards to a colleague",
      { ForwardingSmtpAddress: "smtp:bob@contoso.com" },
      { forwardsTo: "bob@contoso.com", forwardsOutside: false },
    ],
    ["that forwards to an entry", { ForwardingAddress: "Bob" }, { forwardsToEntry: "Bob" }],
    ["that keeps a copy, in PowerShell's words", { DeliverToMailboxAndForward: "True" }, { keepsCopy: true }],
    ["others may send for", { GrantSendOnBehalfTo: ["Bob"] }, { sendOnBehalf: ["Bob"] }],
  ])("%s", ([, change, expected]) => {
    expect(evidenceOf([{ ...mailbox, ...change }]).mailboxes).toMatchObject([expected]);
  });

  test("of somebody else is set aside", () => {
    expect(evidenceOf([{ ...mailbox, UserPrincipalName: "bob@contoso.com" }]).mailboxes).toEqual([]);
  });
});

test.for<[title: string, record: object, expected: object[]]>([
  [
    "full access",
    { User: "bob@contoso.com", AccessRights: "{FullAccess, ReadPermission}" },
    [{ holder: "bob@contoso.com", rights: ["FullAccess", "ReadPermission"] }],
  ],
  ["send as", { Trustee: "bob", AccessRights: ["SendAs"] }, [{ holder: "bob", rights: ["SendAs"] }]],
  ["the owner's own", { User: "NT AUTHORITY\\SELF", AccessRights: ["FullAccess"] }, []],
  ["an inherited one", { User: "S-1-5-32-544", AccessRights: ["FullAccess"] }, []],
  ["an inherited one with a name", { User: "Admins", AccessRights: ["FullAccess"], IsInherited: true }, []],
  ["a refusal", { User: "bob", AccessRights: ["FullAccess"], Deny: true }, []],
  ["a refused SendAs", { Trustee: "bob", AccessRights: ["SendAs"], AccessControlType: "Deny" }, []],
])("a mailbox permission: %s", ([, record, expected]) => {
  expect(evidenceOf([record]).mailboxPermissions).toMatchObject(expected);
});

describe("a consent", () => {
  const grant = {
    id: "g",
    clientId: "c1",
    consentType: "Principal",
    principalId: "u1",
    scope: " Mail.Read openid",
  };
  const app = { id: "c1", appId: "AA", displayName: "Notes", appOwnerOrganizationId: "T" };

  test("has its scopes without the leading blank, and its app", () => {
    const { consents } = evidenceOf([grant], [app]);
    expect(consents).toMatchObject([
      { scopes: ["Mail.Read", "openid"], forEveryone: false, app: { name: "Notes", appId: "aa" } },
    ]);
  });

  test("of somebody else is set aside, and one for everybody is not", () => {
    const { consents } = evidenceOf([
      { ...grant, principalId: "u2" },
      { ...grant, id: "g2", consentType: "AllPrincipals", principalId: null },
    ]);
    expect(consents).toMatchObject([{ id: "g2", forEveryone: true }]);
  });

  test("has its time from the user's list of apps, and not from somebody else's", () => {
    const assignment = {
      appRoleId: "0",
      principalId: "u1",
      resourceId: "c1",
      createdDateTime: "2026-11-20T08:00:00Z",
    };
    const { appAssignments } = evidenceOf([assignment, { ...assignment, principalId: "u2" }]);
    expect(appAssignments).toEqual([{ appObjectId: "c1", at: Date.UTC(2026, 10, 20, 8) }]);
  });

  test("to an app that is not in the evidence leaves a gap, which blocks if the app could do harm", () => {
    const gapFor = (scope: string) =>
      evidenceOf([{ ...grant, scope }]).gaps.find(({ check }) => check === "oauth_consents");
    expect(gapFor(" User.Read openid")?.blocking).toBe(false);
    expect(gapFor(" Mail.ReadWrite offline_access")?.blocking).toBe(true);
    expect(gapFor(" Mail.Read")?.blocking).toBe(true);
  });

  test.for<[title: string, verifiedPublisher: unknown, expected: boolean | undefined]>([
    ["verified", { verifiedPublisherId: "1", displayName: "Acme" }, true],
    ["not verified", { verifiedPublisherId: null, displayName: null }, false],
    ["not verified, as null", null, false],
    ["unknown", undefined, undefined],
  ])("has a publisher who is %s", ([, verifiedPublisher, expected]) => {
    expect(evidenceOf([grant], [{ ...app, verifiedPublisher }]).consents[0]?.app?.verified).toBe(expected);
  });
});

describe("a sign-in method", () => {
  const method = (type: string, rest: object) => ({
    "@odata.type": `#microsoft.graph.${type}`,
    id: "m",
    ...rest,
  });
  const at = Date.UTC(2026, 10, 20, 8);

  test.for<[title: string, record: object, expected: object[]]>([
    [
      "by createdDateTime",
      method("microsoftAuthenticatorAuthenticationMethod", {
        displayName: "iPhone",
        createdDateTime: "2026-11-20T08:00:00Z",
      }),
      [{ type: "microsoftAuthenticator", label: "iPhone", createdAt: at }],
    ],
    [
      "by creationDateTime",
      method("fido2AuthenticationMethod", { creationDateTime: "2026-11-20T08:00:00Z" }),
      [{ type: "fido2", createdAt: at }],
    ],
    [
      "without a date",
      method("phoneAuthenticationMethod", { phoneNumber: "+1 5", createdDateTime: null }),
      [{ type: "phone", label: "+1 5", createdAt: undefined }],
    ],
    ["of a type that is new", method("tattooAuthenticationMethod", {}), [{ type: "tattoo" }]],
    ["of no type", { id: "m", phoneNumber: "+1 5", phoneType: "mobile" }, [{ type: "phone" }]],
    ["the password is none", method("passwordAuthenticationMethod", { createdDateTime: null }), []],
  ])("%s", ([, record, expected]) => {
    expect(evidenceOf([record]).authMethods).toMatchObject(expected);
  });

  test("without a date leaves a gap that blocks nothing", () => {
    const { gaps } = evidenceOf([method("phoneAuthenticationMethod", {})]);
    expect(gaps).toContainEqual(expect.objectContaining({ check: "auth_methods", blocking: false }));
  });
});

describe("a risk", () => {
  test("is read with values that no enum had yesterday", () => {
    const { risks } = evidenceOf(
      { id: "u1", riskLevel: "extreme", riskState: "pondering", userPrincipalName: UPN },
      [{ id: "d", userId: "u1", riskEventType: "brandNew", riskLevel: "high", riskState: "atRisk" }],
    );
    expect(risks.map(({ type, level }) => [type, level])).toEqual([
      ["riskyUser", "extreme"],
      ["brandNew", "high"],
    ]);
  });

  test("of another account is set aside", () => {
    expect(evidenceOf([{ id: "u2", riskLevel: "high", riskState: "atRisk" }]).risks).toEqual([]);
  });

  test("that is hidden is named as a gap", () => {
    const { gaps } = evidenceOf({ id: "u1", riskLevel: "hidden", riskState: "atRisk" });
    expect(gaps).toContainEqual({
      check: "risk",
      blocking: false,
      text: expect.stringMatching(/hidden.*P2/),
    });
  });
});

describe("an audit event", () => {
  const directory = {
    id: "a1",
    activityDisplayName: "Add member to role",
    activityDateTime: "2026-11-20T08:00:00.1234567Z",
    result: "success",
    initiatedBy: {
      user: { id: "u9", userPrincipalName: "it@contoso.com", ipAddress: "198.51.100.7" },
      app: null,
    },
    targetResources: [
      {
        id: "u1",
        displayName: null,
        type: "User",
        userPrincipalName: UPN,
        modifiedProperties: [
          { displayName: "Role.DisplayName", oldValue: null, newValue: '"Global Administrator"' },
        ],
      },
    ],
    additionalDetails: [{ key: "User-Agent", value: "x" }],
  };

  test("of the directory has its people and what was changed", () => {
    const [event] = evidenceOf([directory]).audits;
    expect(event).toMatchObject({
      act: "role-assigned",
      succeeded: true,
      actor: { upn: "it@contoso.com", ip: "198.51.100.7" },
      targets: [{ id: "u1", upn: UPN }],
    });
    expect(event?.details.get("Role.DisplayName")).toBe("Global Administrator");
    expect(event?.details.get("User-Agent")).toBe("x");
  });

  test("that is about others is set aside, and one without anybody too", () => {
    const targetResources = [{ id: "u2", userPrincipalName: "bob@contoso.com" }];
    expect(evidenceOf([{ ...directory, targetResources }]).audits).toEqual([]);
    expect(evidenceOf([{ ...directory, initiatedBy: null, targetResources: null }]).audits).toEqual([]);
  });

  const data = {
    Id: "ual-1",
    CreationTime: "2026-11-20T08:00:00",
    Operation: "New-InboxRule",
    Workload: "Exchange",
    ResultStatus: "True",
    UserId: UPN,
    ClientIP: "198.51.100.7:51234",
    Parameters: [
      { Name: "Name", Value: "." },
      { Name: "SubjectContainsWords", Value: "invoice;payment" },
      { Name: "DeleteMessage", Value: "True" },
    ],
  };

  test.for<[title: string, record: unknown]>([
    [
      "as JSON in a string",
      [{ RecordType: 1, UserIds: UPN, Operations: "New-InboxRule", AuditData: JSON.stringify(data) }],
    ],
    ["by itself", [data]],
    ["as Graph's own query gives it", { value: [{ id: "x", operation: "New-InboxRule", auditData: data }] }],
  ])("of the unified log is the same %s", ([, record]) => {
    const { audits, inboxRuleChanges } = evidenceOf(record);
    expect(audits).toMatchObject([
      {
        id: "ual-1",
        at: Date.UTC(2026, 10, 20, 8),
        act: "inbox-rule-changed",
        actor: { upn: UPN, ip: "198.51.100.7" },
      },
    ]);
    expect(inboxRuleChanges).toMatchObject([
      { name: ".", inboxRule: { deletes: true, keywords: ["invoice", "payment"], inspectable: true } },
    ]);
  });

  test("whose inner record is cut still says what was done and by whom", () => {
    const record = { RecordType: 1, UserIds: UPN, Operations: "New-InboxRule", AuditData: '{"Id":"ua' };
    expect(evidenceOf([record]).audits).toMatchObject([{ act: "inbox-rule-changed", actor: { upn: UPN } }]);
  });
});

describe("a message", () => {
  const address = (to: string) => ({ emailAddress: { name: "x", address: to } });
  const message = {
    id: "m1",
    subject: "Hi",
    sentDateTime: "2026-11-20T08:00:00Z",
    toRecipients: [address("Bob@contoso.com"), address("eve@evil.example")],
    bccRecipients: [address("eve@evil.example"), address("zed@evil.example")],
  };

  test("knows which of its recipients are outside, each once", () => {
    const { sent } = evidenceOf({ sentItems: [message] });
    expect(sent).toMatchObject([
      {
        recipients: ["bob@contoso.com", "eve@evil.example", "zed@evil.example"],
        outside: ["eve@evil.example", "zed@evil.example"],
      },
    ]);
  });

  test("in PowerShell's spelling is the same", () => {
    const spelled = {
      Id: "m1",
      Subject: "Hi",
      SentDateTime: "/Date(1763625600000)/",
      ToRecipients: [{ EmailAddress: { Address: "eve@evil.example" } }],
    };
    expect(evidenceOf({ SentItems: [spelled] }).sent).toMatchObject([{ outside: ["eve@evil.example"] }]);
  });

  test("of a trace is one message however many rows it has, and only if the account sent it", () => {
    const row = (to: string, from = UPN) => ({
      MessageId: "<1@contoso.com>",
      SenderAddress: from,
      RecipientAddress: to,
      Subject: "Hi",
      Received: "2026-11-20T08:00:00Z",
    });
    const { sent } = evidenceOf([
      row("eve@evil.example"),
      row("zed@evil.example"),
      { ...row(UPN, "bob@contoso.com"), MessageId: "<2@contoso.com>" },
    ]);
    expect(sent).toMatchObject([{ outside: ["eve@evil.example", "zed@evil.example"] }]);
  });
});

test("the account's addresses are its sign-in name and all that the directory knows", () => {
  const account = {
    ...ACCOUNT,
    displayName: "Adele",
    mail: "A.Vance@contoso.com",
    proxyAddresses: ["SMTP:a.vance@contoso.com", "smtp:av@contoso.com", "X500:/o=x"],
  };
  expect(evidenceOf(account).addresses).toEqual(["a.vance@contoso.com", "av@contoso.com", UPN]);
});

test("records whose values are anything at all never throw", () => {
  const keys = [
    ["forwardingSmtpAddress", "forwardingAddress", "grantSendOnBehalfTo", "deliverToMailboxAndForward"],
    ["clientId", "scope", "consentType", "principalId"],
    ["appId", "verifiedPublisher", "createdDateTime", "appOwnerOrganizationId"],
    ["@odata.type", "id", "displayName", "createdDateTime", "phoneNumber", "phoneType"],
    ["riskState", "riskLevel", "riskEventType", "activityDateTime", "ipAddress"],
    [
      "activityDisplayName",
      "initiatedBy",
      "targetResources",
      "additionalDetails",
      "activityDateTime",
      "result",
    ],
    ["Operation", "Workload", "CreationTime", "Parameters", "ClientIP", "UserId", "AuditData"],
    ["subject", "sentDateTime", "toRecipients", "from", "internetMessageId"],
    ["senderAddress", "recipientAddress", "received", "messageId"],
    ["accessRights", "user", "identity", "isInherited"],
  ];
  const record = fc
    .constantFrom(...keys)
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, fc.jsonValue({ maxDepth: 3 })]))),
    );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), (records) => {
      const evidence = evidenceOf(records, { sentItems: records }, { deletedItems: records });
      findAll(evidence, { start: 0, end: Date.UTC(2100, 0) });
    }),
    { numRuns: 200 },
  );
});
