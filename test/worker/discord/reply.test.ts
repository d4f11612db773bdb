import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { InteractionRef } from "../../../src/jobs/contract.ts";
import { createDiscord, type Discord } from "../../../worker/discord/api.ts";
import type { Delivery } from "../../../worker/discord/deliver.ts";
import { originalOfInteraction } from "../../../worker/discord/original.ts";
import { createReply, type ReplyOptions } from "../../../worker/discord/reply.ts";
import type { Progress, Report } from "../../../worker/report.ts";
import { APPLICATION, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import { type Fault, faults, type RouteName } from "../../sandbox/discord/faults.ts";
import type { SandboxMessage } from "../../sandbox/discord/messages.ts";
import { type DiscordSandbox, startDiscord } from "../../sandbox/discord.ts";

const report: Report = {
  outcome: "Done",
  title: "Confirmed: adele@contoso.com",
  tone: "critical",
  lead: "Reset the password first.",
  sections: [{ heading: "Findings", lines: ["A rule forwards mail outside"] }],
  files: [],
  buttons: [{ action: "run-again", caseId: "ix-1" }],
};
const step = (label: string): Progress => ({ title: "Checking", steps: [{ label, state: "running" }] });

let discord: DiscordSandbox;
let folder: string;
let now: number;
let logged: ReturnType<typeof collectLog>;

beforeAll(async () => {
  // The first request of a process loads what it needs; on a busy machine that takes longer than the 400 ms below.
  const warm = await startDiscord();
  const api = createDiscord({ apiUrl: warm.url, botToken: warm.botToken });
  await api.openDirectMessages(TECH_USER);
  await warm.close();
});

beforeEach(async () => {
  now = Date.now();
  discord = await startDiscord({ clock: () => now });
  folder = await mkdtemp(join(tmpdir(), "reply-"));
  logged = collectLog();
});

afterEach(async () => {
  await discord.close();
  await rm(folder, { recursive: true });
  // Whatever a test does, no token may reach a log.
  expect(JSON.stringify(logged.lines)).not.toMatch(/canary|aW50ZXJhY3Rpb246|MTEwMDAwMDAwMDAwMDAwMDAwMw/);
  expect(discord.violations).toEqual([]);
});

interface Scene {
  ephemeral?: boolean;
  /** The deferral hasn't reached Discord yet. */
  early?: boolean;
  limit?: number;
  pace?: NonNullable<ReplyOptions["pace"]>;
  signal?: AbortSignal;
  patienceMs?: number;
  /** How long ago the interaction was. */
  ageMs?: number;
  /** It was a click that turns a page, so the original response is the message that was clicked. */
  updates?: boolean;
}

/** A job's reply against the sandbox, with delays of milliseconds. */
function scene({
  ephemeral = false,
  early = false,
  limit = 10 * 1024 * 1024,
  pace,
  signal,
  patienceMs = 5_000,
  ageMs = 0,
  updates = false,
}: Scene = {}) {
  const { id, token, channelId, userId } = discord.openInteraction({ id: snowflake(now - ageMs) });
  if (!early) discord.deferred(token, { ephemeral });
  const interaction: InteractionRef = {
    ...{ id, applicationId: APPLICATION, interactionToken: token, guildId: GUILD, channelId, userId },
    ...{ roleIds: [TECH_ROLE], ephemeral, attachmentLimitBytes: limit },
    ...(updates && { updates }),
  };
  let current = 0;
  let most = 0;
  const api = createDiscord({
    ...{ apiUrl: discord.url, botToken: discord.botToken, timeoutMs: 400, rateLimitPatienceMs: 300 },
  });
  const counted: Discord = {
    ...api,
    async editOriginal(...request) {
      current += 1;
      most = Math.max(most, current);
      return api.editOriginal(...request).finally(() => {
        current -= 1;
      });
    },
  };
  const create = () =>
    createReply({
      discord: counted,
      original: originalOfInteraction(interaction, { discord: counted }),
      ...{ interaction, jobId: `ix-${id}`, log: logged.log, now: () => now },
      pace: pace ?? { firstMs: 1, everyMs: 1 },
      persistence: { unknownWebhookMs: [5, 10, 20, 40, 80], unreachableMs: [5, 10, 20], patienceMs },
      ...(signal && { signal }),
    });
  const reply = create();
  const finish = (changes: Partial<Report> = {}) =>
    reply.finish({ ...report, ...changes }, { durationMs: 12_300 });
  return {
    interaction,
    token,
    reply,
    finish,
    create,
    original: () => discord.original(token),
    concurrency: () => most,
  };
}

async function file(name: string, sizeBytes: number) {
  const path = join(folder, name);
  await writeFile(path, new Uint8Array(sizeBytes).fill(7));
  return { name, path, description: "Evidence of this case" };
}

const fail = (route: RouteName, fault: Fault | "hang" | "hang-after-effect", times = 1) =>
  discord.faults.push({ route, fault, times });
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });
const visible = () => discord.messages.filter(({ deleted, loading }) => !deleted && !loading);
const hasReport = ({ embeds }: SandboxMessage) =>
  /^Done · 12\.3 s · \d{6}$/.test(embeds[0]?.footer?.text ?? "");
