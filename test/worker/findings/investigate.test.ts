import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { CoverageArtifact } from "../../../worker/findings/coverage-artifact.ts";
import {
  type AnyCheckId,
  CheckId,
  type Coverage,
  FindingsDocument,
  type VerdictLevel,
} from "../../../worker/findings/findings.ts";
import { judge } from "../../../worker/findings/investigate.ts";
import type { ScriptEnding } from "../../../worker/toolkit/toolkit.ts";
import { artifact } from "./artifacts.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const TENANT_ID = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";
const UPN = "adele@contoso.com";

const run = {
  id: "ix-1",
  kind: "user" as const,
  tenant: { id: TENANT_ID, domain: "contoso.com" },
  target: UPN,
  started: "2026-11-22T11:59:00Z",
  window_days: 7,
  requested_by: "discord:1",
  toolkit: { name: "test", version: "1" },
};

const user = { id: "u1", userPrincipalName: UPN, accountEnabled: true, usageLocation: "US" };
const domains = { value: [{ id: "contoso.com", isVerified: true, isDefault: true }] };
const signIn = {
  id: "s1",
  createdDateTime: "2026-11-21T10:00:00.1234567Z",
  userPrincipalName: UPN,
  userId: "u1",
  appId: "9199bf20-a13f-4107-85dc-02114787ef48",
  ipAddress: "203.0.113.9",
  clientAppUsed: "Browser",
  status: { errorCode: 0 },
  location: { city: "Seattle", countryOrRegion: "US" },
  riskLevelDuringSignIn: "none",
};
const inboxRule = {
  id: "r1",
  displayName: "Newsletters",
  sequence: 1,
  isEnabled: true,
  conditions: { subjectContains: ["newsletter"] },
  actions: { moveToFolder: "Newsletters" },
};
const stealing = {
  ...inboxRule,
  id: "r2",
  actions: { forwardTo: [{ emailAddress: { address: "e@evil.example" } }], delete: true },
};
const fromLagos = { ...signIn, id: "s2", location: { city: "Lagos", countryOrRegion: "NG" } };
const opaque = { id: "r3", displayName: "Pinned", sequence: 2, isEnabled: true, isReadOnly: true };
const error = (code: string, message = "") => ({ error: { code, message } });

/** Clean answers of the six checks that an answer does not depend on. */
const everythingElse = {
  mailbox: [{ UserPrincipalName: UPN, ForwardingSmtpAddress: null, DeliverToMailboxAndForward: false }],
  methods: [
    { "@odata.type": "#microsoft.graph.passwordAuthenticationMethod", id: "p", createdDateTime: null },
  ],
  riskDetections: { riskDetections: [] },
  directoryAudits: { directoryAudits: [] },
  sentItems: { sentItems: [] },
  deletedItems: { deletedItems: [] },
};

/** What a quiet account's toolkit left; a test changes one part of it, or leaves it out. */
const quiet: Record<string, unknown> = {
  user,
  domains,
  signIns: [signIn],
  inboxRules: [inboxRule],
  consents: { consents: [] },
};

function judgeParts(change: Record<string, unknown> = {}, ending?: ScriptEnding) {
  const parts = Object.entries({ ...quiet, ...change }).filter(([, content]) => content !== undefined);
  const document = judge({
    artifacts: parts.map(([name, content]) => artifact(`${name}.json`, content)),
    run,
    ...(ending === undefined ? {} : { coverageHints: { ending } }),
    now: NOW,
  });
  expect(FindingsDocument.parse(document)).toEqual(document);
  return document;
}

const lineOf = (document: FindingsDocument, check: AnyCheckId) =>
  document.coverage.find((line) => line.check === check);

