import { join, resolve } from "node:path";
import { accessLists } from "../src/access.ts";
import type { Config } from "../src/config.ts";
import { coerceError } from "../src/errors.ts";
import { startHeartbeat } from "../src/jobs/heartbeat.ts";
import type { Jobs } from "../src/jobs/queue.ts";
import type { Log } from "../src/log.ts";
import { secretsOf } from "../src/run-program.ts";
import { createIncidents } from "./audit/incidents.ts";
import { openAudit } from "./audit/open-audit.ts";
import { createCases } from "./cases/cases.ts";
import { startRetention } from "./cases/retention.ts";
import { createConsume } from "./consume.ts";
import { answerInteraction } from "./discord/answer.ts";
import { answerMessage } from "./discord/answer-message.ts";
import { createDiscord, createGatewayRest } from "./discord/api.ts";
import { startGateway } from "./discord/gateway/gateway.ts";
import { createTakeQuestion } from "./discord/gateway/take-question.ts";
import { createReply } from "./discord/reply.ts";
import { createAskUnavailable } from "./handlers/ask-unavailable.ts";
import { createBreachCheck } from "./handlers/breach-check.ts";
import { createDownload } from "./handlers/download.ts";
import { createInvestigation } from "./handlers/investigation.ts";
import { createShowEvidence } from "./handlers/show-evidence.ts";
import { createShowFinding } from "./handlers/show-finding.ts";
import { createShowResult } from "./handlers/show-result.ts";
import { createStatus } from "./handlers/status.ts";
import { startHealth } from "./ops/health.ts";
import { diskProbe } from "./ops/probes/disk.ts";
import { gatewayProbe } from "./ops/probes/gateway.ts";
import { queuesProbe } from "./ops/probes/queues.ts";
import { reachableProbe } from "./ops/probes/reachable.ts";
import { toolkitProbe } from "./ops/probes/toolkit.ts";
import { createOutbox, type OpenReply } from "./outbox.ts";
import { openToolkit } from "./toolkit/open-toolkit.ts";
import { createToolkitCredentials } from "./vault/toolkit-credentials.ts";
import { openVault } from "./vault/vault.ts";

/** A run in progress may go on this long once the process was told to stop; then it is interrupted, in words. */
const GRACE_MS = 20_000;
/** And its words may take this long to reach Discord; after that, the next process delivers them. */
const LAST_WORDS_MS = 15_000;

export interface Worker {
  /** `GET /healthz` of the worker. */
  healthUrl: string;
  close(): Promise<void>;
}

