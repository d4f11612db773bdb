import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recognise } from "../../../worker/findings/recognise.ts";
import type { RecordKind } from "../../../worker/findings/record-kinds.ts";
import { artifact, artifactOf } from "./artifacts.ts";

const CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#";
const rule = { id: "1", displayName: "Remove spam", sequence: 1, isEnabled: true, actions: { delete: true } };
const signIn = {
  id: "s1",
  createdDateTime: "2026-11-20T19:15:41.6195833Z",
  userPrincipalName: "adele@contoso.com",
  appId: "4765445b-32c6-49b0-83e6-1d93765276ca",
  ipAddress: "203.0.113.9",
  clientAppUsed: "Browser",
  status: { errorCode: 0, failureReason: null },
};

const message = { id: "m", subject: "Hi", sentDateTime: "2026-11-20T19:15:41Z", parentFolderId: "f1" };

const kindsIn = (content: unknown) => recognise([artifact("x", content)]).records.map(({ kind }) => kind);

test.for<[title: string, content: unknown, kinds: RecordKind[]]>([
  [
    "a collection with a context",
    { "@odata.context": `${CONTEXT}auditLogs/signIns`, value: [signIn] },
    ["signIn"],
  ],
  ["a collection without one", { value: [signIn] }, ["signIn"]],
  ["a bare list", [rule, rule], ["messageRule", "messageRule"]],
  ["a single object", rule, ["messageRule"]],
  ["JSON lines", `${JSON.stringify(signIn)}\n${JSON.stringify(signIn)}`, ["signIn", "signIn"]],
  [
    "a file of the script's own making",
    { when: "today", results: { a: [rule], b: { value: [signIn] } } },
    ["messageRule", "signIn"],
  ],
  ["a batch answer", { responses: [{ id: "1", status: 200, body: { value: [rule] } }] }, ["messageRule"]],
  [
    "records of which a context tells the kind",
    { "@odata.context": `${CONTEXT}auditLogs/signIns(id,status)`, value: [{ id: "1" }] },
    ["signIn"],
  ],
  [
    "an inbox rule that Graph cannot model",
    { value: [{ id: "1", displayName: "x", sequence: 1, isEnabled: true, isReadOnly: true }] },
    ["messageRule"],
  ],
  [
    "Exchange's inbox rules",
    [{ Name: "x", RuleIdentity: 12, Enabled: true, DeleteMessage: true }],
    ["exchangeRule"],
  ],
  [
    "an Exchange rule without its identity",
    { Name: "x", Enabled: true, MoveToFolder: "Archive" },
    ["exchangeRule"],
  ],
  [
    "PowerShell's spelling of Graph",
    [{ Id: "1", UserPrincipalName: "a@b.c", IPAddress: "::1", ClientAppUsed: "Browser" }],
    ["signIn"],
  ],
  ["an account", { id: "1", userPrincipalName: "a@b.c", accountEnabled: true }, ["user"]],
  [
    "directory objects of several kinds",
    {
      "@odata.context": `${CONTEXT}directoryObjects`,
      value: [
        { "@odata.type": "#microsoft.graph.directoryRole", id: "1", displayName: "Global Administrator" },
        { "@odata.type": "#microsoft.graph.group", id: "2", displayName: "Everyone" },
        { id: "3" },
      ],
    },
    ["directoryRole", "directoryObject", "directoryObject"],
  ],
  [
    "mail folders",
    { value: [{ id: "f", displayName: "Inbox", parentFolderId: "p", totalItemCount: 3 }] },
    ["mailFolder"],
  ],
  ["domains", { value: [{ id: "contoso.com", isVerified: true, isDefault: true }] }, ["domain"]],
  [
    "the organisation",
    { value: [{ id: "t", verifiedDomains: [{ name: "contoso.com" }] }] },
    ["organization"],
  ],
  [
    "Get-Mailbox",
    [{ UserPrincipalName: "a@b.c", UsageLocation: "US", ForwardingSmtpAddress: null }],
    ["mailbox"],
  ],
  [
    "Get-MailboxPermission",
    [{ Identity: "adele", User: "bob@contoso.com", AccessRights: ["FullAccess"], IsInherited: false }],
    ["mailboxPermission"],
  ],
  ["Get-RecipientPermission", [{ Trustee: "bob", AccessRights: ["SendAs"] }], ["mailboxPermission"]],
  ["mailbox settings", { automaticRepliesSetting: { status: "disabled" } }, ["mailboxSettings"]],
  [
    "consents",
    [{ id: "g", clientId: "c", consentType: "Principal", principalId: "u1", scope: " Mail.Read openid" }],
    ["permissionGrant"],
  ],
  ["app assignments", [{ id: "a", appRoleId: "0", principalId: "u1" }], ["appRoleAssignment"]],
  ["service principals", [{ id: "c", appId: "x", appOwnerOrganizationId: "y" }], ["servicePrincipal"]],
  ...["@odata.type", "odata.type", "OdataType"].map((key): [string, unknown, RecordKind[]] => [
    `a sign-in method by its ${key}`,
    [{ [key]: "#microsoft.graph.phoneAuthenticationMethod", id: "m" }],
    ["authMethod"],
  ]),
  [
    "a sign-in method of the Graph PowerShell SDK",
    [
      {
        Id: "m",
        AdditionalProperties: { "@odata.type": "#microsoft.graph.fido2AuthenticationMethod", model: "key" },
      },
    ],
    ["authMethod"],
  ],
  [
    "a sign-in method without a type",
    [{ id: "m", phoneNumber: "+1 5", phoneType: "mobile" }],
    ["authMethod"],
  ],
  ["a risky user", { id: "u1", riskLevel: "hidden", riskState: "atRisk" }, ["riskyUser"]],
  [
    "risk detections",
    [{ id: "d", riskEventType: "notYetInvented", riskLevel: "veryHigh", riskState: "x" }],
    ["riskDetection"],
  ],
  [
    "directory audits",
    [{ id: "a", activityDisplayName: "Add member to role", initiatedBy: { user: null } }],
    ["directoryAudit"],
  ],
  [
    "Search-UnifiedAuditLog",
    [{ RecordType: 1, UserIds: "a@b.c", Operations: "New-InboxRule", AuditData: "{}" }],
    ["unifiedAudit"],
  ],
  [
    "the inner record of the unified audit log",
    { Operation: "Set-Mailbox", Workload: "Exchange", CreationTime: "2026-11-20T08:00:00" },
    ["unifiedAudit"],
  ],
  [
    "Get-MessageTrace",
    [{ SenderAddress: "a@b.c", RecipientAddress: "x@y.z", Subject: "Hi" }],
    ["messageTrace"],
  ],
  ...(
    [
      ["sentitems", "sentMessage"],
      ["deleteditems", "deletedMessage"],
      ["recoverableitemsdeletions", "deletedMessage"],
    ] as const
  ).map(([folder, kind]): [string, unknown, RecordKind[]] => [
    `messages of ${folder} by their context`,
    { "@odata.context": `${CONTEXT}users('a')/mailFolders('${folder}')/messages(subject)`, value: [message] },
    [kind],
  ]),
  ["messages by the name that a script gave the list", { sent_items: [message] }, ["sentMessage"]],
  ["messages whose folder nobody names", [message], ["message"]],
  [
    "values that no enum had yesterday",
    [{ ...signIn, riskState: "futureValue", conditionalAccessStatus: 7 }],
    ["signIn"],
  ],
])("%s is recognised", ([, content, kinds]) => {
  expect(kindsIn(content)).toEqual(kinds);
});