const reports = () => visible().filter(hasReport);
const routes = () => discord.calls.map(({ route }) => route);
const count = (route: RouteName) => routes().filter((other) => other === route).length;
const labels = (message: SandboxMessage | undefined) =>
  message?.components.flatMap(({ components }) => components.map(({ label }) => label));

describe("a report while the interaction's token lives", () => {
  test("becomes the original response", async () => {
    const { finish, original } = scene();
    expect(await finish()).toEqual({ kind: "edited", missing: [] });
    expect(original()).toMatchObject({ embeds: [{ title: "Confirmed: adele@contoso.com" }], pinged: [] });
    expect(labels(original())).toEqual(["Run again"]);
    expect(routes()).toEqual(["edit-original"]);
  });

  test("arrives although the job was faster than the deferral", async () => {
    const { finish, original } = scene();
    fail("edit-original", faults.unknownWebhook, 3);
    expect(await finish()).toMatchObject({ kind: "edited" });
    expect(original()).toSatisfy(hasReport);
  });

  test("goes to the channel when the deferral never arrives, after a bounded number of tries", async () => {
    const { finish } = scene({ early: true });
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(count("edit-original")).toBe(6);
    expect(reports()).toHaveLength(1);
  });

  test("is edited in again after 5xx, which does no harm", async () => {
    const { finish } = scene();
    fail("edit-original", faults.unavailable, 3);
    expect(await finish()).toMatchObject({ kind: "edited" });
    expect(reports()).toHaveLength(1);
  });

  test("is not shown a second time when only the answers were lost", async () => {
    const { finish } = scene();
    fail("edit-original", faults.unavailableAfterEffect, 99);
    expect(await finish()).toMatchObject({ kind: "edited" });
    expect(discord.messages).toHaveLength(1);
  });

  test("goes to the channel when edits stay impossible", async () => {
    const { finish } = scene();
    fail("edit-original", faults.unavailable, 99);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(reports()).toHaveLength(1);
  });

  test("is not held up by a Discord that never answers", async () => {
    const { finish } = scene();
    fail("edit-original", "hang", 99);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(reports()).toHaveLength(1);
  });

  test("waits for a short rate limit", async () => {
    const { finish } = scene();
    fail("edit-original", faults.rateLimited(0.1));
    expect(await finish()).toMatchObject({ kind: "edited" });
  });

  test("waits for a rate limit of moderate length", async () => {
    const { finish } = scene();
    fail("edit-original", faults.rateLimited(0.6));
    expect(await finish()).toMatchObject({ kind: "edited" });
  });

  test("does not wait for a rate limit that outlasts its patience", async () => {
    const { finish } = scene();
    fail("edit-original", faults.rateLimited(3_600), 99);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(count("edit-original")).toBe(1);
  });

  test("does not hammer a Discord that bans it without saying for how long", async () => {
    const { finish } = scene();
    fail("edit-original", faults.banned, 99);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(count("edit-original")).toBe(1);
  });

  test("is said in few words when Discord refuses the many", async () => {
    const { finish, original } = scene();
    fail("edit-original", { status: 400, body: { message: "Invalid Form Body", code: 50035 } });
    expect(await finish()).toMatchObject({ kind: "edited" });
    expect(original()).toMatchObject({ embeds: [{ title: "The report could not be shown" }] });
    expect(original()).toSatisfy(hasReport);
  });
});

