import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Job } from "../../../../src/jobs/contract.ts";
import type { Jobs } from "../../../../src/jobs/queue.ts";
import { createRedisJobs } from "../../../../src/jobs/redis.ts";
import { conversationKey } from "../../../../worker/assistant/memory.ts";
import { createAudit } from "../../../../worker/audit/audit.ts";
import type { Entry } from "../../../../worker/audit/record.ts";
import { createDiscord, createGatewayRest } from "../../../../worker/discord/api.ts";
import {
  type Gateway,
  type GatewayOptions,
  startGateway,
} from "../../../../worker/discord/gateway/gateway.ts";
import type { Pace } from "../../../../worker/discord/gateway/listen.ts";
import { createTakeQuestion } from "../../../../worker/discord/gateway/take-question.ts";
import { ownThreadKey } from "../../../../worker/discord/own-thread.ts";
import { useEmbeddedJobs } from "../../../embedded-store.ts";
import {
  APPLICATION,
  CHANNEL,
  GUILD,
  messageCreate,
  snowflake,
  TECH_ROLE,
  TECH_USER,
} from "../../../interactions.ts";
import { collectLog } from "../../../log.ts";
import { createRedisServer, type RedisServer, redisMissing } from "../../../redis-server.ts";
import { faults } from "../../../sandbox/discord/faults.ts";
import { BOT_TOKEN, type DiscordSandbox, startDiscord } from "../../../sandbox/discord.ts";
import {
  type GatewaySandbox,
  type GatewayOptions as SandboxOptions,
  startGatewaySandbox,
} from "../../../sandbox/gateway.ts";
import type { Errand, Told } from "./gateway-process.ts";

const access = {
  guildId: GUILD,
  adminRoles: [],
  techRoles: [TECH_ROLE],
  adminUsers: [],
  techUsers: [],
  roleTenants: [],
};
const PACE: Pace = { reconnectMs: [10, 50], identifyMs: [10, 50] };

const embedded = useEmbeddedJobs();
let gateway: GatewaySandbox;
let discord: DiscordSandbox;
let logged: ReturnType<typeof collectLog>;
let listening: Gateway[];

/** Discord, with a gateway of its own. */
async function startSandboxes(options: Partial<SandboxOptions> = {}): Promise<void> {
  gateway = await startGatewaySandbox({ botToken: BOT_TOKEN, ...options });
  discord = await startDiscord({ gateway: () => gateway.information() });
}

beforeEach(() => {
  logged = collectLog();
  listening = [];
});
afterEach(async () => {
  await Promise.all(listening.map((each) => each.close()));
  // The next test has another gateway, that knows nothing of this one's sessions.
  const { store } = embedded();
  for (const key of await store.keys("gateway-session:")) await store.delete(key);
  await gateway.close();
  await discord.close();
  expect(gateway.violations).toEqual([]);
  expect(discord.violations).toEqual([]);
  expect(JSON.stringify(logged.lines)).not.toContain("canary");
});

const discordApi = () => createDiscord({ apiUrl: discord.url, botToken: BOT_TOKEN, timeoutMs: 1_000 });

/** A listener in this process. Its jobs are collected in place of being queued, as the queue would: one for each id. */
function listen({
  messageContent = false,
  enqueue = async () => ({ kind: "queued" as const }),
  ...options
}: Partial<GatewayOptions> & {
  enqueue?: (job: Job) => ReturnType<ReturnType<Jobs["producer"]>["enqueue"]>;
} = {}) {
  const queued = new Map<string, Job>();
  const asked: string[] = [];
  const entries: Entry[] = [];
  const { log } = logged;
  const { store } = embedded();
  const api = discordApi();
  const started = startGateway({
    ...{ applicationId: APPLICATION, guildId: GUILD, messageContent, botToken: BOT_TOKEN, store, log },
    ...{ leaseMs: 5_000, leasePollMs: 10, saveEveryMs: 10, retryMs: 20, pace: PACE },
    rest: createGatewayRest({ apiUrl: discord.url, botToken: BOT_TOKEN }),
    takeQuestion: createTakeQuestion({
      access,
      producer: {
        async enqueue(job) {
          asked.push(job.id);
          const entry = await enqueue(job);
          if (entry.kind === "queued") queued.set(job.id, Job.parse(JSON.parse(JSON.stringify(job))));
          return entry;
        },
      },
      audit: createAudit({ chain: { append: async (entry) => void entries.push(entry) }, log, secrets: [] }),
      ...{ store, discord: api, log },
    }),
    ...options,
  });
  listening.push(started);
  const isListening = () => expect.poll(() => started.status().state, { timeout: 5_000 }).toBe("listening");
  const questions = () => [...queued.values()].map(({ work }) => work.kind === "ask" && work.question);
  return { ...started, isListening, queued, questions, asked, entries };
}