test("a record's source names its artifact and its place", () => {
  const { records } = recognise([artifact("a/b.txt", { value: [rule, rule] })]);
  expect(records[1]?.source).toEqual({ artifact: "a/b.txt", path: "$.value[1]" });
});

test.for<[title: string, content: unknown, kind: RecordKind]>([
  [
    "by its context",
    { "@odata.context": `${CONTEXT}users('a')/mailFolders('inbox')/messageRules`, value: [] },
    "messageRule",
  ],
  ["by the property that holds it", { inboxRules: [] }, "messageRule"],
  [
    "by a context that selects",
    { "@odata.context": `${CONTEXT}auditLogs/signIns(id,status,location(city))`, value: [] },
    "signIn",
  ],
])("an empty list is an answer if its kind is told %s", ([, content, kind]) => {
  expect(recognise([artifact("x", content)]).lists.map((list) => list.kind)).toEqual([kind]);
});

describe("messages whose folder is not named where they stand", () => {
  const folder = (displayName: string) => ({ id: "f1", displayName, childFolderCount: 0 });

  test.for<[title: string, displayName: string, kind: RecordKind]>([
    ["are sent ones in Sent Items", "Sent Items", "sentMessage"],
    ["are deleted ones in another language", "Gelöschte Elemente", "deletedMessage"],
    ["stay what they are elsewhere", "Suppliers", "message"],
  ])("%s", ([, displayName, kind]) => {
    const { records, lists, unrecognised } = recognise([
      artifact("mail", [message]),
      artifact("folders", [folder(displayName)]),
    ]);
    expect(records[0]?.kind).toBe(kind);
    expect(lists.some((list) => list.kind === kind)).toBe(true);
    expect(unrecognised.map(({ reason }) => reason)).toEqual(
      kind === "message" ? ["1 message of a folder that is not named."] : [],
    );
  });

  test("lose none of what is known to be lost", () => {
    const cut = JSON.stringify([message, message]).slice(0, -5);
    const { losses } = recognise([artifact("mail", cut), artifact("folders", [folder("Sent Items")])]);
    expect(losses).toContainEqual({ kind: "sentMessage", reason: "mail: the end of the file is missing" });
  });
});