describe("the verdict", () => {
  test.for<[title: string, change: Record<string, unknown>, level: VerdictLevel, score: number]>([
    ["a quiet account shows no evidence", {}, "no_evidence", 0],
    ["no inbox rules at all is an answer", { inboxRules: { inboxRules: [] } }, "no_evidence", 0],
    ["without inbox rules in the evidence there is no answer", { inboxRules: undefined }, "inconclusive", 0],
    ["without sign-ins there is no answer", { signIns: undefined }, "inconclusive", 0],
    ["without app consents there is no answer", { consents: undefined }, "inconclusive", 0],
    ["without the account there is no answer", { user: undefined }, "inconclusive", 0],
    [
      "without the second page of one list there is no answer, however whole another list of the check is",
      {
        signIns: { value: [signIn], "@odata.nextLink": "https://graph.microsoft.com/x" },
        "signIns-non-interactive": { value: [{ ...signIn, id: "n1" }] },
      },
      "inconclusive",
      0,
    ],
    [
      "pages that differ in a number are one list, of which the last is enough",
      {
        "signIns-page-1": { value: [signIn], "@odata.nextLink": "https://graph.microsoft.com/x" },
        "signIns-page-2": { value: [{ ...signIn, id: "n1" }] },
      },
      "no_evidence",
      0,
    ],
    [
      "with sign-ins that cannot be licensed there is no answer",
      { signIns: error("Authentication_RequestFromNonPremiumTenantOrB2CTenant") },
      "inconclusive",
      0,
    ],
    [
      "with half a file there is no answer",
      { signIns: JSON.stringify([signIn, signIn]).slice(0, -30) },
      "inconclusive",
      0,
    ],
    [
      "with only the first page there is no answer",
      { signIns: { value: [signIn], "@odata.nextLink": "https://graph.microsoft.com/x" } },
      "inconclusive",
      0,
    ],
    [
      "with a sign-in of unknown outcome there is no answer",
      { signIns: [signIn, { ...signIn, id: "s9", status: null }] },
      "inconclusive",
      0,
    ],
    [
      "with the record of another account there is no answer",
      { user: { ...user, id: "u2", userPrincipalName: "bob@contoso.com" } },
      "inconclusive",
      0,
    ],
    [
      "with no country to compare with there is no answer, though all sign-ins come from one",
      { user: { ...user, usageLocation: null }, signIns: [fromLagos, { ...fromLagos, id: "s3" }] },
      "inconclusive",
      0,
    ],
    [
      "with an inbox rule that cannot be inspected there is no answer",
      { inboxRules: [inboxRule, opaque] },
      "inconclusive",
      0,
    ],
    [
      "with a rule that moves mail who knows where there is no answer",
      { inboxRules: [{ ...inboxRule, actions: { moveToFolder: "A".repeat(90) } }] },
      "inconclusive",
      0,
    ],
    [
      "an inbox rule that cannot be inspected leaves no answer, however much else was seen",
      { inboxRules: [inboxRule, opaque], ...everythingElse },
      "inconclusive",
      0,
    ],
    [
      "nor does one that Exchange lists without what it does",
      {
        inboxRules: [inboxRule],
        exchange: [{ Name: "x", RuleIdentity: 9, Enabled: true }],
        ...everythingElse,
      },
      "inconclusive",
      0,
    ],
    ["with everything seen there is no evidence", everythingElse, "no_evidence", 0],
    [
      "Microsoft's opinion of account, sign-in and detection is one opinion",
      {
        signIns: [signIn, { ...signIn, id: "s5", riskLevelDuringSignIn: "high", riskState: "atRisk" }],
        riskyUsers: [{ id: "u1", riskLevel: "high", riskState: "atRisk" }],
        riskDetections: [
          {
            id: "d",
            userId: "u1",
            riskEventType: "leakedCredentials",
            riskLevel: "high",
            riskState: "atRisk",
          },
        ],
      },
      "suspicious",
      5,
    ],
    ["one high finding is suspicious", { signIns: [signIn, fromLagos] }, "suspicious", 5],
    ["one critical finding is likely", { inboxRules: [stealing] }, "likely", 10],
    [
      "entry and trace together are confirmed",
      { inboxRules: [stealing], signIns: [signIn, fromLagos] },
      "confirmed",
      25,
    ],
    [
      "Microsoft's own confirmation is confirmed",
      { signIns: [{ ...signIn, riskState: "confirmedCompromised" }] },
      "confirmed",
      10,
    ],
    ["what is missing excuses nobody", { inboxRules: [stealing, opaque], signIns: undefined }, "likely", 10],
    [
      "what is missing accuses nobody",
      { inboxRules: [opaque], signIns: [signIn, fromLagos] },
      "suspicious",
      5,
    ],
    [
      "sign-ins of other accounts do not count",
      { signIns: [signIn, { ...fromLagos, userPrincipalName: "bob@contoso.com", userId: "u2" }] },
      "no_evidence",
      0,
    ],
  ])("%s", ([, change, level, score]) => {
    const { verdict } = judgeParts(change);
    expect([verdict.level, verdict.score]).toEqual([level, score]);
  });

  test("it rests on findings that the document holds", () => {
    const { verdict, findings } = judgeParts({ inboxRules: [stealing] });
    expect(verdict.because).toEqual([findings[0]?.id]);
  });

  test("the confidence is high when all ten checks were seen whole", () => {
    expect(judgeParts(everythingElse).verdict.confidence).toBe("high");
  });

  test("the country that an account without usage location was compared with is named", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...fromLagos, id: `h${index}` }));
    const { verdict } = judgeParts({ user: { ...user, usageLocation: null }, signIns: many });
    expect(verdict.blind_spots.join()).toMatch(/Nigeria, where nearly all of its sign-ins came from/);
  });

  test("a check that is whole and says what it lacks beside that lowers the confidence", () => {
    const coverage = {
      schema: "breach-check/coverage@1",
      toolkit: run.toolkit,
      tenantId: TENANT_ID,
      upn: UPN,
      window_days: 7,
      checks: [
        { check: "signins", status: "ok", records: 1, truncated: false, reason: "The factors are missing." },
      ],
    };
    const { verdict } = judgeParts({ ...everythingElse, coverage });
    expect([verdict.level, verdict.confidence]).toEqual(["no_evidence", "medium"]);
  });

  test("a gap lowers the confidence", () => {
    const confidence = (change: Record<string, unknown>) => judgeParts(change).verdict.confidence;
    expect(confidence({ inboxRules: [stealing] })).toBe("medium");
    expect(confidence({ inboxRules: [stealing], signIns: undefined })).toBe("low");
  });

  test("blind spots name each check that was not seen, the decisive ones first", () => {
    const { verdict } = judgeParts({ signIns: undefined });
    expect(verdict.blind_spots[0]).toMatch(/^Sign-ins: not seen\./);
    expect(verdict.blind_spots).toHaveLength(7);
  });

  test("hidden risk is named as unknown", () => {
    const { verdict } = judgeParts({ signIns: [{ ...signIn, riskLevelDuringSignIn: "hidden" }] });
    expect(verdict.blind_spots.join()).toMatch(/Entra ID P2/);
  });
});

