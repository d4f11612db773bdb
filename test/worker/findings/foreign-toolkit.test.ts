import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FindingsDocument } from "../../../worker/findings/findings.ts";
import { judge } from "../../../worker/findings/investigate.ts";
import { openToolkit } from "../../../worker/toolkit/open-toolkit.ts";
import type { ScriptRun } from "../../../worker/toolkit/toolkit.ts";
import { collectLog } from "../../log.ts";
import { artifact, artifactOf } from "./artifacts.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const UPN = "adele@contoso.com";
const thornbury = fileURLToPath(new URL("../../fixtures/toolkits/thornbury", import.meta.url));

type Artifacts = Parameters<typeof judge>[0]["artifacts"];

function judged(artifacts: Artifacts, tenantId: string): FindingsDocument {
  return judge({
    artifacts,
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: tenantId, domain: "contoso.com" },
      target: UPN,
      started: "2026-11-22T11:59:00Z",
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
    },
    now: NOW,
  });
}

/** The same facts about adele as Graph and Exchange write them and the built-in toolkit leaves them. */
function asTheBuiltInToolkitLeavesThem(): Artifacts {
  const list = (fragment: string, value: object[]) => ({
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${fragment}`,
    value,
  });
  const laptop = { deviceId: "lt-041", isManaged: true, isCompliant: true, trustType: "Azure AD joined" };
  const claim = "MFA requirement satisfied by claim in the token";
  const signIn = (
    id: string,
    at: string,
    errorCode: number,
    place: [ip: string, city: string, country: string],
    atDesk: boolean,
  ) => ({
    id,
    createdDateTime: at,
    userPrincipalName: UPN,
    userId: "u-adele",
    appId: "9199bf20-a13f-4107-85dc-02114787ef48",
    appDisplayName: "One Outlook Web",
    ipAddress: place[0],
    clientAppUsed: "Browser",
    status: { errorCode, failureReason: null, additionalDetails: atDesk ? claim : null },
    deviceDetail: atDesk ? laptop : { deviceId: "", isManaged: null, isCompliant: null, trustType: null },
    location: { city: place[1], countryOrRegion: place[2] },
    riskLevelDuringSignIn: "hidden",
    riskState: "none",
  });
  const seattle: [string, string, string] = ["203.0.113.10", "Seattle", "US"];
  const rss = `AAMk${"x".repeat(80)}=`;
  const address = (to: string) => ({ emailAddress: { name: "x", address: to } });
  const contents = {
    "user.json": {
      id: "u-adele",
      userPrincipalName: UPN,
      accountEnabled: true,
      usageLocation: "US",
      createdDateTime: "2022-06-01T08:00:00Z",
    },
    "domains.json": list("domains", [
      { id: "contoso.com", isVerified: true, isDefault: true },
      { id: "evil.example", isVerified: false, isDefault: false },
    ]),
    "signins.json": list("auditLogs/signIns", [
      signIn("s4", "2026-11-21T08:00:00Z", 0, ["198.51.100.23", "Amsterdam", "NL"], false),
      signIn("s3", "2026-11-21T07:00:00Z", 50126, ["192.0.2.44", "Hanoi", "VN"], false),
      signIn("s1", "2026-11-20T15:00:00.0000001Z", 0, seattle, true),
      signIn("s2", "2026-11-19T15:00:00Z", 0, seattle, true),
    ]),
    "mail-folders.json": list("users('x')/mailFolders", [
      { id: rss, displayName: "RSS Feeds", parentFolderId: "p" },
    ]),
    "inbox-rules.json": list("users('x')/mailFolders('inbox')/messageRules", [
      {
        id: "AQ==",
        displayName: ".",
        sequence: 1,
        isEnabled: true,
        conditions: { bodyOrSubjectContains: ["invoice", "payment"] },
        actions: { moveToFolder: rss, markAsRead: true },
      },
      {
        id: "Ag==",
        displayName: "..",
        sequence: 2,
        isEnabled: true,
        conditions: { senderContains: ["@northwind.com"] },
        actions: { forwardTo: [address("adele.v@mail-archive.example")], delete: true },
      },
    ]),
    "exchange-mailbox.json": {
      "@odata.context":
        "https://outlook.office365.com/adminapi/beta/t/$metadata#Collection(Exchange.GenericHashTable)",
      value: [
        {
          UserPrincipalName: UPN,
          ForwardingAddress: null,
          ForwardingSmtpAddress: "smtp:adele.v@mail-archive.example",
          DeliverToMailboxAndForward: false,
        },
      ],
    },
    "oauth2-permission-grants.json": list("oauth2PermissionGrants", [
      {
        id: "g1",
        clientId: "sp-organiser",
        consentType: "Principal",
        principalId: "u-adele",
        scope: " Mail.ReadWrite Mail.Send offline_access",
      },
      {
        id: "g2",
        clientId: "sp-teams",
        consentType: "AllPrincipals",
        principalId: null,
        scope: " Mail.ReadWrite offline_access",
      },
    ]),
    "service-principals.json": list("servicePrincipals", [
      {
        id: "sp-organiser",
        appId: "0d5a3f10-1111-4222-8333-444455556666",
        displayName: "Mail Organiser",
        appOwnerOrganizationId: "99999999-1111-4222-8333-444455556666",
        verifiedPublisher: { displayName: null, verifiedPublisherId: null },
        createdDateTime: "2026-11-21T08:40:00Z",
      },
      {
        id: "sp-teams",
        appId: "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        displayName: "Microsoft Teams",
        appOwnerOrganizationId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        verifiedPublisher: null,
        createdDateTime: "2024-01-01T00:00:00Z",
      },
    ]),
    "auth-methods.json": list("users('x')/authentication/methods", [
      {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        id: "28c10230-6103-485e-b985-444c60001490",
        createdDateTime: null,
      },
      {
        "@odata.type": "#microsoft.graph.phoneAuthenticationMethod",
        id: "m-old",
        phoneNumber: "+1 555",
        phoneType: "mobile",
        createdDateTime: "2023-05-01T10:00:00Z",
      },
      {
        "@odata.type": "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
        id: "m-new",
        displayName: "iPhone 17",
        createdDateTime: "2026-11-21T08:20:00Z",
      },
    ]),
    "risky-user.json": { id: "u-adele", userPrincipalName: UPN, riskLevel: "high", riskState: "atRisk" },
    "risk-detections.json": list("identityProtection/riskDetections", [
      {
        id: "rd1",
        userId: "u-adele",
        riskEventType: "notSeenBefore",
        riskLevel: "medium",
        riskState: "atRisk",
        activityDateTime: "2026-11-21T08:00:00Z",
      },
    ]),
    "directory-audits.json": list("auditLogs/directoryAudits", [
      {
        id: "da1",
        activityDisplayName: "User registered security info",
        activityDateTime: "2026-11-21T08:20:05Z",
        result: "success",
        initiatedBy: {
          user: { id: "u-adele", userPrincipalName: UPN, ipAddress: "198.51.100.23" },
          app: null,
        },
        targetResources: [{ id: "u-adele", userPrincipalName: UPN, modifiedProperties: [] }],
      },
      {
        id: "da2",
        activityDisplayName: "Consent to application",
        activityDateTime: "2026-11-21T08:40:00Z",
        result: "success",
        initiatedBy: {
          user: { id: "u-adele", userPrincipalName: UPN, ipAddress: "198.51.100.23" },
          app: null,
        },
        targetResources: [{ id: "sp-organiser", displayName: "Mail Organiser", modifiedProperties: [] }],
      },
    ]),
    "sent-items.json": list(
      "users('x')/mailFolders('sentitems')/messages",
      Array.from({ length: 40 }, (_, index) => ({
        id: `sent-${index + 1}`,
        subject: "Shared document",
        sentDateTime: `2026-11-21T09:00:${String(index + 1).padStart(2, "0")}Z`,
        toRecipients: [address(`victim${index + 1}@client.example`)],
      })),
    ),
    "deleted-items.json": list("users('x')/mailFolders('deleteditems')/messages", [
      {
        id: "del-1",
        subject: "Your security info was added",
        receivedDateTime: "2026-11-21T08:21:00Z",
        from: address("msonlineservicesteam@microsoftonline.com"),
      },
    ]),
  };
  return Object.entries(contents).map(([name, content]) => artifact(name, content));
}

describe("a foreign toolkit of plain bash scripts", () => {
  let root: string;
  let run: ScriptRun;
  let foreign: FindingsDocument;
  let builtIn: FindingsDocument;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "thornbury-"));
    const toolkit = await openToolkit({
      folder: thornbury,
      artifactsDir: join(root, "artifacts"),
      env: process.env,
      log: collectLog().log,
      limits: { graceMs: 200, lingerMs: 200 },
    });
    const unhurried = { signal: new AbortController().signal, deadlineMs: 60_000 };
    const tenantId = await toolkit.resolveTenant("contoso.com", unhurried);
    const result = await toolkit.investigate(
      "user-breach-check",
      { tenantId, rest: [UPN], caseFolder: join(root, "case") },
      unhurried,
    );
    run = result.run;
    const left = await Promise.all(
      result.artifacts.map(async ({ name, path }) => artifactOf(name, await readFile(path))),
    );
    foreign = judged(left, tenantId);
    builtIn = judged(asTheBuiltInToolkitLeavesThem(), tenantId);
  }, 60_000);
  afterAll(() => rm(root, { recursive: true }));

  test("runs to its end", () => {
    expect([run.ending, run.transcript]).toEqual([{ kind: "exited", code: 0 }, expect.any(String)]);
  });

  test("gives the same findings and the same verdict as the built-in one", () => {
    const facts = ({ findings, verdict }: FindingsDocument) => ({
      findings: findings.map(({ rule, severity, title, in_window }) => ({
        rule,
        severity,
        title,
        in_window,
      })),
      verdict: { level: verdict.level, score: verdict.score },
    });
    expect(facts(foreign)).toEqual(facts(builtIn));
  });

  test("finds in them what was done to adele", () => {
    expect(foreign.verdict.level).toBe("confirmed");
    const rules = foreign.findings.map(({ rule, severity }) => `${severity} ${rule}`);
    expect(new Set(rules)).toEqual(
      new Set([
        "critical takeover",
        "critical hidden-mail",
        "critical external-forward",
        "critical mailbox-forward",
        "high foreign-sign-in",
        "high new-sign-in-method",
        "high overreaching-app",
        "high risky-user",
        "high sent-burst",
        "high deleted-notifications",
        "info foreign-failures",
        "info app-consents",
      ]),
    );
  });

  test("leaves an answer to each of the ten checks", () => {
    const lines = foreign.coverage.map(({ check, status, truncated }) => ({ check, status, truncated }));
    expect(lines.filter(({ status, truncated }) => status !== "ok" || truncated)).toEqual([]);
  });

  test("has listed what nobody could read, and nothing that was read", () => {
    const listed = foreign.unrecognised.map(({ artifact: name, reason }) => [name.split("/").at(-1), reason]);
    expect(listed).toEqual([
      ["Thumbs.db", "It holds no JSON that can be read."],
      ["interactive_1.log", "It also holds text that is not JSON and was not read."],
    ]);
  });

  test("keeps its own summary word for word", async () => {
    const script = await readFile(join(thornbury, "user-breach-check.sh"), "utf8");
    const summary = /<<'SUMMARY'\n(.*?)\nSUMMARY/s.exec(script)?.[1] ?? "missing";
    expect(summary).toContain("[P1] **Mailbox forwards to");
    expect(run.transcript).toContain(summary);
  });
});
