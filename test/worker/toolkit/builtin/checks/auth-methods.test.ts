import { afterEach, beforeEach, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

test("every method is left with its type and the time of its registration", async () => {
  const run = await sandbox.checkUser("adele@contoso.com");
  const { value, "@odata.context": context } = await sandbox.readArtifact("auth-methods.json", List);
  expect(value).toEqual(sandbox.tenant().users[0]?.authMethods);
  expect(context).toMatch(/#users\('[^']+'\)\/authentication\/methods$/);
  expect(run.row("auth_methods")).toMatchObject({ status: "ok", records: 5 });
});

test("a kind of method that did not exist yesterday is left like any other", async () => {
  sandbox.tenant().users[0]?.authMethods.push({
    "@odata.type": "#microsoft.graph.thoughtAuthenticationMethod",
    id: "b2f1",
    createdDateTime: "2026-11-21T10:00:00Z",
  });
  const run = await sandbox.checkUser("adele@contoso.com");
  const { value } = await sandbox.readArtifact("auth-methods.json", List);
  expect(value.at(-1)).toMatchObject({ "@odata.type": "#microsoft.graph.thoughtAuthenticationMethod" });
  expect(run.row("auth_methods")).toMatchObject({ status: "ok", records: 6 });
});

test("a missing permission is named, with its cure", async () => {
  const { app } = sandbox.tenant();
  app.roles = app.roles.filter((role) => role !== "UserAuthenticationMethod.Read.All");
  const run = await sandbox.checkUser("adele@contoso.com");
  expect(run.row("auth_methods")).toEqual({
    check: "auth_methods",
    status: "no_permission",
    records: 0,
    truncated: false,
    reason: "The app lacks the permission UserAuthenticationMethod.Read.All.",
    how_to_fix:
      "Grant the app the application permission UserAuthenticationMethod.Read.All and give admin consent in this tenant.",
  });
});
