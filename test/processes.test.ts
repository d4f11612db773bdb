import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, type TestContext, test, vi } from "vitest";
import { createDiscordKeys } from "./discord-keys.ts";
import {
  ADMIN_ROLE,
  APPLICATION,
  buttonInteraction,
  CHANNEL,
  commandInteraction,
  GUILD,
  TECH_ROLE,
} from "./interactions.ts";
import { layOutQueue } from "./lay-out-queue.ts";
import { createRedisServer, redisMissing } from "./redis-server.ts";
import { say } from "./sandbox/anthropic/reply.ts";
import { startAnthropic } from "./sandbox/anthropic.ts";
import { startClaudeTools } from "./sandbox/claudetools.ts";
import { createMessage } from "./sandbox/discord/messages.ts";
import { startDiscord } from "./sandbox/discord.ts";
import { startGraph } from "./sandbox/graph.ts";
import { messageText } from "./sandbox/message-text.ts";

// The programs as they are started for real, each a process of its own, against stand-ins of everything outside.
// Those that kill a process run side by side: they mostly wait for what it had taken to be given up, up to half a minute.

/** Of the test, since several run at once. What was registered last is called first. */
type OnFinished = TestContext["onTestFinished"];

/** In place of a message that is not there yet. */
const nothing = createMessage({ id: "0", channelId: "0", route: "original", ephemeral: false, createdAt: 0 });