describe("the report of a click that turns a page", () => {
  test("takes the place of the page", async () => {
    const { finish, interaction } = scene({ updates: true });
    expect((await finish()).kind).toBe("edited");
    expect(discord.original(interaction.interactionToken)?.embeds[0]?.title).toBe(report.title);
  });

  test("is told beside the page, to whoever clicked, where it failed", async () => {
    const { finish, interaction } = scene({ updates: true });
    discord.answered(interaction.interactionToken, { content: "the page", ephemeral: false });
    expect((await finish({ outcome: "Failed" })).kind).toBe("followed-up");
    const [page, told] = discord.messages.slice(-2);
    expect([page?.content, page?.embeds]).toEqual(["the page", []]);
    expect([told?.route, told?.ephemeral]).toEqual(["follow-up", true]);
  });

  test("takes the place of a message that it settles, although it failed", async () => {
    const { finish, interaction } = scene({ updates: true });
    discord.answered(interaction.interactionToken, { content: "Send?", ephemeral: true });
    expect((await finish({ outcome: "Interrupted", settles: true })).kind).toBe("edited");
    expect(discord.original(interaction.interactionToken)?.embeds[0]?.title).toBe(report.title);
  });
});

describe("a report whose original response somebody deleted", () => {
  test.for([false, true])(
    "arrives once as a follow-up of the same visibility: ephemeral %s",
    async (ephemeral) => {
      const { finish, original } = scene({ ephemeral });
      discord.deleteMessage(original()?.id ?? "");
      expect(await finish()).toMatchObject({ kind: "followed-up" });
      expect(reports()).toMatchObject([{ route: "follow-up", ephemeral }]);
    },
  );

  test.for<[title: string, fault: Fault | "hang-after-effect"]>([
    ["a 5xx", faults.unavailableAfterEffect],
    ["no answer", "hang-after-effect"],
  ])("is not sent again after %s: a button brings it back", async ([, fault]) => {
    const { finish, original } = scene();
    discord.deleteMessage(original()?.id ?? "");
    fail("follow-up", fault);
    expect(await finish()).toMatchObject({ kind: "unconfirmed" });
    expect(reports()).toHaveLength(1);
    expect(visible().at(-1)).toMatchObject({ ephemeral: true });
    expect(labels(visible().at(-1))).toEqual(["Show result"]);
  });

  test("goes to the channel when follow-ups are refused", async () => {
    const { finish, original } = scene();
    discord.deleteMessage(original()?.id ?? "");
    fail("follow-up", faults.missingAccess);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(reports()).toHaveLength(1);
  });
});