describe("the same records are read from every format that scripts leave", () => {
  const list = [signIn, { ...signIn, id: "s2" }];
  const lines = list.map((each) => JSON.stringify(each));
  const utf16 = (text: string, mark: boolean) => Buffer.from(`${mark ? "\uFEFF" : ""}${text}`, "utf16le");

  test.for<[title: string, bytes: Uint8Array]>([
    [
      "a collection with a context",
      Buffer.from(JSON.stringify({ "@odata.context": `${CONTEXT}auditLogs/signIns`, value: list })),
    ],
    ["a collection without one", Buffer.from(JSON.stringify({ value: list }))],
    ["a bare list", Buffer.from(JSON.stringify(list))],
    ["JSON lines", Buffer.from(lines.join("\n"))],
    ["JSON lines with CRLF", Buffer.from(`${lines.join("\r\n")}\r\n`)],
    ["concatenated JSON", Buffer.from(lines.join(""))],
    ["a byte order mark", Buffer.from(`\uFEFF${JSON.stringify(list)}`)],
    ["indented JSON with CRLF", Buffer.from(JSON.stringify(list, null, 2).replaceAll("\n", "\r\n"))],
    ["UTF-16 with a mark", utf16(JSON.stringify(list), true)],
    ["UTF-16 without a mark", utf16(JSON.stringify(list), false)],
    ["UTF-16 with JSON lines and CRLF", utf16(lines.join("\r\n"), true)],
    ["a file that is cut after the records", Buffer.from(JSON.stringify([...list, signIn]).slice(0, -9))],
  ])("%s", ([, bytes]) => {
    const { records } = recognise([artifactOf("x", bytes)]);
    expect(records.map(({ kind, value }) => [kind, value.id])).toEqual([
      ["signIn", "s1"],
      ["signIn", "s2"],
    ]);
  });

  test("CSV is not read, and listed", () => {
    const { unrecognised } = recognise([artifact("rules.csv", "Name,Enabled\r\n.,True\r\n")]);
    expect(unrecognised.map(({ reason }) => reason)).toEqual(["It holds no JSON that can be read."]);
  });
});

test.for<[context: string, kind: RecordKind]>([
  ["users('a')/authentication/methods", "authMethod"],
  ["oauth2PermissionGrants", "permissionGrant"],
  ["Collection(microsoft.graph.oAuth2PermissionGrant)", "permissionGrant"],
  ["identityProtection/riskDetections", "riskDetection"],
  ["auditLogs/directoryAudits", "directoryAudit"],
  ["users('a')/mailFolders('sentitems')/messages(subject,toRecipients)", "sentMessage"],
])("an empty answer of %s is one", ([context, kind]) => {
  const content = { "@odata.context": `${CONTEXT}${context}`, value: [] };
  expect(recognise([artifact("x", content)]).lists.map((list) => list.kind)).toEqual([kind]);
});

