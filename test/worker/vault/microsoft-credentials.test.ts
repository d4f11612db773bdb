import { expect, test } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { readMicrosoftCredentials } from "../../../worker/vault/microsoft-credentials.ts";
import type { Vault } from "../../../worker/vault/vault.ts";

const ID = "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de";
const OTHER = "0d3f9a54-1111-4e39-9d57-3f2c61ab70de";
const app = (client_secret: string, client_id = ID) => ({ client_id, client_secret });

function vaultOf(files: Record<string, unknown>): Vault {
  return {
    list: async () => Object.keys(files),
    read: async (file) => {
      if (files[file] instanceof Error) throw files[file];
      return files[file];
    },
  };
}

const full = { "msp-tools/m365.sops.yaml": { ...app("common"), investigator: app("own", OTHER) } };

test("registrations become the variables that the toolkit reads", async () => {
  expect(await readMicrosoftCredentials(vaultOf(full), {})).toEqual({
    variables: {
      M365_CLIENT_ID: ID,
      M365_CLIENT_SECRET: "common",
      M365_INVESTIGATOR_CLIENT_ID: OTHER,
      M365_INVESTIGATOR_CLIENT_SECRET: "own",
    },
    problems: [],
  });
});

test("what the environment sets wins, id and secret together", async () => {
  const { variables } = await readMicrosoftCredentials(vaultOf(full), { M365_CLIENT_ID: "half of a pair" });
  expect(variables).toEqual({ M365_INVESTIGATOR_CLIENT_ID: OTHER, M365_INVESTIGATOR_CLIENT_SECRET: "own" });
});

test("a broken file costs itself and not the others", async () => {
  const broken = new AppError("VAULT_TAMPERED", "tampered");
  const { variables, problems } = await readMicrosoftCredentials(
    vaultOf({ "msp-tools/a.sops.yaml": broken, ...full }),
    {},
  );
  expect(problems).toEqual([broken]);
  expect(variables.M365_CLIENT_SECRET).toBe("common");
});

test("two different registrations for one tier are none, the same one twice is one", async () => {
  const { variables, problems } = await readMicrosoftCredentials(
    vaultOf({
      "msp-tools/a.sops.yaml": { investigator: app("one"), defender: app("same") },
      "msp-tools/b.sops.yaml": { investigator: app("two"), defender: app("same") },
    }),
    {},
  );
  expect(variables).toEqual({ M365_DEFENDER_CLIENT_ID: ID, M365_DEFENDER_CLIENT_SECRET: "same" });
  expect(problems).toMatchObject([
    { code: "VAULT_AMBIGUOUS", message: expect.stringContaining("the tier INVESTIGATOR") },
  ]);
});

test("a vault without a registration of Microsoft 365 says so", async () => {
  const { problems } = await readMicrosoftCredentials(
    vaultOf({ "msp-tools/syncro.sops.yaml": { api_key: "x" } }),
    {},
  );
  expect(problems).toMatchObject([{ code: "VAULT_INCOMPLETE" }]);
});
