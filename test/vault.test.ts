import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { commandInteraction } from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";
import { type AgeKey, createAgeKey, encryptSops } from "./worker/vault/encrypt-sops.ts";

// The whole product, whose app registration comes from a vault that is first broken and then repaired.
const { log, lines } = collectLog();
let root: string;
let key: AgeKey;
let product: Product;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vault-"));
  key = await createAgeKey();
  await mkdir(join(root, "vault", "msp-tools"), { recursive: true });
  await writeFile(file(), "investigator: canary-in-the-clear\n");
  product = await startProduct({
    prepareQueue: layOutQueue,
    log,
    environment: {
      VAULT_PATH: root,
      SOPS_AGE_KEY: key.identity,
      M365_CLIENT_ID: "",
      M365_CLIENT_SECRET: "",
    },
  });
});
afterAll(async () => {
  await product.close();
  await rm(root, { recursive: true });
});

const file = () => join(root, "vault", "msp-tools", "m365.sops.yaml");

async function ask(): Promise<string> {
  const interaction = commandInteraction("breach-check", { tenant: "contoso.com", upn: "adele@contoso.com" });
  await product.post(interaction);
  return vi.waitFor(
    () => {
      const message = product.discord.original(interaction.token);
      const text = message ? messageText(message) : "";
      expect(text).toMatch(/^(-# )?(Done|Failed) · /m);
      return text;
    },
    { timeout: 20_000, interval: 50 },
  );
}

test("a vault that cannot be used is told at start, and in the report with what to do", async () => {
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: "warn",
      message: "vault cannot be used",
      code: "VAULT_NOT_ENCRYPTED",
    }),
  );
  const text = await ask();
  expect(text).toMatch(/^Inconclusive: adele@contoso\.com/);
  expect(text).toContain("Expected msp-tools/m365.sops.yaml to be encrypted with sops");
  expect(text).toContain("sops --encrypt --in-place");
});

test("once it is repaired it is used without a restart, and its secret is nowhere to be seen", async () => {
  const { clientId, clientSecret } = product.graph;
  const content = { investigator: { client_id: clientId, client_secret: clientSecret } };
  await writeFile(file(), await encryptSops(content, { recipients: [key.recipient] }));
  expect(await ask()).toMatch(/^(Confirmed|Likely): adele@contoso\.com/);

  const seen = JSON.stringify([lines, product.discord.messages]);
  for (const secret of [clientSecret, key.identity, "canary-in-the-clear"])
    expect(seen).not.toContain(secret);
});
