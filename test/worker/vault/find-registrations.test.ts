import { expect, test } from "vitest";
import { findRegistrations } from "../../../worker/vault/find-registrations.ts";

const id = "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de";
const app = { client_id: id, client_secret: "s3cret" };
const one = (tier: string | undefined) => [{ tier, clientId: id, clientSecret: "s3cret" }];

test.for<[title: string, file: string, content: unknown, tier: string | undefined]>([
  ["for all tiers, by the file's name", "m365", app, undefined],
  ["for all tiers, by the name beside it", "apps", { name: "Microsoft 365", ...app }, undefined],
  ["by what encloses it", "m365", { investigator: app }, "INVESTIGATOR"],
  ["deeper down", "x", { m365: { "user-manager": { credentials: app } } }, "USER_MANAGER"],
  ["by the file's name", "contoso-exchange-operator", { credentials: app }, "EXCHANGE_OPERATOR"],
  ["by the name beside it", "app1", { name: "MSP Security Investigator", credentials: app }, "INVESTIGATOR"],
  ["in a list", "m365", { apps: [{ tier: "tenant_admin", ...app }] }, "TENANT_ADMIN"],
  [
    "in the names of the variables",
    "x",
    { M365_DEFENDER_CLIENT_ID: id, M365_DEFENDER_CLIENT_SECRET: "s3cret" },
    "DEFENDER",
  ],
  ["in variables for all tiers", "x", { M365_CLIENT_ID: id, M365_CLIENT_SECRET: "s3cret" }, undefined],
  [
    "in other words for the two",
    "defender",
    { appId: id.toUpperCase(), "Client Secret Value": " s3cret " },
    "DEFENDER",
  ],
])("a registration is found %s", ([, name, content, tier]) => {
  expect(findRegistrations(`msp-tools/${name}.sops.yaml`, content)).toEqual({
    registrations: one(tier),
    problems: [],
  });
});

test.for<[title: string, content: unknown]>([
  ["another vendor's client id", { name: "Syncro", ...app }],
  ["a secret of something else", { tenantadmin: { webhook_secret: "x", api_key: "y" } }],
  ["a text", "client_id"],
  ["nothing", null],
])("%s is no registration", ([, content]) => {
  expect(findRegistrations("msp-tools/tools.sops.yaml", content)).toEqual({
    registrations: [],
    problems: [],
  });
});

test.for<[title: string, content: unknown, words: string]>([
  [
    "an id alone",
    { investigator: { client_id: id } },
    "m365.sops.yaml (investigator) of the vault has a client id without a secret",
  ],
  ["a secret alone", { investigator: { client_secret: "canary" } }, "a secret without a client id"],
  ["an id that is none", { client_id: "canary", client_secret: "canary" }, "a client id that is no GUID"],
])("%s is reported, and its value is not shown", ([, content, words]) => {
  const { registrations, problems } = findRegistrations("msp-tools/m365.sops.yaml", content);
  expect(registrations).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ code: "VAULT_INCOMPLETE", message: expect.stringContaining(words) });
  expect(problems[0]?.message).not.toContain("canary");
});