interface Program {
  child: ChildProcess;
  /** Everything it wrote, as it came. */
  output: string[];
  /** The first log line with this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
}

function run(program: string, environment: Record<string, string>, onFinished: OnFinished): Program {
  const file = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const { PATH = "", HOME = "", TMPDIR = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", file], {
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit").then(([code, signal]) => code ?? signal);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => output.push(line));
  }
  onFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    output,
    ended,
    logged: (message) =>
      vi.waitFor(
        () => {
          const line = output.find((text) => text.includes(`"message":"${message}"`));
          expect(line, output.join("\n")).toBeDefined();
          return JSON.parse(line ?? "");
        },
        { timeout: 60_000, interval: 50 },
      ),
  };
}

/** With an empty data folder. */
async function startWorld(onFinished: OnFinished) {
  const discord = await startDiscord({ applicationId: APPLICATION });
  const graph = await startGraph();
  const dataDir = await mkdtemp(join(tmpdir(), "processes-"));
  onFinished(() => discord.close());
  onFinished(() => graph.close());
  onFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const keys = createDiscordKeys();
  const environment = {
    DISCORD_APPLICATION_ID: APPLICATION,
    DISCORD_PUBLIC_KEY: keys.publicKey,
    DISCORD_TOKEN: discord.botToken,
    DISCORD_GUILD_ID: GUILD,
    DISCORD_API_URL: discord.url,
    DISCORD_TECH_ROLES: TECH_ROLE,
    M365_CLIENT_ID: graph.clientId,
    M365_CLIENT_SECRET: graph.clientSecret,
    GRAPH_BASE_URL: graph.graphUrl,
    LOGIN_BASE_URL: graph.loginUrl,
    DATA_DIR: dataDir,
    REMEDIATION_ARTIFACTS: join(dataDir, "artifacts"),
    PORT: "0",
    OPS_PORT: "0",
  };
  return {
    discord,
    graph,
    environment,
    ask(url: unknown, upn: string) {
      return this.send(url, "breach-check", { tenant: "contoso.com", upn });
    },
    async send(url: unknown, command: string, options: Record<string, string>) {
      const interaction = commandInteraction(command, options);
      expect(await this.post(url, interaction)).toEqual({ type: 5 });
      discord.deferred(interaction.token);
      return interaction;
    },
    async post(url: unknown, interaction: { id: string; token: string }): Promise<unknown> {
      discord.openInteraction({ id: interaction.id, token: interaction.token, channelId: CHANNEL });
      const body = JSON.stringify(interaction);
      const headers = keys.headers(body);
      return (await fetch(`${url}/interactions`, { method: "POST", body, headers })).json();
    },
    final: (token: string, pattern: RegExp) =>
      vi.waitFor(
        () => {
          const message = discord.original(token);
          expect(message ? messageText(message) : "").toMatch(pattern);
        },
        { timeout: 90_000, interval: 100 },
      ),
  };
}

test("npm start, pointed at other servers than ours, answers a check and logs no secret", async ({
  onTestFinished,
}) => {
  const world = await startWorld(onTestFinished);
  const standalone = run("worker/standalone.ts", world.environment, onTestFinished);
  const { url } = await standalone.logged("webhook listening");
  const { healthUrl } = await standalone.logged("worker takes jobs");
  expect(await (await fetch(`${healthUrl}/healthz`)).json()).toMatchObject({ status: "ok", running: 0 });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  const interaction = await world.ask(url, "adele@contoso.com");
  await world.final(interaction.token, /^(Confirmed|Likely): adele@contoso\.com[\s\S]*^Done · /m);
  expect(world.discord.violations).toEqual([]);

  standalone.child.kill("SIGTERM");
  expect(await standalone.ended).toBe(0);
  const output = standalone.output.join("\n");
  expect(output).toContain(`ix-${interaction.id}`);
  for (const secret of [interaction.token, world.discord.botToken, world.graph.clientSecret]) {
    expect(output).not.toContain(secret);
  }
}, 120_000);

test.concurrent("a check whose process is killed is told as interrupted by the next one, and is not run again", async ({
  onTestFinished,
}) => {
  const world = await startWorld(onTestFinished);
  await layOutQueue(join(world.environment.DATA_DIR, "queue"));
  world.graph.faults.push({ on: /messageRules/, fault: { kind: "hang" }, times: Number.POSITIVE_INFINITY });
  const killed = run("worker/standalone.ts", world.environment, onTestFinished);
  const { url } = await killed.logged("webhook listening");
  const interaction = await world.ask(url, "megan@contoso.com");
  await vi.waitFor(
    () => expect(world.graph.requests.some((each) => each.url.includes("messageRules"))).toBe(true),
    {
      timeout: 60_000,
    },
  );
  killed.child.kill("SIGKILL");
  await killed.ended;

  const next = run("worker/standalone.ts", world.environment, onTestFinished);
  await world.final(interaction.token, /^Interrupted · /m);
  expect(next.output.join("\n")).not.toContain('"message":"job started"');
}, 180_000);

test.concurrent("of a killed process, the next one gives the answer, and tells of the change that it may have been done", async ({
  onTestFinished,
}) => {
  const world = await startWorld(onTestFinished);
  await layOutQueue(join(world.environment.DATA_DIR, "queue"));
  const claude = await startAnthropic();
  const api = await startClaudeTools();
  onTestFinished(() => api.close());
  const environment = {
    ...world.environment,
    DISCORD_ADMIN_ROLES: ADMIN_ROLE,
    CLAUDETOOLS_API_URL: api.url,
    CLAUDETOOLS_API_KEY: api.apiKey,
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.url,
  };
  onTestFinished(() => claude.close());
  const never = new Promise(() => {});
  claude.replies.push({ content: [{ type: "text", text: "The first half and" }], hold: never });
  const killed = run("worker/standalone.ts", environment, onTestFinished);
  const { url } = await killed.logged("webhook listening");
  const admin = { roles: [ADMIN_ROLE], userId: "1100000000000000096" };
  const change = commandInteraction("query", { endpoint: "/api/tasks/7", method: "DELETE" }, admin);
  expect(await world.post(url, change)).toEqual({ type: 5, data: { flags: 64 } });
  world.discord.deferred(change.token, { ephemeral: true });
  await world.final(change.token, /Send DELETE/);
  const shown = world.discord.original(change.token) ?? nothing;
  const [send] = shown.components.flatMap((row) => row.components);
  const click = buttonInteraction(send?.custom_id ?? "", {
    ...{ ...admin, messageId: shown.id, flags: shown.flags },
  });
  const deletions = () => api.requests.filter(({ method }) => method === "DELETE");
  api.faults.push({ on: /^DELETE/, fault: { kind: "lost-answer" } });

  const interaction = await world.send(url, "ask", { question: "what is new?" });
  await vi.waitFor(
    () => expect(messageText(world.discord.original(interaction.token) ?? nothing)).toMatch(/^The first/),
    { timeout: 60_000 },
  );
  expect(await world.post(url, click)).toEqual({ type: 6 });
  world.discord.clicked(click.token, shown.id);
  await vi.waitFor(() => expect(deletions()).toHaveLength(1), { timeout: 60_000 });
  killed.child.kill("SIGKILL");
  await killed.ended;

  claude.replies.push(say("The whole answer."));
  run("worker/standalone.ts", environment, onTestFinished);
  await world.final(interaction.token, /The whole answer\.[\s\S]*^-# Done · /m);
  const finals = world.discord.messages.filter((message) => /^-# Done · /m.test(message.content));
  expect(finals).toHaveLength(1);
  await world.final(
    click.token,
    /^Not known whether it was done: DELETE \/api\/tasks\/7[\s\S]*^Interrupted · /m,
  );
  expect(deletions()).toHaveLength(1);
  expect(world.discord.violations).toEqual([]);
  expect(claude.violations).toEqual([]);
}, 180_000);

test.concurrent("webhook and worker are processes of their own, and a killed worker's check is told by another", {
  skip: redisMissing !== false,
  timeout: 180_000,
}, async ({ onTestFinished }) => {
  const world = await startWorld(onTestFinished);
  const redis = await createRedisServer();
  onTestFinished(() => redis.stop());
  const environment = { ...world.environment, REDIS_URL: redis.url };
  const { url } = await run("src/server.ts", environment, onTestFinished).logged("webhook listening");
  const first = run("worker/main.ts", environment, onTestFinished);
  await first.logged("worker takes jobs");
  const answered = await world.ask(url, "adele@contoso.com");
  await world.final(answered.token, /^Done · /m);

  world.graph.faults.push({ on: /messageRules/, fault: { kind: "hang" }, times: Number.POSITIVE_INFINITY });
  const interrupted = await world.ask(url, "megan@contoso.com");
  await vi.waitFor(() => expect(first.output.join("\n")).toContain(`"message":"job started"`));
  await vi.waitFor(
    () =>
      expect(world.graph.requests.filter((each) => each.url.includes("messageRules")).length).toBeGreaterThan(
        1,
      ),
    { timeout: 60_000 },
  );
  first.child.kill("SIGKILL");
  await first.ended;

  const second = run("worker/main.ts", environment, onTestFinished);
  await world.final(interrupted.token, /^Interrupted · /m);
  expect(second.output.join("\n")).not.toContain('"message":"job started"');
  expect(world.discord.violations).toEqual([]);
});

test("a wrong configuration ends with code 78 and one message that names every problem", async ({
  onTestFinished,
}) => {
  const { output, ended } = run(
    "worker/standalone.ts",
    { PORT: "80a", DISCORD_TOKEN: "canary-bot-token" },
    onTestFinished,
  );
  expect(await ended).toBe(78);
  const text = output.join("\n");
  for (const name of ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_GUILD_ID", "PORT"]) {
    expect(text).toContain(`${name}: expected `);
  }
  expect(text).not.toContain("canary");
}, 60_000);

for (const program of ["src/server.ts", "worker/main.ts"]) {
  test(`${program} alone asks for a Redis`, async ({ onTestFinished }) => {
    const world = await startWorld(onTestFinished);
    const { output, ended } = run(program, world.environment, onTestFinished);
    expect(await ended).toBe(78);
    expect(output.join("\n")).toContain("REDIS_URL");
  }, 60_000);
}
