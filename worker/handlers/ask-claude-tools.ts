import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import type { ClaudeTools } from "../claudetools/create-claude-tools.ts";
import type { CallRequest } from "../claudetools/prepare-call.ts";
import { outOfBounds } from "../claudetools/tenant-bounds.ts";
import type { HandlerContext } from "./handler.ts";

/** One call for the person of a job, with what they may do and no more. */
export type AskClaudeTools = (
  call: Pick<CallRequest, "method" | "endpoint" | "params" | "body">,
  context: Pick<HandlerContext, "job" | "permission" | "signal">,
) => Promise<{ outcome: CallOutcome; catalogue: Catalogue | undefined }>;

export function createAskClaudeTools({ call, catalogue, directory }: ClaudeTools): AskClaudeTools {
  return async function ask({ method, endpoint, params, body }, { job, permission, signal }) {
    const { level, tenantIds } = permission;
    const tenants = tenantIds === undefined ? [] : await directory.current(signal);
    const outcome = await call({
      ...{ method, endpoint, params, body, level, signal },
      requestedBy: job.interaction.userId,
      confirmed: false,
      ...(tenantIds && { outOfBounds: (url: URL) => outOfBounds(url, { tenantIds, tenants }) }),
    });
    const state = await catalogue.current(signal);
    return { outcome, catalogue: state.kind === "none" ? undefined : state.catalogue };
  };
}
