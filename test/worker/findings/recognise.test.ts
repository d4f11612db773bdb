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