describe("a report after the interaction's token has ended", () => {
  test.for<[title: string, end: (token: string) => void]>([
    ["after 14 minutes", () => (now += 14 * 60_000)],
    ["early", (token) => discord.expire(token)],
  ])("goes to the channel if it was public, %s", async ([, end]) => {
    const { token, finish, interaction } = scene();
    end(token);
    expect(await finish()).toMatchObject({ kind: "posted" });
    const [message] = reports();
    expect(message).toMatchObject({ route: "channel", pinged: [interaction.userId] });
    expect(message?.history[0]).toMatchObject({
      allowed_mentions: { parse: [], users: [interaction.userId] },
      enforce_nonce: true,
    });
  });

  test("asks Discord for nothing with a token that is past its time", async () => {
    const { finish } = scene();
    now += 14 * 60_000;
    await finish();
    expect(routes()).toEqual(["post-message"]);
  });

  test("leaves no progress behind that runs for ever", async () => {
    const { token, reply, finish, original } = scene();
    reply.progress(step("one"));
    await eventually(() => expect(original()?.embeds).toHaveLength(1));
    discord.expire(token);
    await finish();
    expect(original()?.embeds[0]?.title).toBe("The result is in a newer message");
    expect(original()?.components).toEqual([]);
  });

  test("goes to direct messages if it was private", async () => {
    const { token, finish, interaction } = scene({ ephemeral: true });
    discord.expire(token);
    expect(await finish()).toMatchObject({ kind: "direct-message" });
    expect(reports()).toMatchObject([{ route: "direct-message", userId: interaction.userId }]);
  });

  test("never goes to the channel if it was private, where only a button appears", async () => {
    const { token, finish, interaction } = scene({ ephemeral: true });
    discord.expire(token);
    discord.closeDirectMessages(interaction.userId);
    expect(await finish({ files: [await file("case.zip", 10)] })).toEqual({ kind: "announced", missing: [] });
    const [message, ...others] = visible();
    expect(others).toEqual([]);
    expect(JSON.stringify(message?.history)).not.toMatch(/adele|contoso|Findings|case\.zip/);
    expect(labels(message)).toEqual(["Show result"]);
    expect(message?.pinged).toEqual([interaction.userId]);
  });

  test("goes to direct messages if the bot may not write to the channel", async () => {
    const { token, finish } = scene();
    discord.expire(token);
    fail("post-message", faults.missingAccess);
    expect(await finish()).toMatchObject({ kind: "direct-message" });
    expect(reports()).toMatchObject([{ route: "direct-message" }]);
  });

  test.for<[title: string, fault: Fault | "hang-after-effect"]>([
    ["a 5xx that hid a success", faults.unavailableAfterEffect],
    ["no answer", "hang-after-effect"],
    ["a 5xx", faults.unavailable],
  ])("is repeated after %s and still there once", async ([, fault]) => {
    const { token, finish } = scene();
    discord.expire(token);
    fail("post-message", fault);
    expect(await finish()).toMatchObject({ kind: "posted" });
    expect(reports()).toHaveLength(1);
  });

  test("does not cost the bot its own token", async () => {
    const first = scene();
    discord.expire(first.token);
    expect(await first.finish()).toMatchObject({ kind: "posted" });
    const refused = scene({ patienceMs: 0 });
    discord.expire(refused.token);
    fail("post-message", faults.unauthorized, 2);
    fail("open-direct-messages", faults.unauthorized);
    await expect(refused.finish()).rejects.toThrow();
    expect(await refused.finish()).toMatchObject({ kind: "posted" });
  });

  test("is rejected as retryable, without a secret, when nothing arrived", async () => {
    const { token, finish } = scene({ ephemeral: true, patienceMs: 50 });
    discord.expire(token);
    fail("post-message", faults.unavailable, 99);
    const error: unknown = await finish().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "DISCORD_UNDELIVERED", retryable: true });
    const { stack, cause } = Object(error);
    expect(`${stack} ${cause.stack} ${JSON.stringify(cause)}`).not.toMatch(/canary|aW50ZXJhY3Rpb246/);
  });

  test("can be delivered later by a new reply, and is there once", async () => {
    const { token, finish, create } = scene({ patienceMs: 0 });
    discord.expire(token);
    fail("post-message", faults.unavailableAfterEffect, 1);
    fail("post-message", faults.unavailable, 1);
    fail("open-direct-messages", faults.unavailable, 1);
    await expect(finish()).rejects.toThrow("Discord did not take the report");
    expect(await create().finish(report, { durationMs: 12_300 })).toMatchObject({ kind: "posted" });
    expect(reports()).toHaveLength(1);
  });
});

