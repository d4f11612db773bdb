import { MessageResponseSchema } from "discord-api-spec/zod";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { APPLICATION, CHANNEL, GUILD, TECH_USER } from "../interactions.ts";
import { faults } from "./discord/faults.ts";
import { checkCommands, checkMessage } from "./discord/payload.ts";
import { type DiscordSandbox, startDiscord } from "./discord.ts";

const quiet = { allowed_mentions: { parse: [] } };
const text = { ...quiet, content: "hello", flags: 4 };
const embed = { ...quiet, embeds: [{ title: "A title", fields: [{ name: "n", value: "v" }] }] };
const button = { type: 2, style: 1, label: "Go", custom_id: "v1:go:1" };
const menu = { type: 3, custom_id: "v1:pick:1", options: [{ label: "One", value: "1" }] };
const row = (...components: object[]) => ({ type: 1, components });

describe("the check of a message", () => {
  test.for<[title: string, body: object]>([
    ["text", text],
    ["an embed", embed],
    ["a button", { ...text, components: [row(button)] }],
    ["a select menu", { ...text, components: [row(menu)] }],
    ["a ping of one user", { ...text, allowed_mentions: { parse: [], users: [TECH_USER] } }],
  ])("lets %s pass", ([, body]) => {
    expect(checkMessage("webhook-post", body, 0)).toEqual([]);
  });

  test.for<[title: string, body: object, problem: RegExp]>([
    ["a typing error", { ...text, cotnent: "x" }, /cotnent: unknown key/],
    [
      "a typing error deep inside",
      { ...quiet, embeds: [{ title: "t", footer: { txet: "x", text: "y" } }] },
      /embeds\[0\]\.footer\.txet/,
    ],
    [
      "a typing error in a button",
      { ...text, components: [row({ ...button, lable: "x" })] },
      /components\[0\]\.components\[0\]\.lable/,
    ],
    ["no allowed_mentions", { content: "x", flags: 4 }, /allowed_mentions/],
    ["pings for all", { ...text, allowed_mentions: { parse: ["everyone"] } }, /allowed_mentions/],
    ["2001 characters", { ...text, content: "x".repeat(2001) }, /content/],
    ["white space", { ...text, content: " \n" }, /white space/],
    ["nothing", quiet, /an empty message/],
    ["text with link previews", { ...quiet, content: "x" }, /without SUPPRESS_EMBEDS/],
    ["an embed that hides itself", { ...embed, flags: 4 }, /hides our own embed/],
    [
      "an empty field value",
      { ...quiet, embeds: [{ fields: [{ name: "n", value: " " }] }] },
      /fields\[0\]\.value: empty/,
    ],
    ["26 fields", { ...quiet, embeds: [{ fields: Array(26).fill({ name: "n", value: "v" }) }] }, /./],
    ["257 characters of title", { ...quiet, embeds: [{ title: "x".repeat(257) }] }, /./],
    [
      "6001 characters in all",
      { ...quiet, embeds: [{ description: "x".repeat(4000) }, { description: "x".repeat(2001) }] },
      /6001 characters/,
    ],
    ["a custom_id twice", { ...text, components: [row(button, button)] }, /custom_id twice/],
    [
      "a button without an id",
      { ...text, components: [row({ type: 2, style: 1, label: "Go" })] },
      /custom_id/,
    ],
    [
      "six rows",
      { ...text, components: [1, 2, 3, 4, 5, 6].map((id) => row({ ...button, custom_id: `v1:go:${id}` })) },
      /five rows/,
    ],
    ["a select menu beside a button", { ...text, components: [row(button, menu)] }, /shares its row/],
    ["a select menu without options", { ...text, components: [row({ ...menu, options: [] })] }, /0 options/],
    [
      "a select menu with 26 options",
      {
        ...text,
        components: [
          row({ ...menu, options: Array.from({ length: 26 }, (_, i) => ({ label: "x", value: `${i}` })) }),
        ],
      },
      /26 options/,
    ],
    [
      "101 characters of an option's label",
      { ...text, components: [row({ ...menu, options: [{ label: "x".repeat(101), value: "1" }] })] },
      /as an option's text/,
    ],
    [
      "one value twice",
      {
        ...text,
        components: [row({ ...menu, options: [menu.options[0] ?? {}, menu.options[0] ?? {}] })],
      },
      /a value twice/,
    ],
    [
      "a picture that is not attached",
      { ...quiet, embeds: [{ title: "t", image: { url: "attachment://timeline.png" } }] },
      /not among the attachments/,
    ],
    ["a numeric attachment id", { ...text, attachments: [{ id: 0, filename: "a" }] }, /./],
    ["an attachment that isn't there", { ...text, attachments: [{ id: "0", filename: "a" }] }, /described/],
  ])("refuses %s", ([, body, problem]) => {
    expect(checkMessage("webhook-post", body, 0).join("\n")).toMatch(problem);
  });

  test("refuses flags that the route doesn't know", () => {
    expect(checkMessage("channel-post", { ...text, flags: 68 }, 0).join()).toMatch(/flags: 64/);
    expect(checkMessage("webhook-edit", { ...text, flags: 68 }, 0).join()).toMatch(/flags: 64/);
    expect(checkMessage("webhook-post", { ...text, flags: 68 }, 0)).toEqual([]);
  });

  test("takes permissions of a command as text and refuses its unknown keys", () => {
    const command = { name: "a", description: "b", type: 1, default_member_permissions: "8" };
    expect(checkCommands([command])).toEqual([]);
    expect(checkCommands([{ ...command, descripton: "x" }]).join()).toMatch(/descripton/);
  });
});

