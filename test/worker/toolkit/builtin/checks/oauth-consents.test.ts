import { afterEach, beforeEach, expect, test } from "vitest";
import { servicePrincipal, userConsent } from "../../../../sandbox/tenants/apps.ts";
import { account } from "../../../../sandbox/tenants/tenant.ts";
import { NOW, openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const asked = () => sandbox.graph.requests.filter(({ url }) => url.includes("/servicePrincipals"));

test("consents, assignments and the apps behind them are left as Graph returned them", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  const adele = sandbox.tenant().users[0];
  const grants = await sandbox.readArtifact("oauth2-permission-grants.json", List);
  const assignments = await sandbox.readArtifact("app-role-assignments.json", List);
  const apps = await sandbox.readArtifact("service-principals.json", List);
  expect(grants.value).toEqual(adele?.grants);
  expect(grants["@odata.context"]).toMatch(/#oauth2PermissionGrants$/);
  expect(assignments.value).toEqual(adele?.appRoleAssignments);
  expect(assignments["@odata.context"]).toMatch(/#appRoleAssignments$/);
  expect(apps["@odata.context"]).toMatch(/#servicePrincipals\(id,appId,/);
  expect(apps.value.map(({ displayName }) => displayName).sort()).toEqual([
    "Expense Reports",
    "Graph Explorer",
    "Mail Sync Pro",
    "Microsoft Graph",
    "Zoom",
  ]);
  expect(apps.value.find(({ displayName }) => displayName === "Mail Sync Pro")).toMatchObject({
    appId: expect.any(String),
    publisherName: null,
    verifiedPublisher: { verifiedPublisherId: null },
    appOwnerOrganizationId: expect.any(String),
    createdDateTime: expect.any(String),
  });
  expect(run.row("oauth_consents")).toMatchObject({ status: "ok", records: 7 });
});

test("many apps are asked for fifteen at a time, and each once", async () => {
  const tenant = sandbox.tenant();
  const [adele] = tenant.users;
  const who = account("adele@contoso.com", "Adele Vance");
  for (let index = 0; index < 40; index++) {
    const facts = { publisher: null, verified: false, ownerId: "o", createdAt: NOW };
    tenant.servicePrincipals.push(servicePrincipal("contoso", `App ${index}`, facts));
    adele?.grants.push(userConsent("contoso", who, `App ${index}`, "openid"));
  }
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(asked()).toHaveLength(3);
  const { value } = await sandbox.readArtifact("service-principals.json", List);
  expect(new Set(value.map(({ id }) => id)).size).toBe(45);
  expect(value).toHaveLength(45);
  expect(run.row("oauth_consents").status).toBe("ok");
});

test("somebody without consents leaves two empty lists, and no app is asked for", async () => {
  const run = await sandbox.checkUser("jane_fabrikam.com#EXT#@contoso.onmicrosoft.com");
  expect(run.row("oauth_consents")).toEqual({
    check: "oauth_consents",
    status: "ok",
    records: 0,
    truncated: false,
  });
  expect(asked()).toEqual([]);
  expect(await sandbox.artifactNames()).not.toContain("service-principals.json");
  expect((await sandbox.readArtifact("oauth2-permission-grants.json", List)).value).toEqual([]);
});

test("apps that may not be read leave the consents, and the permission is named", async () => {
  sandbox.graph.faults.push({
    on: /\/servicePrincipals/,
    fault: { kind: "status", status: 403, code: "Authorization_RequestDenied" },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("oauth_consents")).toMatchObject({
    status: "ok",
    records: 7,
    truncated: true,
    reason:
      "Names and publishers of the apps could not be read. The app lacks the permission Application.Read.All.",
    how_to_fix: expect.stringContaining("Application.Read.All"),
  });
});

test("assignments that may not be read cost the consents nothing", async () => {
  sandbox.graph.faults.push({
    on: /appRoleAssignments/,
    fault: { kind: "status", status: 403, code: "Authorization_RequestDenied" },
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("oauth_consents")).toMatchObject({
    status: "no_permission",
    records: 3,
    truncated: true,
    reason: expect.stringContaining("The assignments to apps could not be read."),
  });
  expect(asked()).toHaveLength(1);
});

test("an app that calls itself after everyone is left as it is and printed nowhere", async () => {
  const run = await sandbox.checkUser("hostile@contoso.com");
  const { value } = await sandbox.readArtifact("service-principals.json", List);
  expect(value.map(({ displayName }) => displayName)).toContain("@everyone [Adobe](https://evil.example)");
  expect(run.stdout.join("\n")).not.toMatch(/everyone|evil/);
});