describe("the picture of a report", () => {
  async function picture() {
    const path = join(folder, "timeline.png");
    await writeFile(path, new Uint8Array(300).fill(7));
    return { picture: { path, alt: "Timeline. Sign-ins: 12 (1 critical)." } };
  }
  const withPicture = {
    files: [{ filename: "timeline.png", description: "Timeline. Sign-ins: 12 (1 critical)." }],
  };
  const said = ({ embeds }: SandboxMessage) =>
    JSON.stringify(embeds).includes("timeline cannot be shown here");

  test("is in the message, and in words for whoever does not see it", async () => {
    const { finish, original } = scene();
    expect(await finish(await picture())).toEqual({ kind: "edited", missing: [] });
    expect(original()).toMatchObject(withPicture);
    expect(original()?.embeds[0]?.image).toEqual({ url: "attachment://timeline.png" });
    expect(routes()).toEqual(["edit-original"]);
  });

  test.for<[title: string, fault: Fault, times: number]>([
    ["the deferral is late", faults.unknownWebhook, 3],
    ["Discord is away for a moment", faults.unavailable, 2],
    ["only the answer is lost", faults.unavailableAfterEffect, 99],
    ["there is a rate limit", faults.rateLimited(0.1), 1],
  ])("arrives with the report, once, when %s", async ([, fault, times]) => {
    const { finish, original } = scene();
    fail("edit-original", fault, times);
    expect(await finish(await picture())).toMatchObject({ kind: "edited" });
    expect(reports()).toHaveLength(1);
    expect(original()).toMatchObject(withPicture);
  });

  test.for<[title: string, fault: Fault]>([
    ["too large", faults.tooLarge],
    ["refused", faults.missingAccess],
  ])("that is %s costs the picture and not the report, which says so", async ([, fault]) => {
    const { finish, original } = scene();
    fail("edit-original", fault);
    expect(await finish(await picture())).toMatchObject({ kind: "edited" });
    expect(original()).toMatchObject({ embeds: [{ title: "Confirmed: adele@contoso.com" }], files: [] });
    expect(original()).toSatisfy(said);
  });

  test("that cannot be read is told, and logged", async () => {
    const { finish, original } = scene();
    await finish({ picture: { path: join(folder, "gone.png"), alt: "x" } });
    expect(original()).toSatisfy(said);
    expect(JSON.stringify(original()?.history)).not.toContain(folder);
    expect(logged.lines).toContainEqual(
      expect.objectContaining({ message: "a report's picture cannot be read" }),
    );
  });

  test("comes along to the channel, to a follow-up and to direct messages", async () => {
    const late = scene();
    discord.expire(late.token);
    await late.finish(await picture());
    const hidden = scene({ ephemeral: true });
    discord.expire(hidden.token);
    await hidden.finish(await picture());
    const deleted = scene();
    discord.deleteMessage(deleted.original()?.id ?? "");
    await deleted.finish(await picture());
    expect(reports()).toMatchObject([
      { route: "channel", ...withPicture },
      { route: "direct-message", ...withPicture },
      { route: "follow-up", ...withPicture },
    ]);
  });

  test("that the channel does not take is left out there, and the report is there once", async () => {
    const { token, finish } = scene();
    discord.expire(token);
    fail("post-message", faults.missingAccess);
    expect(await finish(await picture())).toMatchObject({ kind: "posted" });
    expect(reports()).toMatchObject([{ route: "channel", files: [] }]);
  });

  test("is put back with the report when an abandoned edit covers them", async () => {
    const { reply, finish, original } = scene();
    fail("edit-original", "hang");
    reply.progress(step("late"));
    await eventually(() => expect(count("edit-original")).toBe(1));
    let isFirst = true;
    discord.on(({ message }) => {
      if (!isFirst || !hasReport(message)) return;
      isFirst = false;
      Object.assign(message, { embeds: [], files: [] });
    });
    await finish(await picture());
    expect(original()).toSatisfy(hasReport);
    expect(original()).toMatchObject(withPicture);
  });
});

describe('"Send" of a change', () => {
  const question: Partial<Report> = {
    transcript: "line\n".repeat(600),
    buttons: [
      { action: "query-send", caseId: "ix-1", method: "POST" },
      { action: "query-cancel", caseId: "ix-1" },
    ],
  };

  test("comes after the messages that show what is sent", async () => {
    const { finish, original } = scene({ ephemeral: true });
    await finish(question);
    expect(labels(original())).toEqual(["Send POST", "Cancel"]);
    expect(routes()).toEqual(["edit-original", "follow-up", "follow-up", "edit-original"]);
  });

  test("does not come where one of them did not arrive", async () => {
    const { finish, original } = scene({ ephemeral: true });
    fail("follow-up", faults.missingAccess);
    await finish(question);
    expect(labels(original())).toEqual([]);
  });

  test("does not come where Discord refuses the message itself", async () => {
    const { finish, original } = scene({ ephemeral: true });
    fail("edit-original", { status: 400, body: { message: "Invalid Form Body", code: 50035 } });
    await finish({ ...question, transcript: "" });
    expect(original()?.embeds[0]?.title).toBe("The report could not be shown");
    expect(labels(original())).toEqual([]);
  });
});

