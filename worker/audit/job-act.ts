import * as z from "zod";
import type { Level } from "../../src/access.ts";
import type { Job, Work } from "../../src/jobs/contract.ts";
import type { Report } from "../report.ts";
import type { Act } from "./act.ts";
import type { Ending } from "./audit.ts";

/** What jobs of any kind name as their target. */
const Target = z.object({
  tenant: z.string().exactOptional(),
  upn: z.string().exactOptional(),
  endpoint: z.string().exactOptional(),
  caseId: z.string().exactOptional(),
});

/**
 * A job as an act. It counts as reading: what a job changes, it records as an act of its own.
 * @param work - What "Run again" has become.
 * @param level - None: nobody, or not known.
 */
export function actOfJob({ id, interaction }: Job, work: Work, level?: Level): Act {
  const { userId, guildId, channelId } = interaction;
  return {
    kind: "command",
    name: work.kind,
    effect: "read",
    actor: { userId, ...(level === undefined ? {} : { level }) },
    place: { guildId, channelId },
    target: Target.parse(work),
    args: work,
    // A message's id stands in the job's.
    ids: { jobId: id, ...("interactionToken" in interaction ? { interactionId: interaction.id } : {}) },
  };
}

export function endingOfReport({ outcome }: Report): Ending {
  const results = {
    Done: "SUCCESS",
    Failed: "FAILURE",
    Stopped: "STOPPED",
    Interrupted: "INTERRUPTED",
    Expired: "EXPIRED",
  } as const;
  return { result: results[outcome] };
}
