import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { CheckId, type CoverageStatus } from "../../../../worker/findings/findings.ts";
import { signIns } from "../../../../worker/toolkit/builtin/checks/signins.ts";
import type { Fault } from "../../../sandbox/graph/faults.ts";
import { folderId, inboxRule, mailFolders, type SandboxTenant } from "../../../sandbox/tenants/tenant.ts";
import { NOW, openSandbox, type Sandbox } from "./sandbox-run.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const List = z.strictObject({
  "@odata.context": z.string(),
  value: z.array(z.looseObject({ id: z.string(), displayName: z.string().nullish() })),
});

test("leaves what Microsoft returned, one collection per file, and coverage of ten checks", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.exitCode).toBe(0);
  expect(await sandbox.artifactNames()).toEqual([
    "app-role-assignments.json",
    "auth-methods.json",
    "coverage.json",
    "deleted-items.json",
    "directory-audits-by-account.json",
    "directory-audits-of-account.json",
    "directory-roles.json",
    "domains.json",
    "exchange-hidden-rules.json",
    "exchange-mailbox.json",
    "inbox-rules.json",
    "mail-folders.json",
    "oauth2-permission-grants.json",
    "recoverable-items.json",
    "risk-detections.json",
    "risky-user.json",
    "sent-items.json",
    "service-principals.json",
    "signins-non-interactive.json",
    "signins.json",
    "user.json",
  ]);
  const adele = sandbox.tenant().users[0];
  expect((await sandbox.readArtifact("inbox-rules.json", List)).value).toEqual(adele?.mailbox?.inboxRules);
  expect((await sandbox.readArtifact("domains.json", List)).value).toEqual(sandbox.tenant().domains);
  expect(await sandbox.readArtifact("user.json", z.looseObject({}))).toMatchObject(adele?.user ?? {});
  expect(Object.fromEntries(run.coverage.map(({ check, records }) => [check, records]))).toEqual({
    inbox_rules: 3,
    mailbox_forwarding: 3,
    oauth_consents: 7,
    auth_methods: 5,
    signins: 40,
    risk: 3,
    directory_audits: 6,
    sent_items: 57,
    deleted_items: 17,
    account_state: 1,
  });
  for (const row of run.coverage) {
    expect(row).toEqual({ check: row.check, status: "ok", records: row.records, truncated: false });
  }
  expect(sandbox.graph.violations).toEqual([]);
});

test("merges all pages of the sign-ins of seven days and asks for no others", async () => {
  await sandbox.checkUser("adele@contoso.com");
  const { value, "@odata.context": context } = await sandbox.readArtifact("signins.json", List);
  const expected = (sandbox.tenant().users[0]?.signIns ?? [])
    .filter(({ createdDateTime = "" }) => Date.parse(createdDateTime) >= NOW - 7 * 86_400_000)
    .map(({ id }) => id);
  expect(new Set(value.map(({ id }) => id))).toEqual(new Set(expected));
  expect(context).toBe(`${sandbox.graph.graphUrl}/beta/$metadata#auditLogs/signIns`);
  expect(sandbox.graph.requests.filter(({ url }) => url.includes("signIns"))).toHaveLength(3);
});

test("artifacts are for their owner only", { skip: process.platform === "win32" }, async () => {
  await sandbox.checkUser("adele@contoso.com");
  const folder = join(sandbox.artifactsFolder, sandbox.tenant().id);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const name of await sandbox.artifactNames()) {
    expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
  }
});

test("prints the progress of each check, and signs in to Graph and to Exchange once", async () => {
  const run = await sandbox.checkUser("megan@contoso.com");
  const states = (check: string) =>
    run.lines.filter((line) => line.check === check).map(({ state }) => state);
  for (const check of CheckId.options) {
    expect(states(check)).toEqual(["waiting", "running", "ok"]);
  }
  expect(run.lines.at(-1)).toMatchObject({ records: expect.any(Number), durationMs: expect.any(Number) });
  expect(run.stdout.at(-1)).toBe("10 of 10 checks are complete.");
  expect(sandbox.graph.requests.filter(({ host }) => host === "login")).toHaveLength(2);
});

