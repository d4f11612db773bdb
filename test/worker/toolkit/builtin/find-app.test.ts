import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findApp } from "../../../../worker/toolkit/builtin/find-app.ts";
import { createAgeKey, encryptSops } from "../../vault/encrypt-sops.ts";

const COMMON = { M365_CLIENT_ID: "common-id", M365_CLIENT_SECRET: "canary-common" };
const OWN = { M365_DEFENDER_CLIENT_ID: "own-id", M365_DEFENDER_CLIENT_SECRET: "canary-own" };

test("a tier's own app wins over the common one, for that tier alone", async () => {
  expect(await findApp({ ...COMMON, ...OWN }, "DEFENDER")).toMatchObject({ clientId: "own-id" });
  expect(await findApp({ ...COMMON, ...OWN }, "INVESTIGATOR")).toMatchObject({ clientId: "common-id" });
});

test.each([
  [{}, "Expected M365_DEFENDER_CLIENT_ID and M365_DEFENDER_CLIENT_SECRET"],
  [
    { ...COMMON, M365_CLIENT_SECRET: " " },
    "Expected M365_CLIENT_SECRET in the environment beside M365_CLIENT_ID",
  ],
  [{ ...COMMON, ...OWN, M365_DEFENDER_CLIENT_ID: "" }, "Expected M365_DEFENDER_CLIENT_ID in"],
])("an app that is not complete is named, without a value: %j", async (env, expected) => {
  const finding = findApp(env, "DEFENDER");
  await expect(finding).rejects.toThrow(expected);
  await expect(finding).rejects.not.toThrow("canary");
});

test("what the worker could not read in the vault is the reason, also where a vault could be opened here", async () => {
  const env = { M365_VAULT_PROBLEM: "The vault is away.", VAULT_PATH: "/nowhere" };
  await expect(findApp(env, "INVESTIGATOR")).rejects.toMatchObject({
    code: "NO_APP",
    message: "No app registration for the tier INVESTIGATOR. The vault is away.",
  });
  expect(await findApp({ ...env, ...COMMON }, "INVESTIGATOR")).toMatchObject({ clientId: "common-id" });
});

test("by hand the vault is opened here", async () => {
  const root = await mkdtemp(join(tmpdir(), "vault-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const key = await createAgeKey();
  const app = { client_id: "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de", client_secret: "canary" };
  await mkdir(join(root, "msp-tools"));
  await writeFile(
    join(root, "msp-tools", "defender.sops.yaml"),
    await encryptSops(app, { recipients: [key.recipient] }),
  );
  const env = { VAULT_PATH: root, SOPS_AGE_KEY: key.identity };
  expect(await findApp(env, "DEFENDER")).toEqual({ clientId: app.client_id, clientSecret: "canary" });
  await expect(findApp(env, "INVESTIGATOR")).rejects.toThrow("no app registration for this tier");
  await expect(findApp({ VAULT_PATH: root, HOME: root }, "DEFENDER")).rejects.toThrow("Expected an age key");
});