describe("coverage", () => {
  test("has a line for each of the ten checks, in their order", () => {
    expect(judgeParts().coverage.map(({ check }) => check)).toEqual(CheckId.options);
  });

  test.for<[title: string, content: unknown, expected: Partial<Coverage>]>([
    ["records are counted", [signIn, signIn], { status: "ok", records: 2, truncated: false }],
    [
      "a missing licence is told from a missing permission",
      error("Forbidden", "requires an Entra ID P1 premium license"),
      { status: "not_licensed" },
    ],
    [
      "a missing permission",
      error("Authentication_MSGraphPermissionMissing", "AuditLog.Read.All"),
      { status: "no_permission" },
    ],
    ["an error under the name of its list", { signIns: error("generalException") }, { status: "error" }],
    [
      "an error after some records",
      [{ value: [signIn] }, error("TooManyRequests", "signIns")],
      { status: "ok", truncated: true },
    ],
    ["nothing", undefined, { status: "missing", records: 0 }],
  ])("%s", ([, signIns, expected]) => {
    expect(lineOf(judgeParts({ signIns }), "signins")).toMatchObject(expected);
  });

  test.for<[ending: ScriptEnding, status: Coverage["status"], reason: RegExp]>([
    [{ kind: "exited", code: 0 }, "missing", /left nothing/],
    [{ kind: "exited", code: 3 }, "error", /exit code 3/],
    [{ kind: "killed-by-signal", signal: "SIGKILL" }, "error", /SIGKILL/],
    [{ kind: "timed-out", afterMs: 300_000 }, "timeout", /after 300 seconds/],
    [{ kind: "aborted" }, "error", /by a person/],
    [{ kind: "flooded", limitBytes: 1 }, "error", /printed too much/],
    [{ kind: "not-started", reason: "no such file" }, "error", /did not start: no such file/],
  ])("a check without a trace after %o is %s", ([ending, status, reason]) => {
    const line = lineOf(judgeParts({ signIns: undefined }, ending), "signins");
    expect(line).toMatchObject({
      status,
      reason: expect.stringMatching(reason),
      how_to_fix: expect.stringMatching(/./),
    });
  });

  test.for<ScriptEnding>([
    { kind: "exited", code: 1 },
    { kind: "timed-out", afterMs: 300_000 },
    { kind: "killed-by-signal", signal: "SIGKILL" },
  ])("a script that ended with %o leaves what it saw, which need not be everything", (ending) => {
    const document = judgeParts({}, ending);
    expect(lineOf(document, "signins")).toMatchObject({ status: "ok", records: 1, truncated: true });
    expect(document.verdict.level).toBe("inconclusive");
  });

  const own = (change: Partial<CoverageArtifact>, line: Partial<Coverage> = {}): CoverageArtifact => ({
    schema: "breach-check/coverage@1",
    toolkit: { name: "test", version: "1" },
    tenantId: TENANT_ID,
    upn: UPN,
    window_days: 7,
    checks: [
      { check: "signins", status: "throttled", records: 0, truncated: false, reason: "Too many.", ...line },
    ],
    ...change,
  });

  test.for<[title: string, coverage: unknown, expected: Partial<Coverage>, rest?: Record<string, unknown>]>([
    ["the toolkit's own word counts", own({}), { status: "throttled", reason: "Too many." }],
    ["but not about another account", own({ upn: "bob@contoso.com" }), { status: "ok" }],
    ["nor about another tenant", own({ tenantId: "3ab9e0c4-71d5-4f68-8a2e-6c0b1d94f7e3" }), { status: "ok" }],
    [
      "records that it counted and nobody can read are a loss",
      own({}, { status: "ok", records: 9 }),
      { status: "ok", truncated: true },
    ],
    [
      "what it says to have seen and nobody can find is not believed",
      own({}, { check: "oauth_consents", status: "ok", records: 2 }),
      { check: "oauth_consents", status: "ok", truncated: true },
      { consents: undefined },
    ],
    [
      "nor an empty list of it that is not there",
      own({}, { status: "ok" }),
      { status: "ok", truncated: true },
      { signIns: undefined },
    ],
    [
      "a name that a script prints is no word of the toolkit",
      `Rules of ${UPN}\n${JSON.stringify(own({}, { status: "throttled" }))}\n`,
      { status: "missing" },
      { signIns: undefined },
    ],
    ["a broken one is not believed", { ...own({}), window_days: "many" }, { status: "ok" }],
  ])("%s", ([, coverage, expected, rest = {}]) => {
    const { check = "signins" } = expected;
    expect(lineOf(judgeParts({ ...rest, coverage }), check)).toMatchObject(expected);
  });

  test("a refused token is the cause for all checks", () => {
    const nothing = Object.fromEntries(Object.keys(quiet).map((name) => [name, undefined]));
    const refusal = {
      error: "invalid_client",
      error_description: "AADSTS7000215: Invalid client secret provided.",
    };
    const { coverage } = judgeParts({ ...nothing, token: refusal });
    expect(
      coverage.every(({ status, reason }) => status === "no_permission" && reason?.includes("AADSTS7000215")),
    ).toBe(true);
  });
});

