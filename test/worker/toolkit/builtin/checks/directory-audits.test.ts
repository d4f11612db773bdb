import { afterEach, beforeEach, expect, test } from "vitest";
import { audit, userTarget } from "../../../../sandbox/tenants/audits.ts";
import { account } from "../../../../sandbox/tenants/tenant.ts";
import { NOW, openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const DAY_MS = 86_400_000;
const MEGAN = account("megan@contoso.com", "Megan Bowen");

async function activities(name: string): Promise<unknown[]> {
  const { value } = await sandbox.readArtifact(name, List);
  return value.map(({ activityDisplayName }) => activityDisplayName);
}

test("what was done to the account and what the account did are two lists", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(await activities("directory-audits-of-account.json")).toEqual([
    "User registered security info",
    "Update user",
    "Change user license",
  ]);
  expect(await activities("directory-audits-by-account.json")).toEqual([
    "User registered security info",
    "Consent to application",
    "Add delegated permission grant",
    "Add service principal",
  ]);
  // The registration is in both, and counts once.
  expect(run.row("directory_audits")).toEqual({
    check: "directory_audits",
    status: "ok",
    records: 6,
    truncated: false,
  });
});

test("an administrator's work on others is in the second list alone", async () => {
  await sandbox.checkUser("alex@contoso.com");
  expect(await activities("directory-audits-of-account.json")).toEqual([]);
  expect(await activities("directory-audits-by-account.json")).toEqual(["Reset user password"]);
});

test("what lies before the window is not asked for", async () => {
  const before = sandbox.tenant().directoryAudits.length;
  sandbox.tenant().directoryAudits.push(
    audit({
      atMs: NOW - 8 * DAY_MS,
      activity: "Disable account",
      category: "UserManagement",
      by: { account: MEGAN, ip: "203.0.113.10" },
      targets: [userTarget(MEGAN)],
    }),
  );
  expect(sandbox.tenant().directoryAudits).toHaveLength(before + 1);
  const run = await sandbox.checkUser("megan@contoso.com");
  expect(run.row("directory_audits").records).toBe(4);
  expect(await activities("directory-audits-of-account.json")).not.toContain("Disable account");
});

test("one list that fails costs the other nothing", async () => {
  sandbox.graph.faults.push({
    on: /directoryAudits.*targetResources/,
    fault: { kind: "status", status: 400, code: "BadRequest" },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("directory_audits")).toMatchObject({
    status: "error",
    records: 4,
    truncated: true,
    reason: expect.stringContaining("The changes of the account could not be read."),
  });
});

test("it needs no premium", async () => {
  const run = await sandbox.checkUser("pat@fabrikam.com");
  expect(run.row("directory_audits")).toMatchObject({ status: "ok", records: 2 });
});
