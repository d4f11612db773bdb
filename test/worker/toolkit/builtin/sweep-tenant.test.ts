import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { SweepCheckId } from "../../../../worker/findings/findings.ts";
import { SignInGroups } from "../../../../worker/findings/sweep/sign-in-groups.ts";
import { signInFlood } from "../../../sandbox/tenants/sign-in-flood.ts";
import { NOW, openSandbox, type Sandbox } from "./sandbox-run.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox({ pageSize: 1_000 });
});
afterEach(async () => {
  const { violations } = sandbox.graph;
  await sandbox.close();
  expect(violations).toEqual([]);
});

const Collection = z.object({ "@odata.context": z.string(), value: z.array(z.looseObject({})) });

/** A tenant whose day has that many sign-ins, in pages of a thousand. */
function flood(count: number): void {
  sandbox.tenant("northwind.com").activity.flood = signInFlood(NOW, count);
}

test("every check of a sweep has its row, and what it saw lies beside it in Graph's own shape", async () => {
  const { exitCode, coverage, row } = await sandbox.sweep("contoso.com");
  expect(exitCode).toBe(0);
  expect(coverage.map(({ check }) => check).sort()).toEqual([...SweepCheckId.options].sort());
  expect(row("signins")).toMatchObject({ status: "ok", truncated: false });
  expect(await sandbox.artifactNames()).toEqual([
    "consented-apps.json",
    "coverage.json",
    "directory-audits.json",
    "known-apps.json",
    "new-users.json",
    "organization.json",
    "risky-users.json",
    "role-assignments.json",
    "service-principals.json",
    "sign-in-groups.json",
    "signins-sample.json",
    "tenant-grants.json",
  ]);
  const groups = await sandbox.readArtifact("sign-in-groups.json", SignInGroups);
  expect(groups.counts.non_interactive).toBeGreaterThan(3);
  expect(groups.networks[0]).toMatchObject({ network: "192.0.2.150", tried_users: 25 });
  const audits = await sandbox.readArtifact("directory-audits.json", Collection);
  expect(audits.value.map(({ activityDisplayName }) => activityDisplayName)).not.toContain("Update user");
});

test("only the last day of sign-ins is read, or what --hours says", async () => {
  const day = await sandbox.sweep("contoso.com");
  const hour = await sandbox.sweep("contoso.com", { args: ["--hours", "1"] });
  expect(hour.row("signins").records).toBeLessThan(day.row("signins").records);
});

test("progress has a line for each check with its state, count and seconds, and counts while it reads", async () => {
  flood(3_000);
  const { lines } = await sandbox.sweep("northwind.com");
  const signIns = lines.filter(({ check }) => check === "signins");
  expect(signIns.map(({ state }) => state)).toEqual([
    "waiting",
    "running",
    "running",
    "running",
    "running",
    "running",
    "ok",
  ]);
  expect(signIns.at(-1)).toMatchObject({ records: 3_000, durationMs: expect.any(Number) });
  expect(signIns.flatMap(({ records }) => records ?? [])).toEqual(
    signIns.flatMap(({ records }) => records ?? []).toSorted((a, b) => a - b),
  );
});

test("the groups of thousands of sign-ins stay small, and a few of the telling ones are kept", async () => {
  flood(6_000);
  const { row } = await sandbox.sweep("northwind.com", { limits: { reportsRestMs: 0 } });
  expect(row("signins").records).toBeGreaterThan(0);
  const groups = await sandbox.readArtifact(
    "sign-in-groups.json",
    SignInGroups,
    sandbox.tenant("northwind.com").id,
  );
  const sample = await sandbox.readArtifact(
    "signins-sample.json",
    Collection,
    sandbox.tenant("northwind.com").id,
  );
  expect(groups.networks.length).toBeLessThanOrEqual(300);
  expect(sample.value.length).toBeLessThanOrEqual(1_300);
});

test("beyond the limit of pages the newest were read, and the row says since when", async () => {
  flood(9_000);
  const { exitCode, row } = await sandbox.sweep("northwind.com", { args: ["--pages", "2"] });
  expect(exitCode).toBe(0);
  expect(row("signins")).toMatchObject({
    status: "ok",
    truncated: true,
    records: 4_000,
    reason: expect.stringMatching(
      /interactive sign-ins only those since 2026-11-2\d \d\d:\d\d UTC were read, 2000/,
    ),
  });
});

