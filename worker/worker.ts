import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { accessLists } from "../src/access.ts";
import type { Config } from "../src/config.ts";
import { coerceError } from "../src/errors.ts";
import { startHeartbeat } from "../src/jobs/heartbeat.ts";
import type { Jobs } from "../src/jobs/queue.ts";
import type { Log } from "../src/log.ts";
import { secretsOf } from "../src/run-program.ts";
import { createAssistant } from "./assistant/assistant.ts";
import { budgetLimits } from "./assistant/budget.ts";
import { createToolbox } from "./assistant/tools/toolbox.ts";
import { createIncidents } from "./audit/incidents.ts";
import { openAudit } from "./audit/open-audit.ts";
import { createCases } from "./cases/cases.ts";
import { startRetention } from "./cases/retention.ts";
import { createClaudeTools } from "./claudetools/create-claude-tools.ts";
import { createDiscordUsers } from "./claudetools/discord-users.ts";
import { startRefreshing } from "./claudetools/refresh.ts";
import { createConsume } from "./consume.ts";
import { createDiscord, createGatewayRest } from "./discord/api.ts";
import { createFindMessageId } from "./discord/find-message-id.ts";
import { startGateway } from "./discord/gateway/gateway.ts";
import { createTakeQuestion } from "./discord/gateway/take-question.ts";
import { createOpenOriginal } from "./discord/open-original.ts";
import { createSendRemarks } from "./discord/remarks.ts";
import { createReply } from "./discord/reply.ts";
import { explainCase } from "./explain-case.ts";
import { createAsk, lineUpQuestions } from "./handlers/ask.ts";
import { createAskClaudeTools, createCheckClaudeTools } from "./handlers/ask-claude-tools.ts";
import { createBreachCheck } from "./handlers/breach-check.ts";
import { createDownload } from "./handlers/download.ts";
import { findTenantFirst } from "./handlers/find-tenant-first.ts";
import { createForget } from "./handlers/forget.ts";
import { createInvestigation } from "./handlers/investigation.ts";
import { createQuery } from "./handlers/query.ts";
import { createQueryCancel } from "./handlers/query-cancel.ts";
import { createQueryPage } from "./handlers/query-page.ts";
import { createQueryRaw } from "./handlers/query-raw.ts";
import { createQuerySend } from "./handlers/query-send.ts";
import { createShowEvidence } from "./handlers/show-evidence.ts";
import { createShowFinding } from "./handlers/show-finding.ts";
import { createShowResult } from "./handlers/show-result.ts";
import { createStatus } from "./handlers/status.ts";
import { createTenantPage } from "./handlers/tenant-page.ts";
import { createTenantSweep } from "./handlers/tenant-sweep.ts";
import { createUsage } from "./handlers/usage.ts";
import { createWhoami } from "./handlers/whoami.ts";
import { startHealth } from "./ops/health.ts";
import { createRecentJobs } from "./ops/recent-jobs.ts";
import { statusProbes } from "./ops/status-probes.ts";
import { createOutbox, type OpenReply } from "./outbox.ts";
import { createPermit } from "./permit.ts";
import { createApprovals } from "./query/approvals.ts";
import { createKeptAnswers } from "./query/kept-answers.ts";
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
  const startedAt = Date.now();
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

  const claudeTools = createClaudeTools({ config, store, log });
  const audit = await openAudit({
    dir: join(resolve(config.DATA_DIR), "audit"),
    deliver:
      config.CLAUDETOOLS_API_KEY === undefined
        ? undefined
        : createIncidents({ client: claudeTools.client, log }),
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
  const openOriginal = createOpenOriginal({ discord, store });
  const openReply: OpenReply = (job) => {
    const original = openOriginal(job.interaction, job);
    return createReply({ ...job, original, discord, signal: closing.signal });
  };
  const outbox = createOutbox({ cases, store, openReply, log });
  const users = createDiscordUsers({ ...claudeTools, store, log });
  const { directory } = claudeTools;
  const investigate = findTenantFirst(createInvestigation({ toolkit, cases, store, audit: audit.audit }), {
    directory,
  });
  const ask = createAskClaudeTools(claudeTools);
  const check = createCheckClaudeTools(claudeTools);
  const answers = createKeptAnswers(store);
  const approvals = createApprovals(store);
  const processId = randomUUID();
  const recent = createRecentJobs({ store, processId });
  const checks = {
    "breach-check": createBreachCheck({ investigate }),
    "tenant-sweep": createTenantSweep({ investigate }),
  };
  const known = [...secrets, ...secretsOf(environment)];
  const assistant = createAssistant({
    apiKey: config.ANTHROPIC_API_KEY,
    baseURL: config.ANTHROPIC_BASE_URL,
    model: config.CLAUDE_MODEL,
    limits: budgetLimits(config),
    store,
    log,
    secrets: known,
    // A sweep may take ten minutes, and the answer has to come before the interaction's fifteen are over.
    caps: { wallClockMs: 13 * 60_000 },
  });
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
      ...checks,
      ask: createAsk({
        assistant,
        createTools: createToolbox({ ask, claudeTools, cases, handlers: checks }),
        audit: audit.audit,
        store,
        findMessageId: createFindMessageId({ openOriginal, log }),
        secrets: known,
      }),
      forget: createForget({ assistant }),
      usage: createUsage({ assistant }),
      "show-result": createShowResult({ cases }),
      "show-evidence": createShowEvidence({ cases }),
      "show-finding": createShowFinding({ cases }),
      download: createDownload({ cases }),
      "tenant-page": createTenantPage({ cases, directory }),
      query: createQuery({ ask, answers, approvals, directory, audit: audit.audit }),
      "query-page": createQueryPage({ ask, answers }),
      "query-raw": createQueryRaw({ answers, cases }),
      "query-send": createQuerySend({ ask, check, approvals, answers, cases, audit: audit.audit }),
      "query-cancel": createQueryCancel({ approvals, cases, audit: audit.audit }),
      whoami: createWhoami({ lists: access, users, directory }),
      status: createStatus({
        probes: statusProbes({
          ...{ config, jobs, startedAt, recent, toolkit, vault, claudeTools, discord },
          running: () => running(),
          auditStatus: audit.status,
          gatewayStatus: gateway?.status,
        }),
      }),
    },
    permit: createPermit({ lists: access, users }),
    audit: audit.audit,
    cases,
    outbox,
    recent,
    openReply,
    log,
    lineUp: lineUpQuestions(store),
    afterword: explainCase({ assistant, cases, send: createSendRemarks({ discord, openOriginal }) }),
  });

  const refreshing = startRefreshing({ ...claudeTools, log });
  const retention = startRetention({ cases, log });
  const consumers = [
    // A question may run a check of ten minutes, and `/status` must not wait for the questions of a whole team.
    jobs.consumer("lookups", { ...consume, concurrency: 16 }),
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
    processId,
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
      await refreshing.close();
      await health.close();
      await audit.close();
    },
  };
}
