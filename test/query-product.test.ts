import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { auditText } from "./audit-text.ts";
import { ADMIN_ROLE, buttonInteraction, commandInteraction, TECH_ROLE } from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { collectLog } from "./log.ts";
import { messageText } from "./sandbox/message-text.ts";
import { type Product, startProduct } from "./sandbox/product.ts";

// The whole product with ClaudeTools' stand-in beside those of Discord and Microsoft 365.
const CONTOSO_ID = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21";
const LIMITED_ROLE = "1100000000000000020";
const SOMEBODY_ELSE = "1100000000000000098";
const { log, lines } = collectLog();
const hanging = commandInteraction("status", {});
let product: Product;
beforeAll(async () => {
  product = await startProduct({
    prepareQueue: layOutQueue,
    log,
    graph: { reportsWindowMs: 1_000 },
    environment: { DISCORD_ROLE_TENANTS: `${LIMITED_ROLE}:${CONTOSO_ID}` },
  });
  // Given up after four seconds, while the other tests go on.
  product.claudeTools.faults.push({ on: /GET \/api\/health/, fault: { kind: "hang" } });
  await product.post(hanging);
});
afterAll(() => product.close());

const FINAL = /^(-# )?(Done|Failed) · \d+(\.\d)? s · \w+$/m;

type From = Parameters<typeof commandInteraction>[2];
async function ask(name: string, options: Record<string, string | boolean>, from: From = {}) {
  const interaction = commandInteraction(name, options, from);
  await product.post(interaction);
  return ended(interaction.token);
}

async function ended(token: string, fits = FINAL) {
  return vi.waitFor(
    () => {
      const message = product.discord.original(token);
      const text = message ? messageText(message) : "";
      expect(text).toMatch(fits);
      if (message === undefined) throw new Error("no message");
      return { text, message };
    },
    { timeout: 20_000, interval: 50 },
  );
}

type Shown = Awaited<ReturnType<typeof ended>>["message"];

/** The custom id of what is labelled so. */
function idOf({ components }: Shown, label: string): string {
  const parts = components.flatMap((row) => row.components);
  const found = parts.find((part) => part.label === label || part.placeholder === label);
  return found?.custom_id ?? "";
}

function click(message: Shown, label: string, from: Parameters<typeof buttonInteraction>[1] = {}) {
  return buttonInteraction(idOf(message, label), { messageId: message.id, flags: message.flags, ...from });
}

test("Next and Previous turn the page in the same message, which stays private", async () => {
  const { message } = await ask("query", { endpoint: "/api/clients" });
  expect(message.ephemeral).toBe(true);
  const before = product.discord.messages.length;

  const next = click(message, "Next");
  expect((await product.post(next)).body).toEqual({ type: 6 });
  await ended(next.token, /^11 to 20 of 30/m);
  const previous = click(message, "Previous");
  await product.post(previous);
  await ended(previous.token, /^1 to 10 of 30/m);
  expect(product.discord.messages.length).toBe(before);
});

test("a page that is refused is told beside the message, which stays as it is", async () => {
  const { message, text } = await ask("query", { endpoint: "/api/clients" });
  const before = product.discord.messages.length;
  const next = click(message, "Next", { userId: SOMEBODY_ELSE });
  await product.post(next);
  const told = await vi.waitFor(() => {
    const newer = product.discord.messages.slice(before);
    expect(newer).toHaveLength(1);
    return newer[0];
  });
  expect(told?.ephemeral).toBe(true);
  expect(JSON.stringify(told?.embeds)).toContain("private to the person who asked");
  expect(messageText(message)).toBe(text);
});

describe("a change", () => {
  const admin = { roles: [ADMIN_ROLE], userId: "1100000000000000096" };
  const create = { endpoint: "/api/tasks", method: "POST", private: false };
  const propose = (title: string) => {
    return ask("query", { ...create, body: JSON.stringify({ client_id: 1, title }) }, admin);
  };
  const sent = () =>
    product.claudeTools.requests.filter(({ method, url }) => {
      return method !== "GET" && url.startsWith("/api/tasks");
    });

  test("is shown to the administrator alone, and two presses send it once, in that message", async () => {
    const start = sent().length;
    const { message, text } = await propose("Replace the switch");
    expect(message.ephemeral).toBe(true);
    expect(text).toContain('title: "Replace the switch"');
    expect(sent()).toHaveLength(start);

    const presses = [click(message, "Send POST", admin), click(message, "Send POST", admin)];
    for (const { body } of await Promise.all(presses.map((press) => product.post(press)))) {
      expect(body).toEqual({ type: 6 });
    }
    const done = await ended(presses[0]?.token ?? "", /^POST \/api\/tasks\nDone\. Sent by Discord user/m);
    expect(done.message.id).toBe(message.id);
    expect(done.text).not.toContain("[Send POST]");
    await vi.waitFor(() => {
      const told = product.discord.messages.filter(({ embeds }) => embeds[0]?.title === "Already decided");
      expect(told).toMatchObject([{ ephemeral: true }]);
    });
    expect(sent()).toHaveLength(start + 1);
  });

  test("that is cancelled, or whose sender has lost the role, is not sent", async () => {
    const start = sent().length;
    const { message } = await propose("Nothing");
    const lost = click(message, "Send POST", { ...admin, roles: [TECH_ROLE] });
    await product.post(lost);
    await vi.waitFor(() =>
      expect(JSON.stringify(product.discord.messages)).toContain("Only administrators of the bot may send"),
    );
    expect(idOf(message, "Send POST")).not.toBe("");

    const no = click(message, "Cancel", admin);
    await product.post(no);
    expect((await ended(no.token, /^Cancelled/)).text).toContain("Nothing was sent.");
    expect(sent()).toHaveLength(start);
  });
});

test("Raw JSON goes to whoever clicks, as a file without secrets, also below a public answer", async () => {
  const { message } = await ask("query", { endpoint: "/api/infrastructure", private: false });
  expect(message.ephemeral).toBe(false);
  const before = product.discord.messages.length;
  const raw = click(message, "Raw JSON", { userId: SOMEBODY_ELSE });
  expect((await product.post(raw)).body).toEqual({ type: 5, data: { flags: 64 } });
  await ended(raw.token);
  const file = await vi.waitFor(() => {
    const newer = product.discord.messages.slice(before);
    expect(newer.every(({ ephemeral }) => ephemeral)).toBe(true);
    const found = newer.flatMap(({ files }) => files)[0];
    expect(found?.filename).toBe("answer.json");
    return Buffer.from(found?.bytes ?? []).toString();
  });
  expect(JSON.parse(file).items).toHaveLength(40);
  expect(file).not.toContain("canary");
});

test("a client's name runs the check for its tenant, whose domain and id are shown", async () => {
  const { text } = await ask("breach-check", { tenant: "contoso ltd", upn: "megan@contoso.com" });
  expect(text).toContain(`Contoso Ltd · contoso.com · ${CONTOSO_ID}`);
});

test("a name that several clients have is asked about in a menu, whose choice starts the check", async () => {
  const { message, text } = await ask("breach-check", { tenant: "Co", upn: "megan@contoso.com" });
  expect(text).toMatch(/^Which tenant is "Co"\?/);
  const chosen = click(message, "Choose the tenant", { values: [CONTOSO_ID] });
  expect((await product.post(chosen)).body).toEqual({ type: 5 });
  expect((await ended(chosen.token)).text).toMatch(/^No evidence: megan@contoso\.com/);
});

test("a name that nobody has is answered with the nearest", async () => {
  const { text } = await ask("breach-check", { tenant: "Fabrikam GmbH", upn: "a@fabrikam.com" });
  expect(text).toMatch(/No client in ClaudeTools is called "Fabrikam GmbH"\. Did you mean Fabrikam Inc/);
});

test("a role with a list of tenants limits checks to them, and /whoami says so", async () => {
  const from = { roles: [TECH_ROLE, LIMITED_ROLE], userId: "1100000000000000095" };
  const other = await ask("breach-check", { tenant: "fabrikam.com", upn: "a@fabrikam.com" }, from);
  expect(other.text).toMatch(/limited to some tenants, and \S+ is none of them/);
  expect(await auditText(product.dataDir)).toMatch(
    /a@fabrikam\.com.*"code":"TENANT_NOT_ALLOWED","kind":"refusal"/,
  );
  const own = await ask("breach-check", { tenant: "contoso.com", upn: "megan@contoso.com" }, from);
  expect(own.text).toMatch(/^No evidence/);
  const { text, message } = await ask("whoami", {}, from);
  expect(text).toContain(`Contoso Ltd: contoso.com, ${CONTOSO_ID}`);
  expect(message.ephemeral).toBe(true);
});

test("of Discord's role and that of ClaudeTools the stricter counts", async () => {
  product.claudeTools.records.get("discord-users")?.push(
    ...[
      { id: 90, discord_id: "1100000000000000090", role: "tech", claudetools_user: "tess" },
      { id: 91, discord_id: "1100000000000000091", role: "none", claudetools_user: "max" },
    ],
  );
  const roles = [ADMIN_ROLE];
  const reduced = await ask("whoami", {}, { roles, userId: "1100000000000000090" });
  expect(reduced.text).toMatch(/^You are a technician/);
  expect(reduced.text).toContain('knows you as tess with the role "tech"');
  const nobody = await ask("query", { endpoint: "/api/clients" }, { roles, userId: "1100000000000000091" });
  expect(nobody.text).toMatch(/^Not allowed/);
  const unlisted = await ask("whoami", {}, { roles, userId: "1100000000000000092" });
  expect(unlisted.text).toMatch(/^You are an administrator/);
});

test("endpoints and clients are completed from what the worker keeps", async () => {
  const typed = async (name: string, option: string, value: string, from: From = {}) => {
    const interaction = commandInteraction(name, {}, from);
    const options = [{ name: option, type: 3, value, focused: true }];
    const { body } = await product.post({
      ...interaction,
      ...{ type: 4, data: { ...interaction.data, options } },
    });
    return JSON.stringify(body);
  };
  expect(await typed("query", "endpoint", "clients")).toContain('"value":"/api/clients"');
  expect(await typed("query", "endpoint", "tokens")).not.toContain("/api/tokens");
  expect(await typed("breach-check", "tenant", "fabr")).toContain("Fabrikam Inc · fabrikam.com");
  expect(await typed("tenant-sweep", "tenant", "contoso")).toContain(CONTOSO_ID);
  const limited = { roles: [TECH_ROLE, LIMITED_ROLE] };
  const offered = await typed("breach-check", "tenant", "", limited);
  expect(JSON.parse(offered).data.choices).toEqual([
    { name: "Contoso Ltd · contoso.com", value: CONTOSO_ID },
  ]);
});

test("/status looks at everything, and says what to do where something is wrong", async () => {
  const before = await ask("status", {});
  for (const name of ["Worker", "Queues", "Jobs", "Toolkit", "Vault", "Disk", "Audit", "Anthropic"])
    expect(before.text).toMatch(new RegExp(`^\\S+ ${name}: `, "m"));
  expect(before.text).toMatch(/last: whoami Done in \d/);
  product.claudeTools.faults.push({ on: /\/api\/health/, fault: { kind: "status", status: 500 } });
  const { text } = await ask("status", {});
  expect(text).toMatch(/^Down: ClaudeTools/);
  expect(text).toMatch(/^Needs a look\n🔴 ClaudeTools: .*500/m);
});

test("what people did, and what was refused, reaches ClaudeTools as incidents, once each", async () => {
  await ask("query", { endpoint: "/api/clients", method: "DELETE" });
  await vi.waitFor(
    () => {
      const kept = product.claudeTools.records.get("security-incidents") ?? [];
      const ids = kept.map(({ external_id: id }) => id).filter((id) => typeof id === "string");
      expect(new Set(ids).size).toBe(ids.length);
      expect(JSON.stringify(kept)).toContain("DELETE /api/clients");
    },
    { timeout: 20_000, interval: 100 },
  );
});

test("fifty megabytes are cut off in words, and the worker goes on", async () => {
  product.claudeTools.faults.push({ on: /GET \/api\/projects/, fault: { kind: "flood" } });
  const { text } = await ask("query", { endpoint: "/api/projects" });
  expect(text).toMatch(/more than 5 MB, so the bot hung up/);
  expect(product.claudeTools.floodedBytes()).toBeLessThan(20_000_000);
  expect((await ask("query", { endpoint: "/api/projects" })).text).toMatch(/^Done · /m);
});

test("an API that hangs is given up in words, and everything else is still said", async () => {
  const { text } = await ended(hanging.token);
  expect(text).toMatch(/^Down: ClaudeTools\n/);
  expect(text).toMatch(/^🔴 ClaudeTools: no answer within 4 s\. See that the service runs/m);
  expect(text).toMatch(/^🟢 Worker: /m);
});

test("a token that is no longer taken is said by /query and by /status", async () => {
  product.claudeTools.endTokens();
  const { text } = await ask("query", { endpoint: "/api/clients" });
  expect(text).toMatch(/does not accept the bot's token, though it is good until \d{4}-.* UTC/);
  expect((await ask("status", {})).text).toMatch(
    /^Down: ClaudeTools.*\n[\s\S]*🔴 ClaudeTools: .*may be revoked/,
  );
});

test("nothing that Discord, Microsoft or ClaudeTools would refuse was sent, and no secret was logged or shown", () => {
  expect(product.discord.violations).toEqual([]);
  expect(product.graph.violations).toEqual([]);
  expect(product.claudeTools.violations).toEqual([]);
  const seen = JSON.stringify([lines, product.discord.messages]);
  expect(seen).not.toContain(product.claudeTools.apiKey);
  expect(seen).not.toContain("canary-interaction-token");
});