const say = (content: string, change: Parameters<typeof messageCreate>[1] = {}) => {
  const message = messageCreate(content, change);
  discord.say({ id: message.id, channelId: message.channel_id });
  gateway.dispatch("MESSAGE_CREATE", message);
  return message;
};
const ask = (question: string, change: Parameters<typeof messageCreate>[1] = {}) =>
  say(`<@${APPLICATION}> ${question}`, change);
const replies = () => discord.messages.map(({ channelId, content }) => ({ channelId, content }));

/** Everything before it has been dealt with once this has. */
async function settled(worker: ReturnType<typeof listen>, channelId = CHANNEL): Promise<void> {
  const { id } = ask("the last one", { channelId });
  await expect.poll(() => worker.asked, { timeout: 5_000 }).toContain(`msg-${id}`);
  await expect.poll(() => worker.status().backlog).toBe(0);
}

describe("what is heard", () => {
  beforeEach(() => startSandboxes());

  test("a mention becomes a job with the question and the roles of whoever asks", async () => {
    const worker = listen();
    await worker.isListening();
    const { id } = ask("check user@example.com for breach");
    await expect
      .poll(() => worker.queued.get(`msg-${id}`))
      .toMatchObject({
        id: `msg-${id}`,
        interaction: {
          ...{
            id,
            guildId: GUILD,
            channelId: CHANNEL,
            userId: TECH_USER,
            roleIds: [TECH_ROLE],
            ephemeral: false,
          },
          threadName: "check user@example.com for breach",
        },
        work: { kind: "ask", question: "check user@example.com for breach", messageId: id },
      });
    expect(worker.queued.get(`msg-${id}`)).not.toHaveProperty("interaction.threadId");
  });

  test("without the Message Content intent, nothing else is asked for or heard", async () => {
    const worker = listen();
    await worker.isListening();
    await embedded().store.set(ownThreadKey(CHANNEL), "1", { ttlMs: 60_000 });
    say("and for Fabrikam?");
    await settled(worker);
    await embedded().store.delete(ownThreadKey(CHANNEL));
    expect(worker.questions()).toEqual(["the last one"]);
  });

  test("a mention in a thread continues that thread", async () => {
    const worker = listen();
    await worker.isListening();
    const threadId = snowflake();
    discord.say({ id: threadId });
    await discordApi().openThread(CHANNEL, threadId, { name: "opened by a person" });
    const { id } = ask("and here?", { channelId: threadId });
    await expect
      .poll(() => worker.queued.get(`msg-${id}`))
      .toMatchObject({
        interaction: { channelId: threadId, threadId },
        work: { threadId },
      });
  });

  test("with the intent, what is said in one of our threads is a question, elsewhere it is not", async () => {
    const worker = listen({ messageContent: true });
    await worker.isListening();
    const threadId = snowflake();
    await embedded().store.set(ownThreadKey(threadId), "1", { ttlMs: 60_000 });
    say("not for the bot");
    say("and for Fabrikam?", { channelId: threadId });
    say("<@1100000000000000077> what do you think?", { channelId: threadId });
    say("I have no role", { channelId: threadId, roles: [] });
    await settled(worker);
    await settled(worker, threadId);
    expect(worker.questions()).toEqual(["and for Fabrikam?", "the last one", "the last one"]);
    expect(replies()).toEqual([]);
  });

  test("a thread whose conversation began with /ask is one of ours", async () => {
    const worker = listen({ messageContent: true });
    await worker.isListening();
    const threadId = snowflake();
    await embedded().store.set(conversationKey(threadId), "[]", { ttlMs: 60_000 });
    const { id } = say("and for Fabrikam?", { channelId: threadId });
    await expect.poll(() => worker.queued.get(`msg-${id}`)).toMatchObject({ work: { threadId } });
  });

  test("bots, webhooks, other servers, direct messages and our own messages are not answered", async () => {
    const worker = listen();
    await worker.isListening();
    ask("a bot", { author: { bot: true } });
    ask("a webhook", { webhookId: snowflake() });
    ask("another server", { guildId: snowflake() });
    ask("a direct message", { guildId: null });
    ask("ourselves", { userId: APPLICATION });
    ask("somebody joined", { type: 7 });
    gateway.dispatch("MESSAGE_CREATE", { junk: true });
    gateway.dispatch("TYPING_START", { user_id: TECH_USER });
    await settled(worker);
    expect(worker.questions()).toEqual(["the last one"]);
    expect(replies()).toEqual([]);
  });

  test("somebody without a role is told so once, without a ping, and each try is on record", async () => {
    const worker = listen();
    await worker.isListening();
    const userId = snowflake();
    const first = ask("let me in", { userId, roles: [] });
    ask("let me in!", { userId, roles: [] });
    await settled(worker);
    expect(replies()).toEqual([{ channelId: CHANNEL, content: expect.stringContaining("technician role") }]);
    expect(discord.messages[0]?.pinged).toEqual([]);
    expect(discord.messages[0]?.history[0]).toMatchObject({
      allowed_mentions: { parse: [] },
      message_reference: { message_id: first.id },
    });
    expect(worker.entries).toMatchObject(
      Array(2).fill({ kind: "refusal", code: "NO_ROLE", act: { name: "ask", actor: { userId } } }),
    );
    expect(worker.questions()).toEqual(["the last one"]);
  });

  test("a mention without a question gets a hint", async () => {
    const worker = listen();
    await worker.isListening();
    ask("", { userId: snowflake() });
    await expect
      .poll(replies)
      .toEqual([{ channelId: CHANNEL, content: expect.stringContaining("Write the question") }]);
    expect(worker.asked).toEqual([]);
  });

  test("files are not read, and whoever attached them learns it", async () => {
    const worker = listen();
    await worker.isListening();
    const files = { attachments: [{ id: "1", filename: "mail.eml" }] };
    const message = messageCreate(`<@${APPLICATION}>`, { userId: snowflake() });
    gateway.dispatch("MESSAGE_CREATE", { ...message, ...files });
    await expect
      .poll(replies)
      .toEqual([{ channelId: CHANNEL, content: expect.stringContaining("not read") }]);
    const question = messageCreate(`<@${APPLICATION}> is this phishing?`);
    gateway.dispatch("MESSAGE_CREATE", { ...question, ...files });
    await expect
      .poll(worker.questions)
      .toEqual([expect.stringMatching(/^is this phishing\?\n\n.*1 attached file.*not read/)]);
  });

  test("a queue that is away is said in words", async () => {
    const worker = listen({ enqueue: async () => ({ kind: "unavailable", reason: "down" }) });
    await worker.isListening();
    ask("anybody there?");
    await expect
      .poll(replies)
      .toEqual([{ channelId: CHANNEL, content: expect.stringContaining("nothing was started") }]);
  });

  test("questions of one channel are queued in the order they were asked", async () => {
    const worker = listen();
    await worker.isListening();
    const all = Array.from({ length: 30 }, (_, index) => `question ${index}`);
    for (const question of all) ask(question);
    await settled(worker);
    expect(worker.questions()).toEqual([...all, "the last one"]);
  });

  test("a flood is dealt with a few at a time, and what there is no room for is counted", async () => {
    let running = 0;
    let most = 0;
    const released = new Promise<void>((resolve) => {
      listening.push({
        status: () => ({ state: "standby", backlog: 0, dropped: 0 }),
        close: async () => resolve(),
      });
    });
    const worker = listen({
      async enqueue() {
        running += 1;
        most = Math.max(most, running);
        await released;
        running -= 1;
        return { kind: "queued" };
      },
    });
    await worker.isListening();
    for (let count = 0; count < 2_000; count += 1) {
      ask(`flood ${count}`, { channelId: String(1_100_000_000_000_001_000n + BigInt(count % 50)) });
    }
    await expect.poll(() => worker.status().dropped, { timeout: 5_000 }).toBe(2_000 - 204);
    expect(worker.status().backlog).toBe(204);
    await expect.poll(() => most).toBe(4);
    expect(logged.lines.filter(({ message }) => message.startsWith("too many messages"))).toHaveLength(18);
  });
});

