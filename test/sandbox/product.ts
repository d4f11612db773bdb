import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InteractionResponseType, MessageFlags } from "discord-api-types/v10";
import { readConfig } from "../../src/config.ts";
import { openJobs } from "../../src/jobs/open.ts";
import { queueNames } from "../../src/jobs/queue.ts";
import type { Log } from "../../src/log.ts";
import { startWebhook } from "../../src/webhook.ts";
import { startWorker } from "../../worker/worker.ts";
import { createDiscordKeys, type DiscordKeys } from "../discord-keys.ts";
import { ADMIN_ROLE, APPLICATION, CHANNEL, GUILD, TECH_ROLE } from "../interactions.ts";
import { demoBrain } from "./anthropic/demo-brain.ts";
import { type AnthropicSandbox, startAnthropic } from "./anthropic.ts";
import { type ClaudeToolsSandbox, startClaudeTools } from "./claudetools.ts";
import { BOT_TOKEN, type DiscordSandbox, startDiscord } from "./discord.ts";
import { type GatewaySandbox, startGatewaySandbox } from "./gateway.ts";
import { type GraphOptions, type GraphSandbox, startGraph } from "./graph.ts";

export interface Product {
  discord: DiscordSandbox;
  graph: GraphSandbox;
  claudeTools: ClaudeToolsSandbox;
  /** Answers by the demo's script where a test has scripted nothing. */
  claude: AnthropicSandbox;
  /** Discord's gateway, with `mentions`. */
  gateway: GatewaySandbox | undefined;
  /** Of the worker, if there is one. */
  healthUrl: string | undefined;
  keys: DiscordKeys;
  dataDir: string;
  /** Where the webhook listens. */
  url: string;
  /** Signs an interaction and posts it as Discord would, whose deferral then reaches Discord. */
  post(interaction: {
    id: string;
    token: string;
    channel_id?: string;
    member?: unknown;
    message?: { id: string };
  }): Promise<InteractionAnswer>;
  close(): Promise<void>;
}

interface InteractionAnswer {
  status: number;
  /** There is a job behind it, whose edits will follow. */
  queued: boolean;
  /** What the webhook answered: `type` as in Discord's interaction response types. */
  body: { type?: number; data?: { content?: string; flags?: number } };
}

/**
 * The whole product on the embedded queue, with stand-ins for everything outside: the same code as `npm start`, with a
 * configuration that points to loopback.
 */
export async function startProduct({
  log,
  environment = {},
  port = 0,
  graph: graphOptions = {},
  withWorker = true,
  mentions = false,
  prepareQueue,
}: {
  log: Log;
  /** Added to the configuration, or put in its place. */
  environment?: Record<string, string>;
  port?: number;
  /** Of the stand-in for Microsoft. */
  graph?: GraphOptions;
  withWorker?: boolean;
  /** With a gateway, and a worker that listens to it. */
  mentions?: boolean;
  /** Called before the queue is opened, with the folder that it will have. */
  prepareQueue?: (folder: string) => Promise<void>;
}): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), "msp-discord-bot-"));
  const gateway = mentions ? await startGatewaySandbox({ botToken: BOT_TOKEN }) : undefined;
  const discord = await startDiscord({
    applicationId: APPLICATION,
    ...(gateway ? { gateway: gateway.information } : {}),
  });
  const graph = await startGraph(graphOptions);
  const claudeTools = await startClaudeTools();
  const claude = await startAnthropic({ brain: demoBrain });
  const keys = createDiscordKeys();
  const variables = {
    DISCORD_APPLICATION_ID: APPLICATION,
    DISCORD_PUBLIC_KEY: keys.publicKey,
    DISCORD_TOKEN: discord.botToken,
    DISCORD_GUILD_ID: GUILD,
    DISCORD_API_URL: discord.url,
    DISCORD_GATEWAY: mentions ? "on" : "off",
    DISCORD_TECH_ROLES: TECH_ROLE,
    DISCORD_ADMIN_ROLES: ADMIN_ROLE,
    M365_CLIENT_ID: graph.clientId,
    M365_CLIENT_SECRET: graph.clientSecret,
    GRAPH_BASE_URL: graph.graphUrl,
    LOGIN_BASE_URL: graph.loginUrl,
    CLAUDETOOLS_API_URL: claudeTools.url,
    CLAUDETOOLS_API_KEY: claudeTools.apiKey,
    EXCHANGE_BASE_URL: graph.exchangeUrl,
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.url,
    DATA_DIR: dataDir,
    REMEDIATION_ARTIFACTS: join(dataDir, "artifacts"),
    PORT: String(port),
    OPS_PORT: "0",
    // Tokens of the stand-in do not belong into the account's own cache.
    HOME: dataDir,
    LOCALAPPDATA: dataDir,
    ...environment,
  };
  const config = readConfig("standalone", variables);
  await prepareQueue?.(join(dataDir, "queue"));
  const jobs = await openJobs(config, { log });
  const worker = withWorker
    ? await startWorker({
        config,
        environment: { ...process.env, ...variables },
        jobs,
        log,
        secrets: new Set(),
      })
    : undefined;
  const webhook = await startWebhook({ config, jobs, log });

  async function isQueued(jobId: string): Promise<boolean> {
    const states = await Promise.all(queueNames.map((queue) => jobs.inspect(queue, jobId)));
    return states.some((state) => state !== undefined);
  }

  return {
    discord,
    graph,
    claudeTools,
    claude,
    dataDir,
    gateway,
    healthUrl: worker?.healthUrl,
    keys,
    url: webhook.url,
    async post(interaction) {
      const { id, token } = interaction;
      discord.openInteraction({ id, token, channelId: interaction.channel_id ?? CHANNEL });
      const body = JSON.stringify(interaction);
      const response = await fetch(`${webhook.url}/interactions`, {
        method: "POST",
        body,
        headers: keys.headers(body),
      });
      const text = await response.text();
      const answer: InteractionAnswer = {
        status: response.status,
        queued: await isQueued(`ix-${id}`),
        body: response.ok ? JSON.parse(text) : {},
      };
      const { type, data: { flags = 0, content = "" } = {} } = answer.body;
      const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
      if (type === InteractionResponseType.DeferredChannelMessageWithSource)
        discord.deferred(token, { ephemeral });
      if (type === InteractionResponseType.DeferredMessageUpdate && interaction.message)
        discord.clicked(token, interaction.message.id);
      if (type === InteractionResponseType.ChannelMessageWithSource)
        discord.answered(token, { content, ephemeral });
      return answer;
    },
    async close() {
      await webhook.close();
      await worker?.close();
      await jobs.close();
      await claude.close();
      await graph.close();
      await claudeTools.close();
      await gateway?.close();
      await discord.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