test.for(["/v1.0/domains", "/mailFolders\\?"])(
  "a list at %s that breaks off is named beside the rules",
  async (path) => {
    sandbox.graph.faults.push({
      on: new RegExp(`GET .*${path}`),
      fault: { kind: "next-link", url: "https://evil.example/next" },
    });
    const { row } = await sandbox.checkUser("megan@contoso.com");
    expect(row("inbox_rules")).toMatchObject({
      status: "ok",
      records: 4,
      reason: expect.stringContaining("leads to another host"),
    });
  },
);

test("names the sub-folders that rules move mail to", async () => {
  await sandbox.checkUser("megan@contoso.com");
  const { value } = await sandbox.readArtifact("mail-folders.json", List);
  const names = value.map(({ displayName }) => displayName);
  expect(names).toEqual(expect.arrayContaining(["Inbox", "RSS Feeds", "Newsletters", "Travel"]));
});

test("never has more than four requests to a mailbox under way, however many folders the rules name", async () => {
  await sandbox.close();
  sandbox = await openSandbox({ latencyMs: 20 });
  const upn = "megan@contoso.com";
  const names = Array.from({ length: 14 }, (_, index) => `Client ${index}`);
  const mailbox = sandbox.tenant().users.find(({ user }) => user.userPrincipalName === upn)?.mailbox;
  if (mailbox) {
    mailbox.folders = mailFolders(
      upn,
      names.map((name) => ({ name, inside: "Inbox" })),
    );
    mailbox.inboxRules = names.map((name, index) =>
      inboxRule(index, name, {
        conditions: { senderContains: [name] },
        actions: { moveToFolder: folderId(upn, name) },
      }),
    );
  }
  const run = await sandbox.checkUser(upn);
  expect(run.row("inbox_rules")).toMatchObject({ status: "ok", records: 14 });
  expect((await sandbox.readArtifact("mail-folders.json", List)).value).toHaveLength(23);
  expect(run.row("sent_items").status).toBe("ok");
  expect(sandbox.graph.requests.map(({ status }) => status)).not.toContain(429);
});

test("a rule whose folder was deleted is kept, and the gap is said", async () => {
  const rules = sandbox.tenant().users[0]?.mailbox?.inboxRules;
  rules?.push(
    inboxRule(9, "Old", { actions: { moveToFolder: folderId("adele@contoso.com", "Deleted long ago") } }),
  );
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("inbox_rules")).toMatchObject({
    status: "ok",
    records: 4,
    reason: expect.stringContaining("it may have been deleted"),
  });
});

test.each(["jane_fabrikam.com#EXT#@contoso.onmicrosoft.com", "m.o'neil@contoso.com"])(
  "finds %s, whose name must be encoded",
  async (upn) => {
    const run = await sandbox.checkUser(upn);
    expect(run.row("account_state").status).toBe("ok");
    expect(run.row("signins").status).toBe("ok");
    expect(sandbox.graph.violations).toEqual([]);
  },
);

test("what is not seen of a guest is said, and where to look", async () => {
  const run = await sandbox.checkUser("jane_fabrikam.com#EXT#@contoso.onmicrosoft.com");
  expect(run.row("account_state")).toMatchObject({
    status: "ok",
    reason: expect.stringContaining("a guest: its password, mailbox and sign-ins elsewhere"),
    how_to_fix: "Run the check in the home tenant, on jane@fabrikam.com.",
  });
  for (const check of ["inbox_rules", "sent_items", "deleted_items"] as const) {
    expect(run.row(check)).toMatchObject({
      status: "no_mailbox",
      reason: "The account is a guest: its mailbox is in its home tenant.",
      how_to_fix: "Run the check in the home tenant, on jane@fabrikam.com.",
    });
  }
});

