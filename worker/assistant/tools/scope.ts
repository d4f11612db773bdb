import type { Level } from "../../../src/access.ts";
import type { Act } from "../../audit/act.ts";
import type { Audit } from "../../audit/audit.ts";
import { audited } from "../../audit/audited.ts";
import type { HandlerContext } from "../../handlers/handler.ts";

/** For whom the tools work: the person who asks, with what they may do now, and the job that they wait for. */
export interface Scope {
  context: HandlerContext;
  level: Level;
  audit: Audit;
}

interface ToolAct {
  name: string;
  effect?: Act["effect"];
  target?: Act["target"];
  args: unknown;
}

/** A tool call as an act: the model asks for it, and the person is whose level it has. */
export function actOfTool(
  { context, level }: Scope,
  { name, effect = "read", target = {}, args }: ToolAct,
): Act {
  const { id, interaction } = context.job;
  const { userId, guildId, channelId } = interaction;
  return {
    ...{ kind: "tool", name, effect, target, args },
    actor: { userId, level },
    place: { guildId, channelId },
    ids: { jobId: id, interactionId: interaction.id },
  };
}

/** Runs a tool with its attempt on record before, and its outcome after. */
export function onRecord<T>(
  scope: Scope,
  act: ToolAct,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  return audited(actOfTool(scope, act), { audit: scope.audit, signal }, run);
}
