import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import type { CallCheck, CallOutcome, ClaudeToolsCall } from "../claudetools/call-claude-tools.ts";
import type { ClaudeTools } from "../claudetools/create-claude-tools.ts";
import { outOfBounds } from "../claudetools/tenant-bounds.ts";
import type { HandlerContext } from "./handler.ts";

type Call = Pick<
  ClaudeToolsCall,
  "method" | "endpoint" | "params" | "body" | "confirmed" | "requestId" | "maxStringLength"
>;
type Context = Pick<HandlerContext, "job" | "permission" | "signal">;

/** One call for the person of a job, or for the model that works for them, with what that person may do and no more. */
export type AskClaudeTools = (
  call: Call,
  context: Context,
) => Promise<{ outcome: CallOutcome; catalogue: Catalogue | undefined }>;

export function createAskClaudeTools({
  call: send,
  catalogue,
  directory,
}: Pick<ClaudeTools, "call" | "catalogue" | "directory">): AskClaudeTools {
  return async function ask(call, context) {
    const outcome = await send(await asPerson(call, context, directory));
    const state = await catalogue.current(context.signal);
    return { outcome, catalogue: state.kind === "none" ? undefined : state.catalogue };
  };
}

/** Whether the person of a job may send that now. Nothing is sent. */
export type CheckClaudeTools = (call: Call, context: Context) => Promise<CallCheck>;

export function createCheckClaudeTools({
  check,
  directory,
}: Pick<ClaudeTools, "check" | "directory">): CheckClaudeTools {
  return async (call, context) => check(await asPerson(call, context, directory));
}

async function asPerson(
  call: Call,
  { job, permission, signal }: Context,
  directory: ClaudeTools["directory"],
): Promise<ClaudeToolsCall> {
  const { level, tenantIds } = permission;
  const tenants = tenantIds === undefined ? [] : await directory.current(signal);
  return {
    ...{ ...call, level, signal },
    isPublic: !job.interaction.ephemeral,
    requestedBy: job.interaction.userId,
    ...(tenantIds && { outOfBounds: (bounded) => outOfBounds(bounded, { tenantIds, tenants }) }),
  };
}