test.each([
  ["behind", -3 * 3_600_000, "180 minutes behind"],
  ["ahead", 26 * 3_600_000, "1560 minutes ahead of"],
])("a clock that is %s is told by Microsoft's, which the window goes by", async (_where, skewMs, words) => {
  const run = await sandbox.checkUser("adele@contoso.com", { skewMs });
  const { value } = await sandbox.readArtifact("signins.json", List);
  expect(value).toHaveLength(25);
  for (const check of ["signins", "directory_audits", "sent_items", "deleted_items"] as const) {
    expect(run.row(check)).toMatchObject({
      status: "ok",
      truncated: false,
      reason: `This machine's clock is ${words} Microsoft's, whose time was used for the window.`,
      how_to_fix: expect.stringContaining("Set the clock"),
    });
  }
  expect(run.row("inbox_rules").reason).toBeUndefined();
});

test("a clock that is off by what Entra allows is not worth a word", async () => {
  const run = await sandbox.checkUser("adele@contoso.com", { skewMs: -4 * 60_000 });
  expect(run.row("signins")).toEqual({ check: "signins", status: "ok", records: 40, truncated: false });
});

test("names a hostile person chose are copied as they are, and printed nowhere", async () => {
  const run = await sandbox.checkUser("hostile@contoso.com");
  expect((await sandbox.readArtifact("inbox-rules.json", List)).value[0]).toMatchObject({
    displayName: "@everyone [click](https://evil.example)",
  });
  expect(run.row("inbox_rules")).toEqual({
    check: "inbox_rules",
    status: "ok",
    records: 4,
    truncated: false,
  });
  expect(run.stdout.join("\n")).not.toMatch(/everyone|evil/);
});

test("directory roles of an administrator are left as an artifact", async () => {
  await sandbox.checkUser("alex@contoso.com");
  expect(await sandbox.readArtifact("directory-roles.json", List)).toMatchObject({
    value: [{ displayName: "User Administrator", roleTemplateId: "fe930be7-5e62-47db-91af-98c3a49a38b1" }],
  });
});

interface RefusalCase {
  what: string;
  upn?: string;
  prepare?: (tenant: SandboxTenant) => void;
  fault?: { on: RegExp; fault: Fault; times?: number };
  check: CheckId;
  /** Checks that share the cause. */
  alike?: CheckId[];
  status: CoverageStatus;
  reason: RegExp;
  howToFix: RegExp;
}

function without(...roles: string[]) {
  return ({ app }: SandboxTenant) => {
    app.roles = app.roles.filter((role) => !roles.includes(role));
  };
}