describe("the server", () => {
  let discord: DiscordSandbox;
  let now: number;
  const bot = () => ({ authorization: `Bot ${discord.botToken}` });

  beforeEach(async () => {
    now = Date.now();
    discord = await startDiscord({ clock: () => now, attachmentLimitBytes: 100 });
  });
  afterEach(() => discord.close());

  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${discord.url}/v10${path}`, {
      method,
      headers: {
        "user-agent": "DiscordBot (https://example.com, 1)",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    return { status: response.status, answer, headers: response.headers };
  }

  const original = (token: string) => `/webhooks/${APPLICATION}/${token}/messages/@original`;

  test("knows no webhook before the deferral, and the message afterwards", async () => {
    const { token } = discord.openInteraction();
    expect(await send("PATCH", original(token), embed)).toMatchObject({
      status: 404,
      answer: { code: 10015 },
    });
    discord.deferred(token);
    expect(await send("PATCH", original(token), embed)).toMatchObject({ status: 200 });
    expect(discord.original(token)?.embeds[0]?.title).toBe("A title");
    expect(discord.violations).toEqual([]);
  });

  test("answers with a message that Discord's own schema takes", async () => {
    const { token } = discord.openInteraction();
    discord.deferred(token);
    const { answer } = await send("PATCH", original(token), { ...embed, components: [row(button)] });
    expect(MessageResponseSchema.safeParse(answer).error).toBeUndefined();
    expect((await send("GET", original(token))).answer).toEqual(answer);
  });

  test("ends the token after 15 minutes of its clock", async () => {
    const { token } = discord.openInteraction();
    discord.deferred(token);
    now += 15 * 60_000;
    expect(await send("PATCH", original(token), embed)).toMatchObject({
      status: 401,
      answer: { code: 50027 },
    });
  });

  test("doesn't find a message that a person deleted", async () => {
    const { token } = discord.openInteraction();
    discord.deleteMessage(discord.deferred(token).id);
    expect(await send("PATCH", original(token), embed)).toMatchObject({
      status: 404,
      answer: { code: 10008 },
    });
  });

  test("turns a follow-up right after the deferral into the original, as Discord does", async () => {
    const { token } = discord.openInteraction();
    discord.deferred(token);
    await send("POST", `/webhooks/${APPLICATION}/${token}`, { ...text, flags: 68 });
    expect(discord.messages).toHaveLength(1);
    expect(discord.original(token)).toMatchObject({ content: "hello", ephemeral: false });
  });

  test("reads files, and refuses one over the limit", async () => {
    const { token } = discord.openInteraction();
    discord.deferred(token);
    await send("PATCH", original(token), embed);
    const upload = async (size: number) => {
      const form = new FormData();
      form.append("files[0]", new Blob([new Uint8Array(size)]), "case.zip");
      const attachments = [{ id: "0", filename: "case.zip", description: "Evidence" }];
      form.append("payload_json", JSON.stringify({ ...text, flags: 68, attachments }));
      const headers = { "user-agent": "DiscordBot (https://example.com, 1)" };
      return fetch(`${discord.url}/v10/webhooks/${APPLICATION}/${token}`, {
        method: "POST",
        body: form,
        headers,
      });
    };
    expect((await upload(100)).status).toBe(200);
    expect((await upload(101)).status).toBe(413);
    expect(discord.messages.at(-1)).toMatchObject({
      ephemeral: true,
      files: [{ filename: "case.zip", description: "Evidence" }],
    });
    expect(discord.violations).toEqual([]);
  });

  test("asks for the bot token where Discord does", async () => {
    expect(await send("POST", `/channels/${CHANNEL}/messages`, text)).toMatchObject({ status: 401 });
    expect(await send("POST", `/channels/${CHANNEL}/messages`, text, bot())).toMatchObject({ status: 200 });
  });

  test("keeps one message per nonce", async () => {
    const body = { ...text, nonce: "n1", enforce_nonce: true };
    const first = await send("POST", `/channels/${CHANNEL}/messages`, body, bot());
    const second = await send("POST", `/channels/${CHANNEL}/messages`, body, bot());
    expect(second.answer).toEqual(first.answer);
    expect(discord.messages).toHaveLength(1);
  });

  test("holds direct messages, unless the user has closed them", async () => {
    const opened = await send("POST", "/users/@me/channels", { recipient_id: TECH_USER }, bot());
    expect(opened.answer).toMatchObject({ type: 1 });
    const { id } = Object(opened.answer);
    expect(await send("POST", `/channels/${id}/messages`, text, bot())).toMatchObject({ status: 200 });
    expect(discord.messages[0]).toMatchObject({ route: "direct-message", userId: TECH_USER });
    discord.closeDirectMessages(TECH_USER);
    expect(await send("POST", `/channels/${id}/messages`, text, bot())).toMatchObject({
      answer: { code: 50007 },
    });
  });

  test("keeps commands per scope", async () => {
    const path = `/applications/${APPLICATION}/guilds/${GUILD}/commands`;
    expect(await send("PUT", path, [{ name: "a", description: "b" }], bot())).toMatchObject({ status: 200 });
    expect((await send("GET", `${path}?with_localizations=true`, undefined, bot())).answer).toMatchObject([
      { name: "a", guild_id: GUILD },
    ]);
    expect((await send("GET", `/applications/${APPLICATION}/commands`, undefined, bot())).answer).toEqual([]);
  });

  test("notes a route that it doesn't know, and a body that Discord would refuse", async () => {
    expect(await send("POST", "/channels/1/messages/2/crosspost", {}, bot())).toMatchObject({ status: 404 });
    expect(
      await send("POST", `/channels/${CHANNEL}/messages`, { ...text, cotnent: "" }, bot()),
    ).toMatchObject({ answer: { code: 50035 } });
    expect(discord.violations).toEqual([
      expect.stringMatching(/crosspost is not a route/),
      expect.stringMatching(/cotnent: unknown key/),
    ]);
  });

  test("notes who comes back before Retry-After, or without a bot's User-Agent", async () => {
    discord.faults.push({ route: "post-message", fault: faults.rateLimited(5) });
    const limited = await send("POST", `/channels/${CHANNEL}/messages`, text, bot());
    expect(limited.headers.get("retry-after")).toBe("5");
    await send("POST", `/channels/${CHANNEL}/messages`, text, { ...bot(), "user-agent": "curl" });
    expect(discord.violations).toEqual([
      expect.stringMatching(/before Retry-After/),
      expect.stringMatching(/User-Agent/),
    ]);
  });

  test("can lose an answer and keep its effect", async () => {
    discord.faults.push({ route: "post-message", fault: faults.unavailableAfterEffect });
    expect(await send("POST", `/channels/${CHANNEL}/messages`, text, bot())).toMatchObject({ status: 502 });
    expect(discord.messages).toHaveLength(1);
  });

  test("tells who listens of every message and edit", async () => {
    const listener = vi.fn();
    discord.on(listener);
    const { token } = discord.openInteraction();
    discord.deferred(token);
    await send("PATCH", original(token), embed);
    expect(listener.mock.calls.map(([{ kind }]) => kind)).toEqual(["message", "edit"]);
  });
});