describe("what was read", () => {
  test("file names do not matter", () => {
    const contents = [user, domains, [signIn, fromLagos], [stealing]];
    const judged = (name: (index: number) => string) =>
      judge({ artifacts: contents.map((content, index) => artifact(name(index), content)), run, now: NOW });
    const ids = ({ findings }: FindingsDocument) => findings.map(({ id }) => id);
    expect(ids(judged((index) => `${index}`))).toEqual(ids(judged((index) => `signins-${9 - index}.txt`)));
  });

  test("the same inbox rule in two artifacts is one finding", () => {
    const once = judgeParts({ inboxRules: [stealing] });
    const twice = judgeParts({
      inboxRules: [stealing],
      page2: [{ ...stealing, actions: undefined, conditions: undefined }],
    });
    expect(twice.findings.map(({ id }) => id)).toEqual(once.findings.map(({ id }) => id));
  });

  test("Exchange's own rules without visible actions leave nothing open, whatever else uses their name does", () => {
    const junk = { Name: "Junk E-Mail Rule", RuleIdentity: 7, Enabled: true };
    const levelOf = (rule: object) => judgeParts({ inboxRules: [rule] }).verdict.level;
    expect(levelOf(junk)).toBe("no_evidence");
    expect(judgeParts({ inboxRules: [junk, { ...junk, RuleIdentity: 8 }] }).verdict.level).toBe(
      "inconclusive",
    );
    expect(levelOf({ ...opaque, displayName: "Junk E-Mail Rule" })).toBe("inconclusive");
    expect(levelOf({ ...junk, SubjectContainsWords: ["invoice"], DeleteMessage: true })).toBe("likely");
  });

  test("without domains, the account's own counts as the tenant's", () => {
    const forwarding = (address: string) => ({
      ...inboxRule,
      actions: { forwardTo: [{ emailAddress: { address } }] },
    });
    const levelFor = (address: string) =>
      judgeParts({ domains: undefined, inboxRules: [forwarding(address)] }).verdict.level;
    expect(levelFor("bob@contoso.com")).toBe("no_evidence");
    expect(levelFor("bob@contoso.onmicrosoft.com")).toBe("no_evidence");
    expect(levelFor("bob@evil.example")).toBe("suspicious");
  });

  test("an unverified domain is not the tenant's", () => {
    const forward = {
      ...inboxRule,
      actions: { forwardTo: [{ emailAddress: { address: "e@evil.example" } }] },
    };
    const claimed = {
      value: [...domains.value, { id: "evil.example", isVerified: false, isDefault: false }],
    };
    expect(judgeParts({ domains: claimed, inboxRules: [forward] }).verdict.level).toBe("suspicious");
  });

  test("an account without usage location lives where it nearly always signs in", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...signIn, id: `h${index}` }));
    const { findings } = judgeParts({
      user: { ...user, usageLocation: null },
      signIns: [...many, fromLagos],
    });
    expect(findings.map(({ rule, confidence }) => [rule, confidence])).toEqual([
      ["foreign-sign-in", "medium"],
    ]);
  });

  test("a handful of sign-ins makes no home, and several countries then leave no answer", () => {
    const { findings, verdict } = judgeParts({
      user: { ...user, usageLocation: null },
      signIns: [signIn, { ...signIn, id: "h2" }, { ...signIn, id: "h3" }, { ...signIn, id: "h4" }, fromLagos],
    });
    expect([findings, verdict.level]).toEqual([[], "inconclusive"]);
  });

  test("a second factor is read from the words of v1.0 and from the field of beta", () => {
    const severityOf = (change: object) =>
      judgeParts({ signIns: [{ ...fromLagos, ...change }] }).findings[0]?.severity;
    expect(severityOf({ status: { errorCode: 0, additionalDetails: "MFA completed in Azure AD" } })).toBe(
      "medium",
    );
    expect(severityOf({ authenticationRequirement: "multiFactorAuthentication" })).toBe("medium");
    expect(severityOf({ authenticationRequirement: "singleFactorAuthentication" })).toBe("high");
    expect(severityOf({ status: { errorCode: 0, additionalDetails: null } })).toBe("high");
  });

  test.for<[what: string, isEvidence: boolean, level: VerdictLevel]>([
    ["may have held records leaves no answer", true, "inconclusive"],
    ["held a token is not missed", false, "no_evidence"],
  ])("a file that was left out and %s", ([, isEvidence, level]) => {
    const { verdict } = judge({
      artifacts: Object.entries(quiet).map(([name, content]) => artifact(`${name}.json`, content)),
      run,
      coverageHints: { leftOut: [{ name: "more.json", reason: "for a reason", isEvidence }] },
      now: NOW,
    });
    expect(verdict.level).toBe(level);
    expect(verdict.blind_spots.some((spot) => spot.includes("more.json was left out"))).toBe(isEvidence);
  });

  test("what is not recognised and what was left out are both listed", () => {
    const { unrecognised } = judge({
      artifacts: [artifact("notes.txt", "hello")],
      run,
      coverageHints: { leftOut: [{ name: "huge.json", reason: "larger than 64 MB", isEvidence: true }] },
      now: NOW,
    });
    expect(unrecognised.map(({ artifact: name, size_bytes }) => [name, size_bytes])).toEqual([
      ["notes.txt", 5],
      ["huge.json", null],
    ]);
  });

  test("privileged, synchronised and disabled accounts are mentioned and not accused", () => {
    const role = {
      "@odata.type": "#microsoft.graph.directoryRole",
      id: "1",
      displayName: "Global Administrator",
    };
    const { findings, verdict } = judgeParts({
      user: { ...user, accountEnabled: false, onPremisesSyncEnabled: true },
      roles: [role],
    });
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      "privileged-account info",
      "synced-account info",
      "disabled-account info",
    ]);
    expect(verdict.level).toBe("no_evidence");
  });

  test("the artifacts' hashes are in the document", () => {
    expect(Object.keys(judgeParts().run.artifacts_sha256)).toEqual([
      "user.json",
      "domains.json",
      "signIns.json",
      "inboxRules.json",
      "consents.json",
    ]);
  });
});

test("the published JSON schema is that of the document", async () => {
  const file = new URL("../../../worker/findings/findings.schema.json", import.meta.url);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(
    JSON.parse(JSON.stringify(z.toJSONSchema(FindingsDocument))),
  );
});