const REFUSALS: RefusalCase[] = [
  {
    what: "a mailbox on premises",
    upn: "alex@contoso.com",
    check: "inbox_rules",
    alike: ["mailbox_forwarding", "sent_items", "deleted_items"],
    status: "no_mailbox",
    reason: /no mailbox that Graph can read/,
    howToFix: /on premises/,
  },
  {
    what: "an account that never had a mailbox",
    fault: {
      on: /messageRules/,
      fault: {
        kind: "status",
        status: 404,
        code: "ResourceNotFound",
        message: "Resource could not be discovered.",
      },
    },
    check: "inbox_rules",
    status: "no_mailbox",
    reason: /never had one/,
    howToFix: /on premises/,
  },
  {
    what: "a mailbox behind an application access policy",
    upn: "ceo@contoso.com",
    check: "inbox_rules",
    alike: ["sent_items", "deleted_items"],
    status: "no_permission",
    reason: /application access policy keeps the app out/,
    howToFix: /Get-ApplicationAccessPolicy/,
  },
  {
    what: "no permission for inbox rules",
    prepare: without("MailboxSettings.Read"),
    check: "inbox_rules",
    status: "no_permission",
    reason: /MailboxSettings\.Read is missing/,
    howToFix: /Grant the app the application permission MailboxSettings\.Read/,
  },
  {
    what: "no permission for the sign-in log",
    prepare: without("AuditLog.Read.All"),
    check: "signins",
    alike: ["directory_audits"],
    status: "no_permission",
    reason: /lacks the permission AuditLog\.Read\.All/,
    howToFix: /admin consent/,
  },
  {
    what: "an older form of that refusal",
    fault: {
      on: /signIns/,
      fault: { kind: "status", status: 403, code: "Authentication_ApplicationHasNoReadAuditLogDataAccess" },
      times: Number.POSITIVE_INFINITY,
    },
    check: "signins",
    status: "no_permission",
    reason: /AuditLog\.Read\.All/,
    howToFix: /admin consent/,
  },
  {
    what: "no permission for users",
    prepare: without("User.Read.All", "Directory.Read.All"),
    check: "account_state",
    alike: ["oauth_consents", "risk", "directory_audits"],
    status: "no_permission",
    reason: /User\.Read\.All/,
    howToFix: /admin consent/,
  },
  {
    what: "a tenant without premium",
    upn: "pat@fabrikam.com",
    check: "signins",
    alike: ["risk", "mailbox_forwarding"],
    status: "not_licensed",
    reason: /no Entra ID P1 licence/,
    howToFix: /Entra ID P1/,
  },
  {
    what: "a tenant without premium whose licences may not be read",
    upn: "pat@fabrikam.com",
    prepare: without("LicenseAssignment.Read.All", "Directory.Read.All"),
    check: "signins",
    alike: ["risk", "mailbox_forwarding", "oauth_consents"],
    status: "not_licensed",
    reason: /could not be read to confirm/,
    howToFix: /Entra ID P1/,
  },
  {
    what: "the premium error without end in a tenant that has premium",
    fault: { on: /signIns/, fault: { kind: "not-premium" }, times: Number.POSITIVE_INFINITY },
    check: "signins",
    status: "error",
    reason: /though it holds one/,
    howToFix: /Run it again/,
  },
  {
    what: "a feature that needs a licence, by its text alone",
    fault: {
      on: /signIns/,
      fault: {
        kind: "status",
        status: 403,
        code: "Forbidden",
        message: "Your tenant is not licensed for this feature.",
      },
      times: Number.POSITIVE_INFINITY,
    },
    check: "signins",
    status: "not_licensed",
    reason: /not licensed/,
    howToFix: /licence/,
  },
  {
    what: "a web page in place of JSON",
    fault: { on: /messageRules/, fault: { kind: "html" } },
    check: "inbox_rules",
    status: "error",
    reason: /something other than JSON/,
    howToFix: /proxy/,
  },
  {
    what: "an outage",
    fault: { on: /messageRules/, fault: { kind: "status", status: 503 }, times: Number.POSITIVE_INFINITY },
    check: "inbox_rules",
    status: "error",
    reason: /HTTP 503/,
    howToFix: /status\.cloud\.microsoft/,
  },
  {
    what: "connections that are cut",
    fault: { on: /messageRules/, fault: { kind: "reset" }, times: Number.POSITIVE_INFINITY },
    check: "inbox_rules",
    status: "error",
    reason: /could not be reached/,
    howToFix: /network/,
  },
  {
    what: "a redirect",
    fault: {
      on: /messageRules/,
      fault: { kind: "status", status: 307, headers: { location: "https://elsewhere.example/" } },
    },
    check: "inbox_rules",
    status: "error",
    reason: /redirect \(HTTP 307\)/,
    howToFix: /GRAPH_BASE_URL/,
  },
  {
    what: "throttling through the whole deadline",
    fault: { on: /signIns/, fault: { kind: "status", status: 429 }, times: Number.POSITIVE_INFINITY },
    check: "signins",
    status: "throttled",
    reason: /throttling/,
    howToFix: /Wait some minutes/,
  },
  {
    what: "a Retry-After beyond the deadline",
    fault: {
      on: /signIns/,
      fault: { kind: "status", status: 429, headers: { "retry-after": "3600" } },
      times: Number.POSITIVE_INFINITY,
    },
    check: "signins",
    status: "throttled",
    reason: /throttling/,
    howToFix: /Wait some minutes/,
  },
  {
    what: "a request that Graph does not like",
    fault: {
      on: /signIns/,
      fault: { kind: "status", status: 400, code: "BadRequest" },
      times: Number.POSITIVE_INFINITY,
    },
    check: "signins",
    status: "error",
    reason: /HTTP 400 \(BadRequest\)/,
    howToFix: /report it/,
  },
];

