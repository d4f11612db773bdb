import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import type { CallOutcome, ClaudeToolsCall } from "../claudetools/call-claude-tools.ts";
import type { ClaudeTools } from "../claudetools/create-claude-tools.ts";
import { type BoundedCall, outOfBounds } from "../claudetools/tenant-bounds.ts";
import type { HandlerContext } from "./handler.ts";

/** One call for the person of a job, or for the model that works for them, with what that person may do and no more. */
export type AskClaudeTools = (
  call: Pick<ClaudeToolsCall, "method" | "endpoint" | "params" | "body" | "maxStringLength">,
  context: Pick<HandlerContext, "job" | "permission" | "signal">,
) => Promise<{ outcome: CallOutcome; catalogue: Catalogue | undefined }>;

export function createAskClaudeTools({ call, catalogue, directory }: ClaudeTools): AskClaudeTools {
  return async function ask(asked, { job, permission, signal }) {
    const { level, tenantIds } = permission;
    const tenants = tenantIds === undefined ? [] : await directory.current(signal);
    const outcome = await call({
      ...{ ...asked, level, signal },
      isPublic: !job.interaction.ephemeral,
      requestedBy: job.interaction.userId,
      confirmed: false,
      ...(tenantIds && { outOfBounds: (call: BoundedCall) => outOfBounds(call, { tenantIds, tenants }) }),
    });
    const state = await catalogue.current(signal);
    return { outcome, catalogue: state.kind === "none" ? undefined : state.catalogue };
  };
}
