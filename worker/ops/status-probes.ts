import { DefaultUserAgent } from "@discordjs/rest";
import type { Config } from "../../src/config.ts";
import type { Jobs } from "../../src/jobs/queue.ts";
import type { ClaudeTools } from "../claudetools/create-claude-tools.ts";
import type { Discord } from "../discord/api.ts";
import { RELEASE } from "../release.ts";
import type { Toolkit } from "../toolkit/toolkit.ts";
import type { Vault } from "../vault/vault.ts";
import type { Probe } from "./probe.ts";
import { anthropicProbe } from "./probes/anthropic.ts";
import { auditProbe } from "./probes/audit.ts";
import { claudeToolsProbe } from "./probes/claude-tools.ts";
import { diskProbe } from "./probes/disk.ts";
import { gatewayProbe } from "./probes/gateway.ts";
import { jobsProbe } from "./probes/jobs.ts";
import { queuesProbe } from "./probes/queues.ts";
import { rateLimitsProbe } from "./probes/rate-limits.ts";
import { reachableProbe } from "./probes/reachable.ts";
import { toolkitProbe } from "./probes/toolkit.ts";
import { vaultProbe } from "./probes/vault.ts";
import { workerProbe } from "./probes/worker.ts";
import type { RecentJobs } from "./recent-jobs.ts";

interface StatusProbesOptions {
  config: Config<"worker">;
  jobs: Pick<Jobs, "store" | "outlook">;
  /** Of this process, in milliseconds since 1970. */
  startedAt: number;
  /** How many jobs run now. */
  running: () => number;
  recent: RecentJobs;
  toolkit: Toolkit;
  vault: Vault | undefined;
  auditStatus: Parameters<typeof auditProbe>[0];
  gatewayStatus: Parameters<typeof gatewayProbe>[0];
  claudeTools: Pick<ClaudeTools, "client">;
  discord: Discord;
}

/** Everything that the bot depends on, in the order in which `/status` shows it. */
export function statusProbes({
  config,
  jobs: { store, outlook },
  startedAt,
  running,
  recent,
  toolkit,
  vault,
  auditStatus,
  gatewayStatus,
  claudeTools: { client },
  discord,
}: StatusProbesOptions): Probe[] {
  return [
    workerProbe({ release: RELEASE, store, startedAt }),
    queuesProbe(outlook),
    jobsProbe({ running, recent }),
    toolkitProbe(toolkit),
    vaultProbe(vault),
    diskProbe(config.DATA_DIR),
    auditProbe(auditStatus),
    claudeToolsProbe({ client, apiKey: config.CLAUDETOOLS_API_KEY }),
    anthropicProbe({
      apiUrl: config.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com",
      hasKey: config.ANTHROPIC_API_KEY !== undefined,
      model: config.CLAUDE_MODEL,
    }),
    reachableProbe(
      "Microsoft sign-in",
      `${config.LOGIN_BASE_URL}/common/v2.0/.well-known/openid-configuration`,
    ),
    reachableProbe("Microsoft Graph", `${config.GRAPH_BASE_URL}/v1.0/`),
    reachableProbe("Discord", `${config.DISCORD_API_URL}/v10/gateway`, { "user-agent": DefaultUserAgent }),
    rateLimitsProbe(discord),
    gatewayProbe(gatewayStatus),
  ];
}