test.each(REFUSALS)("$what: $check is $status, and the other checks run", async (refusal) => {
  const { upn = "adele@contoso.com", prepare, fault, check, alike = [], status, reason, howToFix } = refusal;
  const domain = upn.split("@")[1];
  prepare?.(sandbox.tenant(domain));
  if (fault) sandbox.graph.faults.push(fault);

  const run = await sandbox.checkUser(upn);
  const { reason: said, how_to_fix: advice, ...row } = run.row(check);
  expect(row).toEqual({ check, status, records: 0, truncated: false });
  expect(said).toMatch(reason);
  expect(advice).toMatch(howToFix);
  expect(run.lines.findLast((line) => line.check === check)).toMatchObject({ state: "failed", reason: said });
  const others = run.coverage.filter((other) => other.status !== "ok").map((other) => other.check);
  expect(others.sort()).toEqual([check, ...alike].sort());
  expect(run.exitCode).toBe(0);
  expect(sandbox.graph.violations).toEqual([]);
});

test("an app without a single permission is told for each check which one it lacks", async () => {
  sandbox.tenant().app.roles = [];
  const run = await sandbox.checkUser("adele@contoso.com");
  const lacking: [CheckId, string][] = [
    ["inbox_rules", "MailboxSettings.Read"],
    ["mailbox_forwarding", "Exchange.ManageAsApp"],
    ["oauth_consents", "Directory.Read.All"],
    ["auth_methods", "UserAuthenticationMethod.Read.All"],
    ["signins", "AuditLog.Read.All"],
    // Both need the account's id, which only the account itself tells.
    ["risk", "User.Read.All"],
    ["directory_audits", "User.Read.All"],
    ["sent_items", "Mail.ReadBasic.All"],
    ["deleted_items", "Mail.ReadBasic.All"],
    ["account_state", "User.Read.All"],
  ];
  for (const [check, permission] of lacking) {
    expect(run.row(check)).toMatchObject({ status: "no_permission", records: 0 });
    expect(run.row(check).reason).toContain(permission);
    expect(run.row(check).how_to_fix).toMatch(
      new RegExp(`Grant the app the application permission ${permission}.+admin consent`),
    );
  }
  expect(run.exitCode).toBe(1);
  expect(sandbox.graph.violations).toEqual([]);
});

test.each<[CheckId, RegExp]>([
  ["inbox_rules", /messageRules/],
  ["mailbox_forwarding", /InvokeCommand/],
  ["oauth_consents", /oauth2PermissionGrants|appRoleAssignments/],
  ["auth_methods", /authentication\/methods/],
  ["signins", /signIns/],
  ["risk", /identityProtection/],
  ["directory_audits", /directoryAudits/],
  ["sent_items", /sentitems/],
  ["deleted_items", /deleteditems|recoverableitems/],
])(
  "%s is throttled through the whole deadline, answered by a proxy, or fails: its own line each time",
  async (check, on) => {
    const times = Number.POSITIVE_INFINITY;
    const faults: [Fault, CoverageStatus, RegExp, RegExp][] = [
      [{ kind: "status", status: 429 }, "throttled", /throttling/, /Wait some minutes/],
      [{ kind: "html", status: 200 }, "error", /other than JSON/, /proxy/],
      [{ kind: "status", status: 500 }, "error", /HTTP 500/, /status\.cloud\.microsoft/],
    ];
    for (const [fault, status, reason, howToFix] of faults) {
      sandbox.graph.faults.splice(0, Number.POSITIVE_INFINITY, { on, fault, times });
      const run = await sandbox.checkUser("adele@contoso.com");
      expect(run.row(check)).toMatchObject({ status, records: 0 });
      expect(run.row(check).reason).toMatch(reason);
      expect(run.row(check).how_to_fix).toMatch(howToFix);
      expect(run.coverage.filter((row) => row.status !== "ok").map((row) => row.check)).toEqual([check]);
    }
  },
);