describe("files and transcript", () => {
  test.for([false, true])("go to the requester alone: report ephemeral %s", async (ephemeral) => {
    const { finish } = scene({ ephemeral });
    await finish({ files: [await file("case.zip", 1_000)], transcript: "line\n".repeat(600) });
    const [first, zip, ...transcript] = visible();
    expect(first).toMatchObject({ ephemeral, files: [] });
    expect(zip).toMatchObject({ ephemeral: true, route: "follow-up", content: "Evidence of this case" });
    expect(zip?.files).toMatchObject([{ filename: "case.zip", description: "Evidence of this case" }]);
    expect(zip?.files[0]?.bytes).toEqual(new Uint8Array(1_000).fill(7));
    expect(transcript.map((message) => message.ephemeral)).toEqual([true, true]);
  });

  async function told(
    changes: Scene,
    files: Report["files"],
  ): Promise<{ delivery: Delivery; notice: string }> {
    const delivery = await scene(changes).finish({ files });
    expect(reports()).toHaveLength(1);
    expect(visible().at(-1)).toMatchObject({ ephemeral: true, files: [] });
    return { delivery, notice: visible().at(-1)?.content ?? "" };
  }

  test("that Discord refuses as too large are named with their size", async () => {
    fail("follow-up", faults.tooLarge);
    const { delivery, notice } = await told({}, [await file("case.zip", 2_000_000)]);
    expect(delivery).toEqual({
      kind: "edited",
      missing: [{ name: "case.zip", reason: "too-large", sizeBytes: 2_000_000 }],
    });
    expect(notice).toMatch(/^case\.zip \(1\.9 MB\) is missing/);
  });

  async function withSmaller() {
    const whole = await file("case.zip", 2_000);
    const { path } = await file("smaller.zip", 500);
    return { ...whole, smaller: { path, description: "Without the raw artifacts" } };
  }

  test.for<[title: string, limit: number, refusals: number]>([
    ["Discord says is too large, below the limit that it announced", 10_000, 1],
    ["is over the announced limit", 1_000, 0],
  ])("are sent in their smaller form when the whole %s", async ([, limit, refusals]) => {
    if (refusals > 0) fail("follow-up", faults.tooLarge, refusals);
    expect(await scene({ limit }).finish({ files: [await withSmaller()] })).toMatchObject({ missing: [] });
    expect(visible().at(-1)).toMatchObject({
      content: "Without the raw artifacts",
      ephemeral: true,
      files: [{ filename: "case.zip" }],
    });
    expect(visible().at(-1)?.files[0]?.bytes).toHaveLength(500);
  });

  test("are named as missing when the smaller form is too large as well", async () => {
    fail("follow-up", faults.tooLarge, 2);
    const { notice } = await told({}, [await withSmaller()]);
    expect(notice).toMatch(/^case\.zip \(0\.0 MB\) is missing/);
  });

  test("over the interaction's limit are not even tried", async () => {
    const { notice } = await told({ limit: 1_000 }, [await file("case.zip", 1_001)]);
    expect(notice).toMatch(/^case\.zip \(0\.0 MB\) is missing/);
    expect(count("follow-up")).toBe(1);
  });

  test("that are gone are named, and nothing of their path is", async () => {
    const { notice } = await told({}, [{ name: "case.zip", path: join(folder, "gone"), description: "x" }]);
    expect(notice).toMatch(/^case\.zip is missing/);
    expect(notice).not.toContain(folder);
  });

  test.for<[title: string, fault: Fault | "hang-after-effect"]>([
    ["a 5xx", faults.unavailableAfterEffect],
    ["no answer", "hang-after-effect"],
  ])("are not sent twice after %s", async ([, fault]) => {
    fail("follow-up", fault);
    const { notice } = await told({}, [await file("case.zip", 10)]);
    expect(notice).toMatch(/^case\.zip \(0\.0 MB\) may be missing/);
    expect(visible().filter(({ files }) => files.length > 0)).toHaveLength(1);
  });

  test("arrive after a rate limit", async () => {
    fail("follow-up", faults.rateLimited(0.1));
    expect(await scene().finish({ files: [await file("case.zip", 10)] })).toEqual({
      kind: "edited",
      missing: [],
    });
  });

  test("come by direct message after a public report in the channel", async () => {
    const { token, finish } = scene();
    discord.expire(token);
    await finish({ files: [await file("case.zip", 10)] });
    expect(visible().map(({ route, files }) => [route, files.length])).toEqual([
      ["channel", 0],
      ["direct-message", 1],
    ]);
  });

  test("come by direct message when a follow-up would become the public deferral, which says where the report is", async () => {
    const { finish, original } = scene();
    fail("edit-original", faults.banned);
    await finish({ files: [await file("case.zip", 10)], transcript: "a line" });
    expect(original()?.embeds[0]?.title).toBe("The result is in a newer message");
    expect(visible().map(({ route, files }) => [route, files.length])).toEqual([
      ["original", 0],
      ["channel", 0],
      ["direct-message", 1],
      ["direct-message", 0],
    ]);
  });

  test("come by direct message when the token ends between the report and them", async () => {
    fail("follow-up", faults.tokenExpired);
    await scene().finish({ files: [await file("case.zip", 10)] });
    expect(visible().at(-1)).toMatchObject({ route: "direct-message", files: [{ filename: "case.zip" }] });
  });

  test("are behind a button when direct messages are closed as well", async () => {
    const { token, finish, interaction } = scene();
    discord.expire(token);
    discord.closeDirectMessages(interaction.userId);
    const { missing } = await finish({ files: [await file("case.zip", 10)] });
    expect(missing).toMatchObject([{ name: "case.zip" }]);
    expect(labels(visible().at(-1))).toEqual(["Show result"]);
    expect(visible().at(-1)).toMatchObject({ route: "channel", files: [] });
  });
});

