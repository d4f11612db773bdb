import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { FindingsDocument } from "../worker/findings/findings.ts";
import { buttonInteraction, commandInteraction, TECH_USER } from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";

// The whole product, as `npm start` runs it, between stand-ins of Discord and Microsoft 365.
const { log, lines } = collectLog();
let product: Product;
beforeAll(async () => {
  // Four reports a check, and many checks in a row: Microsoft's ten seconds for five would be most of the time.
  product = await startProduct({ prepareQueue: layOutQueue, log, graph: { reportsWindowMs: 1_000 } });
});
afterAll(() => product.close());

const FINAL = /^(-# )?(Done|Failed|Stopped|Interrupted|Expired) · \d+(\.\d)? s · \w+$/m;

/** Asks and waits for the message that ends in a footer. */
async function ask(upn: string, options: Record<string, string | boolean> = {}) {
  const interaction = commandInteraction("breach-check", { tenant: "contoso.com", upn, ...options });
  const answer = await product.post(interaction);
  expect(answer.body.type).toBe(5);
  const text = await finalText(interaction.token);
  return { interaction, text, message: product.discord.original(interaction.token) };
}

async function finalText(interactionToken: string): Promise<string> {
  return vi.waitFor(
    () => {
      const message = product.discord.original(interactionToken);
      const text = message ? messageText(message) : "";
      expect(text).toMatch(FINAL);
      return text;
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** What only the requester of `interaction` sees. */
const private_ = (createdAfter: number) =>
  product.discord.messages.filter(({ ephemeral, createdAt }) => ephemeral && createdAt >= createdAfter);

test("a compromised account is told as such, with what to do first", async () => {
  const { text, message } = await ask("adele@contoso.com");
  expect(text).toMatch(/^(Confirmed|Likely): adele@contoso\.com/);
  expect(text).toContain("Block sign-in now");
  expect(text).toMatch(/Inbox rules: \d+ records/);
  expect(message?.ephemeral).toBe(false);
});

test("an account without signs of compromise is told as such, after all ten checks", async () => {
  const { text } = await ask("megan@contoso.com");
  expect(text).toMatch(/^No evidence: megan@contoso\.com/);
  expect(text).toContain("All ten checks were done.");
});

test("an account whose mailbox cannot be read is never told to be without evidence", async () => {
  const { text } = await ask("alex@contoso.com");
  expect(text).toMatch(/^Inconclusive: alex@contoso\.com/);
  expect(text).toMatch(/Inbox rules.*mailbox/i);
});

test("hostile names of inbox rules neither ping, nor link, nor change the verdict", async () => {
  const { message, text } = await ask("hostile@contoso.com");
  const shown = JSON.stringify(message?.embeds);
  expect(shown).not.toMatch(/https?:\/\/evil/);
  expect(shown).not.toMatch(/(?<!\\\\)\]\(/);
  expect(message?.pinged).toEqual([]);
  expect(text).toMatch(/^(Suspicious|Inconclusive|Likely|Confirmed): hostile@contoso\.com/);
});

test("the case file goes to the requester alone and holds what the verdict rests on", async () => {
  const startedAt = Date.now();
  await ask("adele@contoso.com");
  const file = await vi.waitFor(() => {
    const found = private_(startedAt).flatMap(({ files }) => files)[0];
    expect(found).toBeDefined();
    return found;
  });
  const entries = unzipSync(new Uint8Array(file?.bytes ?? []));
  expect(Object.keys(entries)).toEqual(
    expect.arrayContaining(["report.html", "findings.json", "manifest.json", "artifacts/inbox-rules.json"]),
  );
  const document = FindingsDocument.parse(JSON.parse(Buffer.from(entries["findings.json"] ?? []).toString()));
  expect(document.run.requested_by).toBe(`discord:${TECH_USER}`);
  expect(document.findings.length).toBeGreaterThan(0);
});

test("a private check is seen by nobody else, from the deferral to the case file", async () => {
  const startedAt = Date.now();
  const { interaction, message } = await ask("megan@contoso.com", { private: true });
  expect(message?.ephemeral).toBe(true);
  const open = product.discord.messages.filter((each) => !each.ephemeral && each.createdAt >= startedAt);
  expect(open.filter((each) => JSON.stringify(each).includes(interaction.id))).toEqual([]);
});

test("the same interaction five times at once is one job, one run and five valid answers", async () => {
  const interaction = commandInteraction("breach-check", { tenant: "contoso.com", upn: "megan@contoso.com" });
  const before = lines.filter(({ message }) => message === "job started").length;
  const answers = await Promise.all(Array.from({ length: 5 }, () => product.post(interaction)));
  expect(answers.map(({ body }) => body)).toEqual(Array(5).fill({ type: 5 }));
  await finalText(interaction.token);
  expect(lines.filter(({ message }) => message === "job started").length).toBe(before + 1);
});

test("an unknown account and an unknown tenant end in a sentence that names the cause", async () => {
  const { text } = await ask("nobody@contoso.com");
  expect(text).toMatch(/nobody@contoso\.com/);
  expect(text).not.toMatch(/No evidence/);
  const stranger = commandInteraction("breach-check", {
    tenant: "unknown.example",
    upn: "a@unknown.example",
  });
  await product.post(stranger);
  const failed = await finalText(stranger.token);
  expect(failed).toMatch(/^Failed · /m);
  expect(failed).toMatch(/unknown\.example/);
});

test("the report shows the timeline, which is no private matter, and describes it in words", async () => {
  const { message } = await ask("adele@contoso.com");
  expect(message?.embeds[0]?.image).toEqual({ url: "attachment://timeline.png" });
  const [picture] = message?.files ?? [];
  expect(picture?.description).toMatch(/^Timeline from .* UTC\. .*Sign-ins: \d+/);
  expect(Buffer.from(picture?.bytes.slice(1, 4) ?? []).toString()).toBe("PNG");
});

test("a second check says what changed since the first", async () => {
  await ask("megan@contoso.com");
  const { text } = await ask("megan@contoso.com");
  expect(text).toMatch(/^Since \d{4}-\d\d-\d\d: 0 new, 0 gone$/m);
});

/** Clicks under the report of `interaction`, and waits for the answer. */
async function click(
  interaction: { id: string },
  action: string,
  from: Parameters<typeof buttonInteraction>[1],
) {
  const clicked = buttonInteraction(`v1:${action}:ix-${interaction.id}`, from);
  expect((await product.post(clicked)).body).toEqual({ type: 5, data: { flags: 64 } });
  const text = await finalText(clicked.token);
  return { text, message: product.discord.original(clicked.token) };
}

test("what a finding rests on is shown to whoever clicks, and to nobody else", async () => {
  const { interaction, message } = await ask("adele@contoso.com");
  const menu = message?.components.flatMap(({ components }) => components).find(({ options }) => options);
  const findingId = menu?.options?.[0]?.value ?? "";

  const evidence = await click(interaction, "show-evidence", { userId: "1100000000000000098" });
  expect(evidence.text).toContain("inbox-rules.json $");
  const finding = await click(interaction, "finding", { values: [findingId] });
  expect(finding.text).toMatch(/^Critical: /);
  expect([evidence.message?.ephemeral, finding.message?.ephemeral]).toEqual([true, true]);
});

test("whoever asked while the same account was being checked has the case as well, the case file included", async () => {
  const colleague = { userId: "1100000000000000097" };
  const options = { tenant: "contoso.com", upn: "adele@contoso.com" };
  const mine = commandInteraction("breach-check", options);
  const theirs = commandInteraction("breach-check", options, colleague);
  const runs = () => lines.filter(({ message }) => message === "toolkit ended").length;
  const before = runs();
  await product.post(mine);
  await product.post(theirs);
  await Promise.all([mine, theirs].map(({ token }) => finalText(token)));
  expect(runs()).toBe(before + 1);

  for (const [interaction, from] of [
    [mine, {}],
    [theirs, colleague],
  ] as const) {
    const buttons = JSON.stringify(product.discord.original(interaction.token)?.components);
    expect(buttons).toContain(`v1:download:ix-${interaction.id}`);
    expect((await click(interaction, "download", from)).text).toMatch(/^Case file/);
    expect((await click(interaction, "show-evidence", from)).text).toContain("inbox-rules.json $");
  }
});

test("Download brings the case file to its requester, and a refusal in words to everybody else", async () => {
  const { interaction } = await ask("adele@contoso.com");
  const copies = () =>
    product.discord.messages
      .flatMap(({ files }) => files)
      .filter(({ filename }) => filename === `case-ix-${interaction.id}.zip`);
  await vi.waitFor(() => expect(copies()).toHaveLength(1));
  const refusal = await click(interaction, "download", { userId: "1100000000000000098" });
  expect(refusal.text).toContain("goes to the person who asked");
  await click(interaction, "download", {});
  await vi.waitFor(() => expect(copies()).toHaveLength(2));
});

test("Run again runs the same check and answers with a new message", async () => {
  const { interaction } = await ask("megan@contoso.com");
  const click = buttonInteraction(`v1:run-again:ix-${interaction.id}`);
  expect((await product.post(click)).body).toEqual({ type: 5 });
  expect(await finalText(click.token)).toMatch(/^No evidence: megan@contoso\.com/);
});

test("Stop ends a running check in words", async () => {
  product.graph.faults.push({ on: /messageRules/, fault: { kind: "hang" }, times: Number.POSITIVE_INFINITY });
  const interaction = commandInteraction("breach-check", { tenant: "contoso.com", upn: "megan@contoso.com" });
  await product.post(interaction);
  await vi.waitFor(
    () => expect(JSON.stringify(product.discord.original(interaction.token)?.components)).toContain("Stop"),
    { timeout: 20_000 },
  );
  expect((await product.post(buttonInteraction(`v1:stop:ix-${interaction.id}`))).body).toEqual({ type: 6 });
  expect(await finalText(interaction.token)).toMatch(/^Stopped · /m);
  product.graph.faults.length = 0;
});

test("nothing that Discord or Microsoft would refuse was sent, and no secret was logged or shown", () => {
  expect(product.discord.violations).toEqual([]);
  expect(product.graph.violations).toEqual([]);
  const seen = JSON.stringify([lines, product.discord.messages]);
  expect(seen).not.toContain(product.discord.botToken);
  expect(seen).not.toContain(product.graph.clientSecret);
  expect(seen).not.toContain("canary-interaction-token");
});