interface LoginCase {
  what: string;
  prepare?: (tenant: SandboxTenant) => void;
  env?: Record<string, string>;
  fault?: Fault;
  times?: number;
  tenantId?: string;
  status: CoverageStatus;
  reason: RegExp;
  howToFix: RegExp;
}

const LOGIN_FAILURES: LoginCase[] = [
  {
    what: "a wrong secret",
    env: { M365_CLIENT_SECRET: "not-the-secret" },
    status: "error",
    reason: /AADSTS7000215/,
    howToFix: /M365_CLIENT_SECRET/,
  },
  {
    what: "an expired secret",
    prepare: ({ app }) => {
      app.secretExpired = true;
    },
    status: "error",
    reason: /expired \(AADSTS7000222\)/,
    howToFix: /new client secret/,
  },
  {
    what: "an app without consent",
    prepare: ({ app }) => {
      app.installed = false;
    },
    status: "no_permission",
    reason: /nobody has consented/,
    howToFix: /admin consent/,
  },
  {
    what: "a tenant that does not exist",
    tenantId: "00000000-1111-4222-8333-444455556666",
    status: "error",
    reason: /no such tenant/,
    howToFix: /typing errors/,
  },
  {
    what: "a refusal nobody has described yet",
    fault: { kind: "aadsts", code: 99999, message: "Something new." },
    status: "error",
    reason: /AADSTS99999: Something new\.$/,
    howToFix: /AADSTS number/,
  },
  {
    what: "a web page",
    fault: { kind: "html" },
    status: "error",
    reason: /sign-in service answered HTTP 200 with something other than JSON/,
    howToFix: /proxy/,
  },
  {
    what: "an outage",
    fault: { kind: "html", status: 502 },
    times: Number.POSITIVE_INFINITY,
    status: "error",
    reason: /HTTP 502/,
    howToFix: /outages/,
  },
  {
    what: "a redirect, which would carry the secret elsewhere",
    fault: { kind: "status", status: 307, headers: { location: "https://elsewhere.example/" } },
    status: "error",
    reason: /redirect/,
    howToFix: /LOGIN_BASE_URL/,
  },
  {
    what: "no connection",
    env: { LOGIN_BASE_URL: "http://127.0.0.1:1" },
    status: "error",
    reason: /could not be reached/,
    howToFix: /network/,
  },
];

test.each(LOGIN_FAILURES)("signing in with $what fails every check with that cause", async (failure) => {
  const { prepare, env = {}, fault, times = 1, tenantId, status, reason, howToFix } = failure;
  prepare?.(sandbox.tenant());
  if (fault) sandbox.graph.faults.push({ on: /\/token/, fault, times });

  const run = await sandbox.checkUser("adele@contoso.com", { env, ...(tenantId ? { tenantId } : {}) });
  expect(run.exitCode).toBe(1);
  expect(run.coverage.map((row) => row.check)).toEqual(CheckId.options);
  for (const row of run.coverage) {
    expect(row).toMatchObject({ status, records: 0, reason: expect.stringMatching(reason) });
    expect(row.how_to_fix).toMatch(howToFix);
  }
  expect(run.stderr.join("\n")).toMatch(reason);
  expect(sandbox.graph.requests.filter(({ host }) => host === "graph")).toEqual([]);
});

test("an unknown user is the cause that every check names, and nothing is left of them", async () => {
  const run = await sandbox.checkUser("nobody@contoso.com");
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toEqual(["There is no such account in this tenant."]);
  for (const row of run.coverage) {
    expect(row).toMatchObject({ status: "error", records: 0 });
    expect(row.reason).toMatch(/There is no such account in this tenant\.$/);
  }
  expect(await sandbox.artifactNames()).toEqual(["coverage.json", "domains.json"]);
});

test("an account that may not be read is looked for by sign-in name, and the coverage says so", async () => {
  without("User.Read.All", "Directory.Read.All")(sandbox.tenant());
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({
    status: "ok",
    records: 40,
    reason: expect.stringContaining("Searched by sign-in name"),
  });
  expect(run.row("inbox_rules")).toMatchObject({ status: "ok", records: 3 });
});

