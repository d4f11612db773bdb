import { afterEach, beforeEach, expect, test } from "vitest";
import type { ScriptedFault } from "../../../../sandbox/graph/faults.ts";
import type { SandboxTenant } from "../../../../sandbox/tenants/tenant.ts";
import { openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

test("the mailbox's own forwarding is left in Exchange's words, and no more of the mailbox than that", async () => {
  await sandbox.checkUser("adele@contoso.com");
  const { value } = await sandbox.readArtifact("exchange-mailbox.json", List);
  expect(value).toEqual([
    {
      ExternalDirectoryObjectId: sandbox.tenant().users[0]?.user.id,
      UserPrincipalName: "adele@contoso.com",
      PrimarySmtpAddress: "adele@contoso.com",
      RecipientTypeDetails: "UserMailbox",
      ForwardingSmtpAddress: "smtp:adele.v@mail-archive.example",
      ForwardingAddress: null,
      DeliverToMailboxAndForward: false,
      HiddenFromAddressListsEnabled: false,
      GrantSendOnBehalfTo: [],
    },
  ]);
});

test("of the inbox rules only those are left that Outlook does not show", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  const { value } = await sandbox.readArtifact("exchange-hidden-rules.json", List);
  expect(value.map(({ Name }) => Name)).toEqual(["Junk E-Mail Rule", ""]);
  expect(value[1]).toMatchObject({ DeleteMessage: true, RuleIdentity: expect.stringMatching(/^\d+$/) });
  expect(run.row("mailbox_forwarding")).toMatchObject({ status: "ok", records: 3 });
});

test("a mailbox without hidden rules leaves no list of them", async () => {
  const mailbox = sandbox.tenant().users[0]?.mailbox;
  if (mailbox) mailbox.hiddenRules = [];
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("mailbox_forwarding")).toMatchObject({ status: "ok", records: 1 });
  expect(await sandbox.artifactNames()).not.toContain("exchange-hidden-rules.json");
});

test("a token for Graph is no token for Exchange, which gets one of its own", async () => {
  await sandbox.checkUser("adele@contoso.com");
  const exchange = sandbox.graph.requests.filter(({ host }) => host === "exchange");
  expect(exchange.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(sandbox.graph.requests.filter(({ url }) => url.endsWith("/token"))).toHaveLength(2);
});

interface Case {
  what: string;
  prepare?: (tenant: SandboxTenant) => void;
  fault?: ScriptedFault;
  upn?: string;
  status: string;
  state: string;
  reason: RegExp;
  howToFix: RegExp;
}

const CASES: Case[] = [
  {
    what: "Exchange.ManageAsApp is not granted",
    prepare: ({ app }) => {
      app.roles = app.roles.filter((role) => role !== "Exchange.ManageAsApp");
    },
    status: "no_permission",
    state: "skipped",
    reason: /^Optional check: .+ the permission Exchange\.ManageAsApp is missing\.$/,
    howToFix: /Exchange\.ManageAsApp .+ admin consent .+ Global Reader/,
  },
  {
    what: "the app has no role in Exchange",
    prepare: ({ app }) => {
      app.exchangeRole = false;
    },
    status: "no_permission",
    state: "skipped",
    reason: /^Optional check: .+ it has no role there/,
    howToFix: /Global Reader/,
  },
  {
    what: "the tenant has no Exchange Online",
    fault: { on: /\/token/, after: 1, fault: { kind: "aadsts", code: 500011 } },
    status: "no_permission",
    state: "skipped",
    reason: /does not have the service/,
    howToFix: /nothing to see/,
  },
  {
    what: "the mailbox is on premises",
    upn: "alex@contoso.com",
    status: "no_mailbox",
    state: "failed",
    reason: /holds no mailbox .+ synchronised from on premises/,
    howToFix: /on premises, look at its forwarding/,
  },
  {
    what: "the account is a guest",
    upn: "jane_fabrikam.com#EXT#@contoso.onmicrosoft.com",
    status: "no_mailbox",
    state: "failed",
    reason: /a guest: its mailbox is in its home tenant/,
    howToFix: /jane@fabrikam\.com/,
  },
  {
    what: "the sign-in service answers with a web page",
    fault: { on: /\/token/, after: 1, fault: { kind: "html" } },
    status: "error",
    state: "failed",
    reason: /sign-in service answered HTTP 200 with something other than JSON/,
    howToFix: /proxy/,
  },
  {
    what: "the secret expired meanwhile",
    fault: { on: /\/token/, after: 1, fault: { kind: "aadsts", code: 7000222 } },
    status: "error",
    state: "failed",
    reason: /expired/,
    howToFix: /new client secret/,
  },
  {
    what: "Exchange answers with a web page",
    fault: { on: /InvokeCommand/, fault: { kind: "html" }, times: Number.POSITIVE_INFINITY },
    status: "error",
    state: "failed",
    reason: /Exchange Online answered HTTP 200 with something other than JSON/,
    howToFix: /proxy/,
  },
  {
    what: "Exchange says something new",
    fault: {
      on: /InvokeCommand/,
      fault: { kind: "status", status: 418, code: "Teapot" },
      times: Number.POSITIVE_INFINITY,
    },
    status: "error",
    state: "failed",
    reason: /Exchange refused Get-Mailbox with HTTP 418/,
    howToFix: /Exchange admin center/,
  },
];

test.each(CASES)("$what: that line says so, and no other check is touched", async (row) => {
  const { prepare, fault, upn = "adele@contoso.com", status, state, reason, howToFix } = row;
  prepare?.(sandbox.tenant());
  if (fault) sandbox.graph.faults.push({ ...fault });
  const run = await sandbox.checkUser(upn);
  expect(run.row("mailbox_forwarding")).toMatchObject({ status, records: 0, truncated: false });
  expect(run.row("mailbox_forwarding").reason).toMatch(reason);
  expect(run.row("mailbox_forwarding").how_to_fix).toMatch(howToFix);
  expect(run.lines.findLast(({ check }) => check === "mailbox_forwarding")).toMatchObject({ state });
  expect(run.row("account_state").status).toBe("ok");
  expect(run.row("signins").status).toBe("ok");
  expect(run.exitCode).toBe(0);
  expect(sandbox.graph.violations).toEqual([]);
});

test("a next page on another host gets no token", async () => {
  sandbox.graph.faults.push({
    on: /InvokeCommand/,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: "next-link", url: "https://outlook.office365.com.evil.example/x" },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("mailbox_forwarding")).toMatchObject({
    status: "error",
    truncated: true,
    reason: expect.stringContaining("another host than Exchange Online"),
  });
});
