import { afterEach, beforeEach, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const FOLDERS = [
  ["sent-items.json", "sentitems", "sentDateTime"],
  ["deleted-items.json", "deleteditems", "receivedDateTime"],
  ["recoverable-items.json", "recoverableitemsdeletions", "receivedDateTime"],
] as const;

test.each(FOLDERS)(
  "%s says of which folder it is, and holds the window's mails, newest first",
  async (name, folder, time) => {
    await sandbox.checkUser("adele@contoso.com");
    const { "@odata.context": context, value } = await sandbox.readArtifact(name, List);
    expect(context).toContain(`/mailFolders('${folder}')/messages(`);
    const times = value.map((row) => String(row[time]));
    expect(times).toEqual([...times].sort().reverse());
    expect(times.every((at) => at >= "2026-11-15T09:00:00Z")).toBe(true);
  },
);

test("headers are asked for and nothing else, so that no text of a mail is ever here", async () => {
  await sandbox.checkUser("adele@contoso.com");
  const asked = sandbox.graph.requests.filter(({ url }) => url.includes("/messages"));
  for (const { url } of asked.filter(({ url }) => !url.includes("skiptoken"))) {
    expect(new URL(url, sandbox.graph.graphUrl).searchParams.get("$select")).toMatch(/^subject,sender,/);
    expect(url).not.toMatch(/body/i);
  }
  const { value } = await sandbox.readArtifact("sent-items.json", List);
  expect(Object.keys(value[0] ?? {}).sort()).toEqual([
    "bccRecipients",
    "ccRecipients",
    "hasAttachments",
    "id",
    "internetMessageId",
    "sender",
    "sentDateTime",
    "subject",
    "toRecipients",
  ]);
});

test("all pages of a burst are read", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  const { value } = await sandbox.readArtifact("sent-items.json", List);
  const subjects = value.filter(({ subject }) => subject === "Updated remittance details for invoice 40817");
  expect(subjects).toHaveLength(46);
  expect(run.row("sent_items")).toEqual({ check: "sent_items", status: "ok", records: 57, truncated: false });
});

test("mail without end is read up to a cap, and the rest is named", async () => {
  await sandbox.close();
  sandbox = await openSandbox({ pageSize: 3 });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("sent_items")).toMatchObject({
    status: "ok",
    records: 30,
    truncated: true,
    reason: "Only the newest 30 sent mails were read; the window holds more.",
    how_to_fix: expect.stringContaining("message trace"),
  });
});

test("warnings that were deleted for good are among the recoverable ones", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  const { value } = await sandbox.readArtifact("recoverable-items.json", List);
  expect(value.map(({ subject }) => subject)).toEqual([
    "Authenticator app was added to your account",
    "Your security info was updated: new MFA method added",
    "Unusual sign-in activity: verification code",
    "Last chance: 20 % off",
  ]);
  expect(run.row("deleted_items")).toMatchObject({ status: "ok", records: 17 });
});

test("one folder that cannot be read costs the other nothing", async () => {
  sandbox.graph.faults.push({
    on: /recoverableitemsdeletions/,
    fault: { kind: "status", status: 404, code: "ErrorItemNotFound" },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("deleted_items")).toMatchObject({
    status: "error",
    records: 13,
    truncated: true,
    reason: expect.stringContaining("The mails deleted for good could not be read."),
  });
});

test("without Mail.ReadBasic.All both checks name it, and inbox rules are still read", async () => {
  const { app } = sandbox.tenant();
  app.roles = app.roles.filter((role) => role !== "Mail.ReadBasic.All");
  const run = await sandbox.checkUser("adele@contoso.com");
  for (const check of ["sent_items", "deleted_items"] as const) {
    expect(run.row(check)).toMatchObject({ status: "no_permission", records: 0 });
    expect(run.row(check).reason).toContain("Mail.ReadBasic.All is missing");
    expect(run.row(check).how_to_fix).toContain("Mail.ReadBasic.All");
  }
  expect(run.row("inbox_rules")).toMatchObject({ status: "ok", records: 3 });
});