test("roles that may not be read leave the state of the account, and a gap", async () => {
  sandbox.graph.faults.push({ on: /memberOf/, fault: { kind: "status", status: 403 } });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("account_state")).toMatchObject({
    status: "ok",
    records: 1,
    truncated: true,
    reason: expect.stringContaining("admin roles could not be read"),
  });
});

test("the premium error that comes and goes is not taken for a missing licence", async () => {
  sandbox.graph.faults.push({ on: /signIns/, fault: { kind: "not-premium" }, times: 2 });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({ status: "ok", records: 40 });
});

test("waits out Retry-After, and not a second less", async () => {
  sandbox.graph.faults.push({
    on: /signIns/,
    times: 2,
    fault: { kind: "status", status: 429, headers: { "retry-after": "17" } },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins").status).toBe("ok");
  expect(run.waits.filter((ms) => ms >= 17_000)).toHaveLength(2);
  expect(sandbox.graph.violations).toEqual([]);
});

test("backs off longer each time when a 429 names no time", async () => {
  sandbox.graph.faults.push({ on: /signIns/, times: 4, fault: { kind: "status", status: 429 } });
  // Alone: the waits of other checks turn the same clock, and what they take is missing from these.
  const run = await sandbox.checkUser("adele@contoso.com", { checks: [signIns] });
  expect(run.row("signins").status).toBe("ok");
  const [first = 0, second = 0, third = 0, fourth = 0] = run.waits;
  for (const [wait, ceiling] of [
    [first, 1000],
    [second, 2000],
    [third, 4000],
    [fourth, 8000],
  ] as const) {
    expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
    expect(wait).toBeLessThanOrEqual(ceiling);
  }
});

test("a busy log is read within five requests in ten seconds", async () => {
  await sandbox.close();
  sandbox = await openSandbox({ pageSize: 3 });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({ status: "ok", records: 40, truncated: false });
  expect(sandbox.graph.requests.filter(({ url }) => url.includes("signIns"))).toHaveLength(9 + 5);
  expect(sandbox.graph.requests.map(({ status }) => status)).not.toContain(429);
});

test("throttling by somebody else's requests is waited out", async () => {
  await sandbox.checkUser("adele@contoso.com");
  await sandbox.checkUser("adele@contoso.com");
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({ status: "ok", records: 40 });
  expect(sandbox.graph.requests.map(({ status }) => status)).toContain(429);
  expect(sandbox.graph.violations).toEqual([]);
});

test.each(["http://", "https://"])(
  "a next page on another host (%s) is not asked for, and what came before is kept",
  async (scheme) => {
    const visits: string[] = [];
    const elsewhere = createServer((request, response) => {
      visits.push(request.url ?? "");
      response.end(JSON.stringify({ value: [] }));
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const address = elsewhere.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const url =
      scheme === "http://"
        ? `http://127.0.0.1:${port}/v1.0/auditLogs/signIns`
        : "https://graph.microsoft.com.evil.example/x";
    sandbox.graph.faults.push({ on: /signIns/, fault: { kind: "next-link", url } });

    const run = await sandbox.checkUser("adele@contoso.com");
    elsewhere.close();
    expect(visits).toEqual([]);
    expect(run.row("signins")).toMatchObject({
      status: "error",
      records: 20 + 15,
      truncated: true,
      reason: expect.stringContaining("another host"),
    });
    expect((await sandbox.readArtifact("signins.json", List)).value).toHaveLength(20);
    expect(run.exitCode).toBe(0);
  },
);

test("a page that names itself as the next one does not loop", async () => {
  const id = sandbox.tenant().users[0]?.user.id;
  const since = new Date(NOW - 7 * 86_400_000).toISOString();
  const filter = encodeURIComponent(`userId eq '${id}' and createdDateTime ge ${since}`);
  const url = `${sandbox.graph.graphUrl}/v1.0/auditLogs/signIns?$filter=${filter}`;
  sandbox.graph.faults.push({
    on: /signIns/,
    fault: { kind: "next-link", url },
    times: Number.POSITIVE_INFINITY,
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({
    status: "error",
    reason: expect.stringContaining("own next page"),
  });
});

test("a log of more pages than the cap is read up to there, and marked as truncated", async () => {
  await sandbox.close();
  sandbox = await openSandbox({ pageSize: 1 });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({
    status: "ok",
    records: 20 + 15,
    truncated: true,
    reason: "Only the newest 20 interactive sign-ins were read; the window holds more.",
  });
});

test("a run whose time is over keeps the pages it has", async () => {
  sandbox.graph.faults.push({
    on: /signIns.*skiptoken/,
    fault: { kind: "status", status: 429, headers: { "retry-after": "3600" } },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("signins")).toMatchObject({ status: "throttled", records: 20, truncated: true });
  expect((await sandbox.readArtifact("signins.json", List)).value).toHaveLength(20);
});

test("a Graph that accepts and never answers ends in a timeout of that check", async () => {
  sandbox.graph.faults.push({ on: /messageRules/, times: Number.POSITIVE_INFINITY, fault: { kind: "hang" } });
  const run = await sandbox.checkUser("adele@contoso.com", { answerTimeoutMs: 400 });
  expect(run.row("inbox_rules")).toMatchObject({
    status: "timeout",
    reason: expect.stringContaining("did not answer in time"),
  });
  expect(run.row("signins").status).toBe("ok");
});

test("a run that is stopped writes down that it was", async () => {
  const stopper = new AbortController();
  sandbox.graph.faults.push({ on: /messageRules|signIns/, times: 2, fault: { kind: "hang" } });
  const running = sandbox.checkUser("adele@contoso.com", { signal: stopper.signal });
  await expect
    .poll(() => sandbox.graph.requests.filter(({ url }) => /messageRules|signIns/.test(url)))
    .toHaveLength(2);
  stopper.abort();
  const run = await running;
  expect(run.row("inbox_rules")).toMatchObject({
    status: "skipped",
    reason: expect.stringContaining("stopped"),
  });
  expect(run.row("signins").status).toBe("skipped");
});

test("a check that breaks by itself costs its own row only", async () => {
  const broken = {
    id: "inbox_rules" as const,
    run: async () => {
      throw new TypeError(`no ${sandbox.env.M365_CLIENT_SECRET} here`);
    },
  };
  const run = await sandbox.checkUser("adele@contoso.com", { checks: [broken, signIns] });
  expect(run.row("inbox_rules")).toMatchObject({
    status: "error",
    reason: "The check itself failed: no [redacted] here",
  });
  expect(run.row("signins").status).toBe("ok");
});

test("the tier's own app wins over the common one", async () => {
  const run = await sandbox.checkUser("adele@contoso.com", {
    env: {
      M365_CLIENT_ID: "0bd9d2a5-1111-4222-8333-444455556666",
      M365_CLIENT_SECRET: "common",
      M365_INVESTIGATOR_CLIENT_ID: sandbox.graph.clientId,
      M365_INVESTIGATOR_CLIENT_SECRET: sandbox.graph.clientSecret,
    },
  });
  expect(run.exitCode).toBe(0);
});

test("an artifact folder that cannot be used is said before anything is asked", async () => {
  const file = join(sandbox.artifactsFolder, "a-file");
  await writeFile(file, "");
  const run = await sandbox.checkUser("adele@contoso.com", { env: { REMEDIATION_ARTIFACTS: file } });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toEqual([expect.stringContaining("Expected REMEDIATION_ARTIFACTS to be a folder")]);
  expect(sandbox.graph.requests).toEqual([]);
});

test("a link in place of the tenant's folder is not written through", async () => {
  const elsewhere = join(sandbox.artifactsFolder, "elsewhere");
  await mkdir(elsewhere);
  await symlink(elsewhere, join(sandbox.artifactsFolder, sandbox.tenant().id), "junction");
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.exitCode).toBe(1);
  expect(await readdir(elsewhere)).toEqual([]);
});