describe("what is not recognised is listed with a reason", () => {
  test.for<[title: string, content: string, reason: RegExp]>([
    ["nothing", "", /empty/],
    ["text", "All good!", /no JSON/],
    ["a list of nothing", "[]", /empty list/],
    ["an object of another kind", '{"hello":"world"}', /shape is not known/],
    ["a list of another kind", '{"value":[{"riskState":"x"}]}', /1 entry of unknown shape at \$\.value/],
    ["a known list with a stranger", JSON.stringify({ value: [rule, 5] }), /1 entry/],
    ["text beside the records", `Checking...\n${JSON.stringify(rule)}`, /text that is not JSON/],
    ["a cut file", '{"value":[{"id":', /end of the file is missing/],
    ["depth", '{"a":'.repeat(5000), /nested too deeply/],
    ["what lies too deep", `${'{"a":'.repeat(30)}1${"}".repeat(30)}`, /below/],
  ])("%s", ([, content, reason]) => {
    const { unrecognised } = recognise([artifact("x.json", content)]);
    expect(unrecognised).toEqual([
      { artifact: "x.json", size_bytes: content.length, reason: expect.stringMatching(reason) },
    ]);
  });

  test("random bytes", () => {
    const { unrecognised } = recognise([artifactOf("x", Uint8Array.of(0, 255, 1, 254, 3, 200))]);
    expect(unrecognised).toHaveLength(1);
  });
});

test("of a cut file the whole records are kept, and the loss is known", () => {
  const text = JSON.stringify({ value: [rule, { ...rule, id: "2" }] });
  const { records, losses } = recognise([artifact("x", text.slice(0, -20))]);
  expect(records).toHaveLength(1);
  expect(losses).toEqual([{ kind: "messageRule", reason: "x: the end of the file is missing" }]);
});

test("bytes that the reader left out count as cut", () => {
  const whole = artifact("x", [rule]);
  const { losses } = recognise([{ ...whole, sizeBytes: whole.sizeBytes + 1 }]);
  expect(losses).toHaveLength(1);
});

test("a user who is not among the risky ones was never at risk, and that is an answer", () => {
  const { lists, errors } = recognise([
    artifact("x", { riskyUser: { error: { code: "Request_ResourceNotFound", message: "" } } }),
  ]);
  expect([lists.map(({ kind }) => kind), errors]).toEqual([["riskyUser"], []]);
});

test("a collection that names a next page says so", () => {
  const content = { value: [signIn], "@odata.nextLink": "https://graph.microsoft.com/v1.0/next" };
  expect(recognise([artifact("x", content)]).lists).toEqual([
    { kind: "signIn", source: { artifact: "x", path: "$.value" }, hasNextPage: true },
  ]);
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void recognise([artifactOf("x", bytes)])),
  );
});

test("arbitrary JSON never throws and is never dropped", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const { records, lists, errors, coverage, unrecognised } = recognise([artifact("x", json)]);
      expect(
        records.length + lists.length + errors.length + coverage.length + unrecognised.length,
      ).toBeGreaterThan(0);
    }),
  );
});

test("a list, a collection, JSON lines and concatenated JSON give the same records", () => {
  const anyRule = fc.record({
    id: fc.string(),
    displayName: fc.string({ unit: "binary" }),
    sequence: fc.nat(),
    isEnabled: fc.boolean(),
    actions: fc.jsonValue({ maxDepth: 2 }),
  });
  const recordsOf = (content: unknown) =>
    recognise([artifact("x", content)]).records.map(({ kind, value }) => ({ kind, value }));
  fc.assert(
    fc.property(fc.array(anyRule, { minLength: 2, maxLength: 10 }), (rules) => {
      const list = recordsOf(rules);
      expect(list).toHaveLength(rules.length);
      expect(recordsOf({ value: rules })).toEqual(list);
      expect(recordsOf(rules.map((each) => JSON.stringify(each)).join("\n"))).toEqual(list);
      expect(recordsOf(rules.map((each) => JSON.stringify(each)).join(""))).toEqual(list);
    }),
  );
});
