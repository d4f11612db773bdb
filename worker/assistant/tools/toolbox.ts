import type { Cases } from "../../cases/cases.ts";
import type { ClaudeTools } from "../../claudetools/create-claude-tools.ts";
import type { AskClaudeTools } from "../../handlers/ask-claude-tools.ts";
import type { Handlers } from "../../handlers/handler.ts";
import type { Tool } from "../tool.ts";
import { caseTools } from "./case-tools.ts";
import { checkTools } from "./check-tools.ts";
import { listEndpoints } from "./list-endpoints.ts";
import { queryClaudeToolsApi } from "./query-claudetools-api.ts";
import { readQuotedMessage } from "./read-quoted-message.ts";
import { resolveClient } from "./resolve-client.ts";
import type { Scope } from "./scope.ts";

interface ToolboxOptions {
  ask: AskClaudeTools;
  claudeTools: Pick<ClaudeTools, "catalogue" | "directory">;
  cases: Cases;
  /** The checks are the commands' own. */
  handlers: Pick<Handlers, "breach-check" | "tenant-sweep">;
}

/**
 * All that the assistant can do for one question and its asker.
 * @param onCase - Called with the id of each case that a tool made.
 */
export type CreateTools = (scope: Scope, onCase: (caseId: string) => void) => Tool[];

export function createToolbox({ ask, claudeTools, cases, handlers }: ToolboxOptions): CreateTools {
  return (scope, onCase) => [
    queryClaudeToolsApi(scope, ask),
    listEndpoints(scope, claudeTools.catalogue),
    resolveClient(scope, claudeTools),
    ...checkTools(scope, {
      cases,
      breachCheck: handlers["breach-check"].run,
      tenantSweep: handlers["tenant-sweep"].run,
      onCase,
    }),
    ...caseTools(scope, cases),
    readQuotedMessage(scope),
  ];
}
