import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { SandboxTenant } from "../../../../sandbox/tenants/tenant.ts";
import { openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const asked = () => sandbox.graph.requests.filter(({ url }) => url.includes("identityProtection"));

test("an account at risk is left with its detections", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(await sandbox.readArtifact("risky-user.json", z.looseObject({}))).toMatchObject({
    "@odata.context": expect.stringMatching(/#identityProtection\/riskyUsers\/\$entity$/),
    riskLevel: "high",
    riskState: "atRisk",
  });
  const { value } = await sandbox.readArtifact("risk-detections.json", List);
  expect(value.map(({ riskEventType }) => riskEventType)).toEqual([
    "unlikelyTravel",
    "suspiciousInboxForwarding",
  ]);
  expect(run.row("risk")).toEqual({ check: "risk", status: "ok", records: 3, truncated: false });
});

test("an account that was never at risk is not in the list, and that is an answer", async () => {
  const run = await sandbox.checkUser("megan@contoso.com");
  expect(run.row("risk")).toEqual({ check: "risk", status: "ok", records: 0, truncated: false });
  expect(await sandbox.artifactNames()).not.toContain("risky-user.json");
});

test("a state of risk that did not exist yesterday is left like any other", async () => {
  Object.assign(sandbox.tenant().users[0]?.risk ?? {}, { riskState: "underReview", riskDetail: "new" });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("risk").status).toBe("ok");
  expect(await sandbox.readArtifact("risky-user.json", z.looseObject({}))).toMatchObject({
    riskState: "underReview",
  });
});

test("the two requests are a second apart", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(asked().map(({ status }) => status)).toEqual([200, 200]);
  expect(run.waits).toEqual([1000]);
});

test("a 429 that names no time is answered with more and more patience", async () => {
  sandbox.graph.faults.push({ on: /riskyUsers/, times: 4, fault: { kind: "status", status: 429 } });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("risk").status).toBe("ok");
  // Never before a second is over, then after two and four, and a second again before the detections.
  expect(run.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(1000 + 1000 + 2000 + 4000 + 1000);
});

const LICENCES = [
  ["P1", "nancy@northwind.com"],
  ["no premium", "pat@fabrikam.com"],
] as const;

test.each(LICENCES)(
  "a tenant with %s has no identity protection, and is asked once",
  async (_licence, upn) => {
    const run = await sandbox.checkUser(upn);
    expect(run.row("risk")).toMatchObject({
      status: "not_licensed",
      records: 0,
      reason: "The tenant is not licensed for this feature, which needs Entra ID P2.",
      how_to_fix: "Buy Entra ID P2, or do without this check.",
    });
    expect(asked()).toHaveLength(1);
  },
);

const without =
  (...roles: string[]) =>
  ({ app }: SandboxTenant) => {
    app.roles = app.roles.filter((role) => !roles.includes(role));
  };

test.each([
  ["IdentityRiskyUser.Read.All", "account's state of risk", 2],
  ["IdentityRiskEvent.Read.All", "risk detections", 1],
])("without %s the other part is read all the same", async (permission, noun, records) => {
  without(permission)(sandbox.tenant());
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("risk")).toMatchObject({
    status: "no_permission",
    records,
    truncated: true,
    reason: `The ${noun} could not be read. The app lacks the permission ${permission}.`,
  });
});

test("without both permissions both are named", async () => {
  without("IdentityRiskyUser.Read.All", "IdentityRiskEvent.Read.All")(sandbox.tenant());
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("risk")).toMatchObject({ status: "no_permission", records: 0 });
  expect(run.row("risk").reason).toMatch(/IdentityRiskyUser\.Read\.All.+IdentityRiskEvent\.Read\.All/);
});

test("a refusal in words that nobody knows is held against the tenant's licences", async () => {
  sandbox.graph.faults.push({
    on: /identityProtection/,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: "status", status: 403, code: "Forbidden", message: "Something new." },
  });
  const unlicensed = await sandbox.checkUser("nancy@northwind.com");
  expect(unlicensed.row("risk")).toMatchObject({
    status: "not_licensed",
    reason: expect.stringContaining("holds no Entra ID P2 licence"),
  });
  const licensed = await sandbox.checkUser("adele@contoso.com");
  expect(licensed.row("risk").status).toBe("no_permission");
});