test("at the deadline what was seen is written down, with since when", async () => {
  flood(20_000);
  const { exitCode, row } = await sandbox.sweep("northwind.com", { deadlineMs: 25_000 });
  expect(exitCode).toBe(0);
  expect(row("signins")).toMatchObject({ status: "ok", truncated: true });
  expect(row("signins").reason).toMatch(/only those since .+ were read/);
  expect(row("directory_audits")).toMatchObject({ status: "ok", truncated: false });
  const groups = await sandbox.readArtifact(
    "sign-in-groups.json",
    SignInGroups,
    sandbox.tenant("northwind.com").id,
  );
  expect(groups.counts.total).toBe(row("signins").records);
});

test("a free tenant has no sign-in log and no risk, and each row says how to fix that", async () => {
  const { exitCode, row } = await sandbox.sweep("fabrikam.com");
  expect(exitCode).toBe(0);
  expect(row("signins")).toMatchObject({
    status: "not_licensed",
    how_to_fix: expect.stringContaining("Entra ID P1"),
  });
  expect(row("risk")).toMatchObject({ status: "not_licensed" });
  expect(row("directory_audits")).toMatchObject({ status: "ok" });
});

test("P1 gives sign-ins and no risk", async () => {
  const { row } = await sandbox.sweep("northwind.com");
  expect(row("signins").status).toBe("ok");
  expect(row("risk").status).toBe("not_licensed");
});

test.for<[permission: string, check: SweepCheckId]>([
  ["IdentityRiskyUser.Read.All", "risk"],
  ["AuditLog.Read.All", "directory_audits"],
  ["AuditLog.Read.All", "signins"],
])("without %s only %s is missing, and its row names the permission", async ([permission, check]) => {
  const { app } = sandbox.tenant();
  app.roles = app.roles.filter((role) => role !== permission);
  const { row } = await sandbox.sweep("contoso.com");
  expect(row(check)).toMatchObject({
    status: "no_permission",
    how_to_fix: expect.stringContaining(permission),
  });
  expect(row("known_apps").status).toBe("ok");
});

test("an app without a consent in the tenant sees nothing, and every row says why", async () => {
  sandbox.tenant().app.installed = false;
  const { exitCode, coverage } = await sandbox.sweep("contoso.com");
  expect(exitCode).toBe(1);
  expect(coverage).toHaveLength(SweepCheckId.options.length);
  expect(coverage.every(({ status }) => status === "no_permission")).toBe(true);
});

test("non-interactive sign-ins that fail cost a note and not the interactive ones", async () => {
  sandbox.graph.faults.push({
    on: /nonInteractiveUser/,
    fault: { kind: "status", status: 400, code: "BadRequest" },
  });
  const { row } = await sandbox.sweep("contoso.com");
  expect(row("signins")).toMatchObject({
    status: "ok",
    truncated: true,
    reason: expect.stringContaining("No non-interactive sign-ins could be read."),
  });
});

test("a next page on another host is not followed", async () => {
  sandbox.graph.faults.push({
    on: /signIns.+interactiveUser/,
    fault: { kind: "next-link", url: "https://evil.example/beta/auditLogs/signIns" },
  });
  const { row } = await sandbox.sweep("contoso.com");
  expect(row("signins")).toMatchObject({ truncated: true, reason: expect.stringContaining("another host") });
});

test("known-abused apps are asked for in as few requests as Graph allows", async () => {
  await sandbox.sweep("contoso.com");
  const asked = sandbox.graph.requests.filter(({ url }) => url.includes("appId%20in"));
  expect(asked).toHaveLength(1);
});

test.for([[["contoso.com"]], [["--hours", "0"]], [["--hours", "x"]], [["--verbose"]]])(
  "%j after the tenant id is wrong usage",
  async ([args]) => {
    expect(await sandbox.sweep("contoso.com", { args: args ?? [] })).toMatchObject({
      exitCode: 2,
      stdout: [],
    });
  },
);