describe("connections that end", () => {
  test("a zombie is noticed and resumed; no message is lost or doubled", async () => {
    await startSandboxes({ heartbeatIntervalMs: 60 });
    const worker = listen();
    await worker.isListening();
    ask("before");
    await expect.poll(worker.questions).toEqual(["before"]);
    gateway.falter();
    ask("meanwhile");
    // Whoever connects again finds a gateway that is well.
    gateway.recover();
    await expect.poll(worker.questions, { timeout: 10_000 }).toEqual(["before", "meanwhile"]);
    expect(gateway.openings).toEqual(["identify", "resume"]);
    expect(worker.asked).toHaveLength(2);
  });

  test.for<[title: string, end: () => void]>([
    ["Discord asks to connect again", () => gateway.reconnect()],
    ["Discord closes with an unknown error", () => gateway.drop(4000)],
    ["Discord says that the session timed out", () => gateway.drop(4009)],
    ["the network breaks", () => gateway.drop(0)],
    ["Discord says that the session may be resumed", () => gateway.invalidate({ resumable: true })],
  ])("when %s, the session is resumed", async ([, end]) => {
    await startSandboxes();
    const worker = listen();
    await worker.isListening();
    end();
    ask("meanwhile");
    await expect.poll(worker.questions, { timeout: 10_000 }).toEqual(["meanwhile"]);
    await expect.poll(() => worker.status().state).toBe("listening");
    expect(gateway.openings.filter((opened) => opened === "identify")).toHaveLength(1);
  });

  test("a session that is over is begun anew", async () => {
    await startSandboxes();
    const worker = listen();
    await worker.isListening();
    gateway.invalidate({ resumable: false });
    await expect.poll(() => gateway.openings, { timeout: 10_000 }).toEqual(["identify", "identify"]);
    await worker.isListening();
    await settled(worker);
  });

  test("a session that cannot be resumed is begun anew", async () => {
    await startSandboxes();
    const worker = listen();
    await worker.isListening();
    gateway.forget();
    gateway.drop(4000);
    await expect
      .poll(() => gateway.openings, { timeout: 10_000 })
      .toEqual(["identify", "resume", "identify"]);
    await expect.poll(() => gateway.listeners()).toBe(1);
    await settled(worker);
  });
});

