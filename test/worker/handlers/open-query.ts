import type { Level } from "../../../src/access.ts";
import { createJob, type InteractionRef, type Work } from "../../../src/jobs/contract.ts";
import type { Store } from "../../../src/store/store.ts";
import { createAudit } from "../../../worker/audit/audit.ts";
import type { Entry } from "../../../worker/audit/record.ts";
import { createCases } from "../../../worker/cases/cases.ts";
import { callClaudeTools, checkCall } from "../../../worker/claudetools/call-claude-tools.ts";
import { createCatalogueSource } from "../../../worker/claudetools/catalogue-source.ts";
import { createClaudeToolsClient } from "../../../worker/claudetools/client.ts";
import { createDirectory } from "../../../worker/claudetools/directory-source.ts";
import { createAskClaudeTools, createCheckClaudeTools } from "../../../worker/handlers/ask-claude-tools.ts";
import type { Allowed, HandlerContext } from "../../../worker/handlers/handler.ts";
import { createQuery } from "../../../worker/handlers/query.ts";
import { createQueryCancel } from "../../../worker/handlers/query-cancel.ts";
import { createQueryPage } from "../../../worker/handlers/query-page.ts";
import { createQuerySend } from "../../../worker/handlers/query-send.ts";
import { createApprovals } from "../../../worker/query/approvals.ts";
import { createKeptAnswers } from "../../../worker/query/kept-answers.ts";
import { APPLICATION, CHANNEL, GUILD, snowflake, TECH_ROLE, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";
import type { ClaudeToolsSandbox } from "../../sandbox/claudetools.ts";

export interface QueryWorld {
  api: ClaudeToolsSandbox;
  store: Store;
  /** What goes on record. */
  entries: Entry[];
  now: () => number;
  /** Of the client. */
  answerTimeoutMs?: number;
  /** In place of `entries`, for a disk that is full. */
  append?: (entry: Entry) => Promise<void>;
}

/** The handlers of `/query` over the real client, which by default gives up early so that no test waits, and a real store. */
export function openQuery({ api, store, entries, now, answerTimeoutMs = 300, append }: QueryWorld) {
  const { log } = collectLog();
  const client = createClaudeToolsClient({
    ...{ origin: api.url, apiKey: api.apiKey, now },
    ...{ answerTimeoutMs, deadlineMs: 3 * answerTimeoutMs, retryDelayMs: 5 },
  });
  const catalogue = createCatalogueSource({ client, store, log });
  const directory = createDirectory({ client, catalogue, store, log });
  const ask = createAskClaudeTools({
    ...{ catalogue, directory },
    call: (call) => callClaudeTools(call, { client, catalogue }),
  });
  const check = createCheckClaudeTools({
    directory,
    check: (call) => checkCall(call, { client, catalogue }),
  });
  const answers = createKeptAnswers(store);
  const approvals = createApprovals(store);
  const cases = createCases({ store, dataDir: "unused" });
  const collect = async (entry: Entry) => void entries.push(entry);
  const audit = createAudit({ chain: { append: append ?? collect }, log, secrets: [] });
  return {
    approvals,
    cases,
    query: createQuery({ ask, answers, approvals, audit, directory, now }),
    queryPage: createQueryPage({ ask, answers }),
    querySend: createQuerySend({ ask, check, approvals, answers, cases, audit, now }),
    queryCancel: createQueryCancel({ approvals, cases, audit, now }),
  };
}

export interface Who extends Partial<Pick<InteractionRef, "userId" | "ephemeral">> {
  level?: Level;
  tenantIds?: string[];
}

/** A new job of this person. */
export function contextOf(work: Work, { level = "tech", tenantIds, ...who }: Who = {}): HandlerContext {
  const job = createJob(
    {
      ...{ id: snowflake(), applicationId: APPLICATION, interactionToken: "canary", guildId: GUILD },
      ...{ channelId: CHANNEL, userId: TECH_USER, roleIds: [TECH_ROLE], ephemeral: true },
      attachmentLimitBytes: 10_000_000,
      ...who,
    },
    work,
    { now: Date.now() },
  );
  const permission: Allowed = { kind: "allowed", level, tenantIds };
  return {
    ...{ job, permission, signal: new AbortController().signal, progress: () => undefined },
    log: collectLog().log,
  };
}
