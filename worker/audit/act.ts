import * as z from "zod";
import type { Level } from "../../src/access.ts";
import { redact } from "../../src/redact.ts";
import { canonicalJson, sha256 } from "./canonical-json.ts";
import { visible } from "./visible.ts";

const line = (max: number) => z.string().max(max);

/**
 * An act as it stands on record. There is no field for free text, so that neither a mail nor an answer can get in; of
 * the arguments only their hash is kept.
 */
export const RecordedAct = z.strictObject({
  kind: z.enum(["command", "tool", "approval", "change"]),
  /** Of the command, the tool, the change or what was approved. */
  name: line(100),
  effect: z.enum(["read", "change"]),
  /** Discord's ids. No `level`: nobody. */
  actor: z.strictObject({ userId: line(20), level: z.enum(["tech", "admin"]).exactOptional() }),
  place: z.strictObject({ guildId: line(20), channelId: line(20) }),
  target: z.strictObject({
    /** A domain or a tenant id, as it was asked for. */
    tenant: line(255).exactOptional(),
    tenantId: line(36).exactOptional(),
    upn: line(255).exactOptional(),
    /** Method and path of an API; never its query. */
    endpoint: line(300).exactOptional(),
    caseId: line(30).exactOptional(),
  }),
  /** Over the canonical JSON of the arguments. */
  argsSha256: z.string().regex(/^[0-9a-f]{64}$/),
  ids: z.strictObject({
    jobId: line(30).exactOptional(),
    interactionId: line(20).exactOptional(),
    requestId: line(100).exactOptional(),
    approvalId: line(100).exactOptional(),
  }),
});
export type RecordedAct = z.infer<typeof RecordedAct>;

/** Something that a person or the model is about to do. */
export interface Act extends Omit<RecordedAct, "argsSha256" | "actor"> {
  actor: { userId: string; level?: Level };
  /** Plain JSON. Only its hash goes on record. */
  args: unknown;
}

/**
 * @param secrets - Exact secrets of this process. They and what looks like a secret are removed, whatever field it is in;
 *   what is too long is cut.
 */
export function describeAct({ args, ...act }: Act, secrets: readonly string[]): RecordedAct {
  const clean = (text: string, max: number) => cut(visible(redact(text, secrets)), max);
  const cleanAll = <Texts extends Record<string, string | undefined>>(texts: Texts, max: number) =>
    Object.fromEntries(
      Object.entries(texts).flatMap(([key, text]) => (text === undefined ? [] : [[key, clean(text, max)]])),
    );
  const { endpoint, tenantId, caseId, ...target } = act.target;
  return RecordedAct.parse({
    kind: act.kind,
    effect: act.effect,
    name: clean(act.name, 100),
    actor: {
      userId: clean(act.actor.userId, 20),
      ...(act.actor.level === undefined ? {} : { level: act.actor.level }),
    },
    place: cleanAll(act.place, 20),
    target: {
      ...cleanAll(target, 255),
      ...cleanAll({ tenantId }, 36),
      ...cleanAll({ caseId }, 30),
      // A query may hold what somebody looked for.
      ...cleanAll({ endpoint: endpoint?.replace(/[?#].*$/s, "") }, 300),
    },
    argsSha256: sha256(canonicalJson(args)),
    ids: {
      ...cleanAll({ jobId: act.ids.jobId }, 30),
      ...cleanAll({ interactionId: act.ids.interactionId }, 20),
      ...cleanAll({ requestId: act.ids.requestId, approvalId: act.ids.approvalId }, 100),
    },
  });
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // A cut between the halves of a character would leave half of it.
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