describe("a listener that stops", () => {
  beforeEach(() => startSandboxes());

  test("leaves its session to the next, up to the last event", async () => {
    const first = listen({ saveEveryMs: 60_000 });
    await first.isListening();
    await settled(first);
    await first.close();
    const second = listen();
    await second.isListening();
    await settled(second);
    expect(gateway.openings).toEqual(["identify", "resume"]);
    expect(second.asked).toHaveLength(1);
  });

  test("leaves what it could not deal with any more to the next as well", async () => {
    const first = listen({ enqueue: () => new Promise(() => {}), lastQuestionsMs: 1 });
    await first.isListening();
    const { id } = ask("in hand");
    await expect.poll(() => first.asked).toEqual([`msg-${id}`]);
    await first.close();
    const second = listen();
    await expect.poll(second.questions, { timeout: 5_000 }).toEqual(["in hand"]);
  });

  test("does not come back, although it was about to connect again", async () => {
    const first = listen();
    await first.isListening();
    gateway.drop(4000);
    await expect.poll(() => first.status().state).toBe("connecting");
    await first.close();
    const second = listen();
    await second.isListening();
    // Its pause before it connects again begins after that of the first.
    gateway.drop(4000);
    await expect.poll(() => second.status().state).toBe("connecting");
    await second.isListening();
    expect(gateway.connections).toHaveLength(3);
  });
});

