import { expect, test } from "vitest";
import { createToolkitCredentials } from "../../../worker/vault/toolkit-credentials.ts";
import { collectLog } from "../../log.ts";

const app = { client_id: "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de", client_secret: "canary-secret" };

test("secrets of the vault are made known to the log's redaction before they are handed over", async () => {
  const secrets = new Set<string>();
  const { log, lines } = collectLog();
  const vault = { list: async () => ["msp-tools/m365.sops.yaml"], read: async () => app };
  const credentials = createToolkitCredentials({ vault, env: {}, secrets, log });
  expect(await credentials()).toMatchObject({ M365_CLIENT_SECRET: "canary-secret" });
  expect([...secrets]).toEqual(["canary-secret"]);
  expect(lines).toMatchObject([{ message: "vault read", found: ["M365_CLIENT_ID"] }]);
  expect(JSON.stringify(lines)).not.toContain("canary");
});

test("without a vault nothing is handed over, nor said", async () => {
  const { log, lines } = collectLog();
  const credentials = createToolkitCredentials({ vault: undefined, env: {}, secrets: new Set(), log });
  expect(await credentials()).toEqual({});
  expect(lines).toEqual([]);
});
