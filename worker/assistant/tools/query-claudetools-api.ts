import * as z from "zod";
import { Method } from "../../../src/claudetools/catalogue.ts";
import { AppError } from "../../../src/errors.ts";
import type { CallOutcome } from "../../claudetools/call-claude-tools.ts";
import { isRecord } from "../../claudetools/json-value.ts";
import type { AskClaudeTools } from "../../handlers/ask-claude-tools.ts";
import { defineTool, type Tool } from "../tool.ts";
import { actOfTool, onRecord, type Scope } from "./scope.ts";

const NAME = "query_claudetools_api";
/** One record with a novel in it must not take the place of the others. */
const STRING_MAX = 2_000;

const value = z.union([z.string(), z.number(), z.boolean()]);
const Input = z.object({
  endpoint: z.string().min(1).max(300).describe("A path such as /api/tasks or /api/clients/{client_id}"),
  method: Method.default("GET"),
  params: z
    .record(z.string(), z.union([value, z.array(value)]))
    .optional()
    .describe("Query parameters, and values for what stands in braces in the path"),
  body: z.record(z.string(), z.unknown()).optional().describe("JSON of a POST, PUT or PATCH"),
});

/** ClaudeTools through the same policy, validation, tenants and redaction as the command; reading only. */
export function queryClaudeToolsApi(scope: Scope, ask: AskClaudeTools): Tool {
  return defineTool({
    name: NAME,
    description:
      "Asks ClaudeTools, the MSP's own database, over its REST API: clients, sites, machines, tickets (work-items), tasks, projects, sessions, billable time, Microsoft 365 tenants, security incidents. Returns JSON. Use list_endpoints if you do not know the path. Lists come in pages: pass limit, and filter by parameters rather than reading everything. Only GET is carried out; a call that changes something is refused.",
    input: Input,
    access: "tech",
    parallel: true,
    target: ({ method, endpoint }) => `${method} ${endpoint}`,
    async run(input, { signal }) {
      const { endpoint, method, params, body } = input;
      const act = { name: NAME, target: { endpoint: `${method} ${endpoint}` }, args: input };
      if (method !== "GET") {
        // Not even asked whether it would be allowed: an assistant that read a ticket may be repeating what stood there.
        await scope.audit.refused(actOfTool(scope, { ...act, effect: "change" }), "ASSISTANT_ONLY_READS");
        throw new AppError(
          "ASSISTANT_ONLY_READS",
          `The assistant changes nothing in ClaudeTools, so ${method} ${endpoint} was not sent. An administrator of the bot can, with /query, which shows the call and asks before it sends it.`,
        );
      }
      return onRecord(scope, act, signal, async () => {
        const request = { endpoint, method, params, body, maxStringLength: STRING_MAX };
        return read((await ask(request, { ...scope.context, signal })).outcome);
      });
    },
  });
}

function read(outcome: CallOutcome) {
  switch (outcome.kind) {
    case "answered": {
      const { body, target, caveat, hiddenCount } = outcome;
      const count = countOf(body);
      const hidden =
        hiddenCount > 0
          ? "Fields of records that bear secrets are left out, and nobody sees them here."
          : undefined;
      const notes = [caveat, hidden].filter((note) => note !== undefined);
      return {
        source: `claudetools_api ${target}`,
        data: notes.length > 0 ? { notes, body } : body,
        ...(count !== undefined && { count }),
      };
    }
    case "needs-confirmation":
      throw new AppError("ASSISTANT_ONLY_READS", "That call changes something, so it was not sent.");
    case "failed":
    case "refused":
    case "invalid":
    case "unchecked":
      throw new AppError(outcome.code, outcome.reason);
  }
}

/** Records of a list, or of a page with a list in it. */
function countOf(body: unknown): number | undefined {
  if (Array.isArray(body)) return body.length;
  if (!isRecord(body)) return undefined;
  return Object.values(body).find(Array.isArray)?.length;
}