test("a report that has arrived is not rejected when the process ends while its files are sent", async () => {
  const ending = new AbortController();
  const { finish } = scene({ signal: ending.signal });
  fail("follow-up", "hang");
  const finished = finish({ files: [await file("case.zip", 10)] });
  await eventually(() => expect(count("follow-up")).toBe(1));
  ending.abort(new Error("the process ends"));
  expect(await finished).toEqual({ kind: "edited", missing: [{ name: "case.zip", reason: "unconfirmed" }] });
});

describe("progress", () => {
  /** Until another reply, whose progress was given later, has shown it: one edit. */
  async function turnOfProgress() {
    const other = scene({ pace: { firstMs: 20 } });
    other.reply.progress(step("other"));
    await eventually(() => expect(other.original()?.embeds).toHaveLength(1));
  }

  const edits = () => discord.calls.filter(({ route }) => route === "edit-original");

  test("shows the newest, one edit at a time, with a pause in between", async () => {
    const { reply, original } = scene({ pace: { firstMs: 20, everyMs: 60 } });
    for (let index = 0; index <= 50; index += 1) reply.progress(step(`step ${index}`));
    await eventually(() => expect(original()?.embeds[0]?.description).toBe("⏳ step 50"));
    expect(edits()).toHaveLength(1);

    reply.progress(step("step 51"));
    reply.progress(step("step 52"));
    await eventually(() => expect(original()?.embeds[0]?.description).toBe("⏳ step 52"));
    expect(edits()).toHaveLength(2);
    const [first, second] = edits();
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThan(50);
  });

  test("never has two edits in flight, the report's included", async () => {
    fail("edit-original", "hang", 1);
    const { reply, finish, concurrency } = scene();
    reply.progress(step("one"));
    await eventually(() => expect(edits()).toHaveLength(1));
    reply.progress(step("two"));
    expect(await finish()).toMatchObject({ kind: "edited" });
    expect(concurrency()).toBe(1);
    expect(reports()).toHaveLength(1);
  });

  test("is skipped by a job that is quicker than the first edit", async () => {
    const { reply, finish } = scene({ pace: { firstMs: 10_000 } });
    reply.progress(step("one"));
    await finish();
    expect(edits()).toHaveLength(1);
    expect(reports()).toHaveLength(1);
  });

  test("never comes after the report", async () => {
    const { reply, finish, original } = scene();
    reply.progress(step("one"));
    await eventually(() => expect(edits()).toHaveLength(1));
    reply.progress(step("two"));
    await finish();
    reply.progress(step("three"));
    const before = edits().length;
    await turnOfProgress();
    expect(edits()).toHaveLength(before + 1);
    expect(original()).toSatisfy(hasReport);
  });

  test("that was given up on and arrives after the report is replaced by it", async () => {
    const { reply, finish, original } = scene();
    fail("edit-original", "hang");
    reply.progress(step("late"));
    await eventually(() => expect(edits()).toHaveLength(1));
    const late = edits()[0]?.payload;
    let isFirst = true;
    discord.on(({ message }) => {
      // Discord applies the abandoned edit right behind the report.
      if (!isFirst || !hasReport(message)) return;
      isFirst = false;
      message.embeds = Object(late).embeds;
    });
    await finish();
    expect(original()).toSatisfy(hasReport);
  });

  test("waits for a deferral that is late, and then appears", async () => {
    const { reply, original } = scene();
    fail("edit-original", faults.unknownWebhook, 3);
    reply.progress(step("one"));
    await eventually(() => expect(original()?.embeds[0]?.description).toBe("⏳ one"));
  });

  test("says where the result will be when Discord is about to close the message", async () => {
    // 20 ms before the 14 minutes of an interaction that is as old as that.
    const { reply, original, finish } = scene({ ageMs: 14 * 60_000 - 20 });
    reply.progress(step("one"));
    await eventually(() => expect(original()?.embeds[0]?.description).toMatch(/^⏳ one\n\n.*a new message/));
    const before = edits().length;
    reply.progress(step("two"));
    await turnOfProgress();
    expect(edits()).toHaveLength(before + 1);
    now += 20;
    expect(await finish()).toMatchObject({ kind: "posted" });
  });

  test("stops asking for a message that is gone", async () => {
    const { reply, finish, original } = scene();
    discord.deleteMessage(original()?.id ?? "");
    reply.progress(step("one"));
    await eventually(() => expect(logged.lines).toHaveLength(1));
    reply.progress(step("two"));
    expect(await finish()).toMatchObject({ kind: "followed-up" });
    expect(count("edit-original")).toBe(2);
  });

  test("that fails is logged and harms nothing", async () => {
    const { reply, finish } = scene();
    fail("edit-original", faults.unavailable);
    reply.progress(step("one"));
    await eventually(() => expect(logged.lines[0]?.message).toBe("progress was not shown"));
    expect(await finish()).toMatchObject({ kind: "edited" });
  });

  test("ends with the process", async () => {
    const ending = new AbortController();
    const { reply, finish } = scene({ signal: ending.signal });
    fail("edit-original", "hang");
    reply.progress(step("one"));
    await eventually(() => expect(edits()).toHaveLength(1));
    ending.abort(new Error("the process ends"));
    await expect(finish()).rejects.toThrow("the process ends");
  });
});