describe("what Discord refuses", () => {
  test.for<[title: string, options: Partial<SandboxOptions>, messageContent: boolean, reason: RegExp]>([
    ["a wrong bot token", { botToken: "another" }, false, /DISCORD_TOKEN/],
    [
      "an intent that is not switched on",
      { allowsMessageContent: false },
      true,
      /Message Content.*developer portal/,
    ],
  ])("%s ends in words and not in a loop", async ([, options, messageContent, reason]) => {
    await startSandboxes(options);
    const worker = listen({ messageContent });
    await expect
      .poll(worker.status)
      .toMatchObject({ state: "refused", reason: expect.stringMatching(reason) });
    await worker.close();
    expect(gateway.connections).toHaveLength(1);
    expect(logged.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        message: "gateway refused",
        reason: expect.stringMatching(reason),
      }),
    );
  });

  test("a token that the REST API refuses ends in the same words", async () => {
    await startSandboxes();
    discord.faults.push({ route: "get-gateway-bot", fault: faults.unauthorized });
    const worker = listen();
    await expect
      .poll(worker.status)
      .toMatchObject({ state: "refused", reason: expect.stringContaining("DISCORD_TOKEN") });
    expect(gateway.connections).toEqual([]);
  });

  test("no session is begun when none is left for today", async () => {
    await startSandboxes({ remaining: 0 });
    const worker = listen();
    await expect
      .poll(worker.status)
      .toMatchObject({ state: "waiting", reason: expect.stringContaining("60 minutes") });
    expect(gateway.connections).toEqual([]);
  });

  test("sessions that end at once use up the budget no further than it goes", async () => {
    await startSandboxes({ remaining: 3 });
    const worker = listen();
    await worker.isListening();
    for (const count of [2, 3]) {
      gateway.invalidate({ resumable: false });
      await expect
        .poll(() => gateway.openings.filter((opened) => opened === "identify").length, { timeout: 10_000 })
        .toBe(count);
      await expect.poll(() => gateway.listeners()).toBe(1);
    }
    gateway.invalidate({ resumable: false });
    await expect.poll(worker.status, { timeout: 10_000 }).toMatchObject({ state: "waiting" });
    expect(gateway.information().remaining).toBe(0);
  });

  test("a Discord that is away is asked again", async () => {
    await startSandboxes();
    discord.faults.push({ route: "get-gateway-bot", fault: faults.unavailable, times: 5 });
    await listen().isListening();
  });
});

describe.skipIf(redisMissing)("several processes", () => {
  let redis: RedisServer;
  let jobs: Jobs;
  let prefix: string;
  let started: { kill(): Promise<void> }[];
  beforeAll(async () => {
    redis = await createRedisServer();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    prefix = randomUUID();
    started = [];
    jobs = createRedisJobs({ url: redis.url, prefix, log: collectLog().log });
    await startSandboxes();
  });
  afterEach(async () => {
    await Promise.all(started.map((worker) => worker.kill()));
    await jobs.close();
  });

  async function startWorker({ leaseMs = 1_500 } = {}) {
    const child = fork(fileURLToPath(new URL("./gateway-process.ts", import.meta.url)), {
      execArgv: ["--import", "tsx"],
    });
    let state = "starting";
    child.on("message", (told: Told) => {
      state = told.state;
    });
    const errand: Errand = { redisUrl: redis.url, prefix, apiUrl: discord.url, botToken: BOT_TOKEN, leaseMs };
    child.send(errand);
    const end = async (how: () => void) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      how();
      await exited;
    };
    const worker = {
      is: (wanted: string) => expect.poll(() => state, { timeout: 20_000 }).toBe(wanted),
      stop: () => end(() => child.send("stop")),
      kill: () => end(() => child.kill("SIGKILL")),
    };
    started.push(worker);
    return worker;
  }

  const isQueued = (message: { id: string }) =>
    expect.poll(() => jobs.inspect("lookups", `msg-${message.id}`), { timeout: 20_000 }).toBeDefined();

  test("a process that is started again resumes, and hears what was said meanwhile", async () => {
    const first = await startWorker();
    await first.is("listening");
    await isQueued(ask("before"));
    await first.stop();
    const meanwhile = ask("meanwhile");
    const second = await startWorker();
    await second.is("listening");
    await isQueued(meanwhile);
    expect(gateway.openings).toEqual(["identify", "resume"]);
  });

  test("one of two listens, and when it is killed the other takes over within the lease, missing nothing", async () => {
    const first = await startWorker();
    await first.is("listening");
    const second = await startWorker();
    await second.is("standby");
    expect(gateway.listeners()).toBe(1);
    await isQueued(ask("before"));

    await first.kill();
    const killedAt = performance.now();
    const meanwhile = ask("meanwhile");
    await second.is("listening");
    expect(performance.now() - killedAt).toBeLessThan(1_500 + 2_000);
    await isQueued(meanwhile);
    expect(gateway.openings).toEqual(["identify", "resume"]);
    expect(gateway.listeners()).toBe(1);
  });
});