/** Everything behind the queue, put together. Resolves when jobs are being taken. */
export async function startWorker({
  config,
  environment,
  jobs,
  log,
  secrets,
}: {
  config: Config<"worker">;
  /** Of this process; scripts see the small part of it that they are allowed. */
  environment: NodeJS.ProcessEnv;
  jobs: Jobs;
  log: Log;
  /** What the log removes from its lines; the secrets of the vault are added to it. */
  secrets: Set<string>;
}): Promise<Worker> {
  const { store } = jobs;
  const vault =
    config.VAULT_PATH === undefined ? undefined : openVault({ path: config.VAULT_PATH, env: environment });
  const credentials = createToolkitCredentials({ vault, env: environment, secrets, log });
  const toolkit = await openToolkit({
    folder: config.REMEDIATION_SCRIPTS,
    artifactsDir: config.REMEDIATION_ARTIFACTS,
    bash: config.GIT_BASH_PATH,
    vaultPath: config.VAULT_PATH,
    claudetoolsRoot: config.CLAUDETOOLS_ROOT,
    env: environment,
    credentials,
    log,
  });
  // Read for every run; here only so that a vault that cannot be used is seen at once. It does not keep us from starting:
  // it may be back before anybody asks, and the other commands need no vault.
  if (toolkit.kind === "built-in") await credentials();
  log.info({ toolkit: toolkit.name, kind: toolkit.kind, version: toolkit.version }, "toolkit opened");

  const { CLAUDETOOLS_API_URL: apiUrl, CLAUDETOOLS_API_KEY: apiKey } = config;
  const audit = await openAudit({
    dir: join(resolve(config.DATA_DIR), "audit"),
    deliver: apiKey === undefined ? undefined : createIncidents({ apiUrl, apiKey, log }),
    log,
    secrets: secretsOf(environment),
  });
  const access = accessLists(config);
  const cases = createCases({
    store,
    dataDir: resolve(config.DATA_DIR),
    keepDays: config.CASE_RETENTION_DAYS,
  });
  const discord = createDiscord({ apiUrl: config.DISCORD_API_URL, botToken: config.DISCORD_TOKEN });
  const closing = new AbortController();
  const openReply: OpenReply = (job) => {
    const { interaction, log } = job;
    const answer =
      "interactionToken" in interaction
        ? answerInteraction(interaction, { discord })
        : answerMessage(interaction, { discord, store, log });
    return createReply({ ...job, answer, discord, signal: closing.signal });
  };
  const outbox = createOutbox({ cases, store, openReply, log });
  const investigate = createInvestigation({ toolkit, cases, store });
  const gateway = config.DISCORD_GATEWAY
    ? startGateway({
        applicationId: config.DISCORD_APPLICATION_ID,
        guildId: config.DISCORD_GUILD_ID,
        messageContent: config.DISCORD_MESSAGE_CONTENT,
        botToken: config.DISCORD_TOKEN,
        rest: createGatewayRest({ apiUrl: config.DISCORD_API_URL, botToken: config.DISCORD_TOKEN }),
        takeQuestion: createTakeQuestion({
          access,
          producer: jobs.producer("lookups"),
          audit: audit.audit,
          ...{ store, discord, log },
        }),
        ...{ store, log },
      })
    : undefined;
  const consume = createConsume({
    handlers: {
      "breach-check": createBreachCheck({ investigate }),
      "show-result": createShowResult({ cases }),
      "show-evidence": createShowEvidence({ cases }),
      "show-finding": createShowFinding({ cases }),
      download: createDownload({ cases, access }),
      ask: createAskUnavailable(),
      status: createStatus({
        probes: [
          queuesProbe(jobs.outlook),
          toolkitProbe(toolkit),
          diskProbe(config.DATA_DIR),
          reachableProbe("Microsoft sign-in", `${config.LOGIN_BASE_URL}/`),
          reachableProbe("Microsoft Graph", `${config.GRAPH_BASE_URL}/v1.0/`),
          gatewayProbe(gateway?.status),
          reachableProbe("Discord", `${config.DISCORD_API_URL}/v10/gateway`),
        ],
      }),
    },
    access,
    audit: audit.audit,
    cases,
    outbox,
    openReply,
    log,
  });

  const retention = startRetention({ cases, log });
  const consumers = [
    jobs.consumer("lookups", { ...consume, concurrency: 8 }),
    // Two checks of one tenant wait for each other; this many tenants are looked at side by side.
    jobs.consumer("investigations", { ...consume, concurrency: 4 }),
  ];
  const running = () => consumers.reduce((sum, consumer) => sum + consumer.running(), 0);
  const health = await startHealth({
    port: config.OPS_PORT,
    running,
    audit: audit.status,
    gateway: gateway?.status,
  });
  await Promise.all(consumers.map((consumer) => consumer.ready()));
  const heartbeat = await startHeartbeat({
    store,
    onError: (thrown) => log.warn({ err: coerceError(thrown) }, "heartbeat was not written"),
  });
  log.info({ healthUrl: health.url }, "worker takes jobs");

  return {
    healthUrl: health.url,
    async close() {
      await heartbeat.stop();
      await gateway?.close();
      const limit = setTimeout(() => closing.abort(), GRACE_MS + LAST_WORDS_MS);
      await Promise.all(consumers.map((consumer) => consumer.close({ graceMs: GRACE_MS })));
      clearTimeout(limit);
      closing.abort();
      await outbox.close();
      await retention.close();
      await health.close();
      await audit.close();
    },
  };
}