describe("an answer that grows", () => {
  const draft = (text: string): Progress => ({
    ...{ title: "Thinking", steps: [] },
    draft: { hasBegun: text !== "", text: () => text },
  });

  test("goes out within 100 ms of its first words, however slow the pace is", async () => {
    const { reply, original } = scene({ pace: { firstMs: 1, everyMs: 60_000 } });
    reply.progress(draft(""));
    await vi.waitFor(() => expect(original()?.content).toContain("Thinking"));
    // The edit that showed it is over once its answer has been read, a moment after Discord has it.
    await new Promise((read) => setImmediate(() => setImmediate(read)));
    await vi.waitFor(() => {
      const startedAt = performance.now();
      reply.progress(draft(""));
      reply.progress(draft("The first words"));
      return vi.waitFor(
        () => {
          const edit = discord.calls.findLast(({ payload }) =>
            JSON.stringify(payload).includes("The first words"),
          );
          expect((edit?.receivedAt ?? Number.POSITIVE_INFINITY) - startedAt).toBeLessThan(100);
        },
        { timeout: 500, interval: 5 },
      );
    });
  });

  test("keeps to the pace after its first words, and ends in its report", async () => {
    const { reply, finish, original } = scene({ pace: { firstMs: 1, everyMs: 60_000 } });
    reply.progress(draft("The"));
    await vi.waitFor(() => expect(original()?.content).toContain("The"));
    for (const text of ["The f", "The fi", "The first"]) reply.progress(draft(text));
    const answer = { question: "q", text: "The first words.", notes: [], steps: [], facts: ["0 calls"] };
    await finish({ answer });
    expect(discord.calls.filter(({ route }) => route === "edit-original")).toHaveLength(2);
    expect(original()?.content).toMatch(/^-# q\nThe first words\.\n-# Done · 12\.3 s · \w+ · 0 calls$/);
  });
});
