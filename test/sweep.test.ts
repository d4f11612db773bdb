import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { FindingsDocument } from "../worker/findings/findings.ts";
import { commandInteraction } from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";

// `/tenant-sweep` through the whole product, between stand-ins of Discord and Microsoft 365.
const { log, lines } = collectLog();
let product: Product;
beforeAll(async () => {
  product = await startProduct({ prepareQueue: layOutQueue, log, graph: { reportsWindowMs: 1_000 } });
});
afterAll(() => product.close());

const FINAL = /^(-# )?(Done|Failed|Stopped|Interrupted|Expired) · \d+(\.\d)? s · \w+$/m;

async function sweep(tenant: string, { on = product }: { on?: Product } = {}) {
  const interaction = commandInteraction("tenant-sweep", { tenant });
  const startedAt = Date.now();
  expect((await on.post(interaction)).body).toMatchObject({ type: 5 });
  const text = await vi.waitFor(
    () => {
      const message = on.discord.original(interaction.token);
      const shown = message ? messageText(message) : "";
      expect(shown).toMatch(FINAL);
      return shown;
    },
    { timeout: 25_000, interval: 50 },
  );
  return { text, startedAt, message: on.discord.original(interaction.token) };
}

/** What only the requester sees. */
const privately = (on: Product, createdAfter: number) =>
  on.discord.messages.filter(({ ephemeral, createdAt }) => ephemeral && createdAt >= createdAfter);

test("a tenant under attack is told as such, worst first, with what to do and what was not done", async () => {
  const { text, message, startedAt } = await sweep("contoso.com");
  expect(text).toMatch(/^Confirmed: contoso\.com/);
  expect(text).toContain("Password spray that got in: ivan@contoso.com");
  expect(text).toContain("Mail flow rules: ");
  expect(message?.ephemeral).toBe(false);
  expect(message?.pinged).toEqual([]);
  expect(JSON.stringify(message?.embeds)).not.toMatch(/https?:\/\/evil/);

  const file = await vi.waitFor(() => {
    const found = privately(product, startedAt).flatMap(({ files }) => files)[0];
    expect(found).toBeDefined();
    return found;
  });
  const entries = unzipSync(new Uint8Array(file?.bytes ?? []));
  expect(Object.keys(entries)).toContain("artifacts/sign-in-groups.json");
  const document = FindingsDocument.parse(JSON.parse(Buffer.from(entries["findings.json"] ?? []).toString()));
  expect(document.run).toMatchObject({ kind: "tenant", target: null });
});

test("a quiet tenant without P2 shows no evidence", async () => {
  const { text } = await sweep("northwind.com");
  expect(text).toMatch(/^No evidence: northwind\.com/);
});

test("a tenant without a licence for sign-in logs has no answer, and is told what it takes", async () => {
  const { text } = await sweep("fabrikam.com");
  expect(text).toMatch(/^Inconclusive: fabrikam\.com/);
  expect(text).toMatch(/Sign-ins: .*Entra ID P1/);
});

test("what a foreign sweep prints is shown verbatim to the requester, beside our own findings", async () => {
  const folder = await mkdtemp(join(tmpdir(), "foreign-toolkit-"));
  const scripts = join(folder, "their-toolkit");
  await mkdir(scripts);
  await writeFile(
    join(scripts, "resolve-tenant.mjs"),
    'console.log("8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21");\n',
  );
  await writeFile(
    join(scripts, "tenant-sweep.mjs"),
    `import { mkdirSync, writeFileSync } from "node:fs";
const folder = process.env.REMEDIATION_ARTIFACTS + "/" + process.argv[2];
mkdirSync(folder, { recursive: true });
writeFileSync(folder + "/risk.json", JSON.stringify([
  { id: "1", riskLevel: "high", riskState: "confirmedCompromised", userPrincipalName: "ivan@contoso.com" },
]));
console.log("[P1] ivan@contoso.com: @everyone sign-in from [Hanoi](https://evil.example)");
`,
  );
  const foreign = await startProduct({
    prepareQueue: layOutQueue,
    log,
    environment: { REMEDIATION_SCRIPTS: scripts },
  });
  try {
    const { text, startedAt } = await sweep("contoso.com", { on: foreign });
    expect(text).toMatch(/^Confirmed: contoso\.com/);
    expect(text).toContain("ivan@contoso.com is confirmed as compromised");
    const transcript = await vi.waitFor(() => {
      const shown = privately(foreign, startedAt).find((message) => JSON.stringify(message).includes("[P1]"));
      expect(shown).toBeDefined();
      return shown;
    });
    expect(transcript?.pinged).toEqual([]);
    expect(foreign.discord.violations).toEqual([]);
  } finally {
    await foreign.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("nothing that Discord or Microsoft would refuse was sent, and no secret was logged or shown", () => {
  expect(product.discord.violations).toEqual([]);
  expect(product.graph.violations).toEqual([]);
  const seen = JSON.stringify([lines, product.discord.messages]);
  expect(seen).not.toContain(product.graph.clientSecret);
  expect(seen).not.toContain("canary-interaction-token");
});
