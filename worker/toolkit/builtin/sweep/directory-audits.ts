import { z } from "zod";
import { isTellingActivity } from "../../../findings/sweep/telling-activity.ts";
import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import { about } from "../checks/read-parts.ts";
import { readApps } from "./read-apps.ts";
import type { SweepCheck } from "./sweep-check.ts";

const MAX_PAGES = 60;
/** Of those that tell something; a busy tenant has some hundred in a week. */
const MAX_ROWS = 5_000;

const Row = z.object({
  activityDisplayName: z.string().nullish(),
  targetResources: z.array(z.object({ id: z.string().nullish(), type: z.string().nullish() })).catch([]),
});

/**
 * What was changed in the directory, newest first. Kept are the activities that a rule looks at; the others are counted.
 * Consents name their application only by id, so those are looked up.
 * @see https://learn.microsoft.com/graph/api/directoryaudit-list
 */
export const directoryAudits: SweepCheck = {
  id: "directory_audits",
  windowed: true,
  async run(context) {
    const { graph, limits, window, save, progress } = context;
    const kept: unknown[] = [];
    const apps = new Set<string>();
    let records = 0;
    const filter = encodeURIComponent(`activityDateTime ge ${window.since}`);
    const end = await graph.eachPage(
      `/v1.0/auditLogs/directoryAudits?$filter=${filter}&$top=1000`,
      { limit: limits.reports, permission: "AuditLog.Read.All", maxPages: MAX_PAGES },
      (rows) => {
        records += rows.length;
        for (const row of rows) {
          const { activityDisplayName = "", targetResources } = Row.safeParse(row).data ?? {
            targetResources: [],
          };
          if (!isTellingActivity(activityDisplayName ?? "") || kept.length >= MAX_ROWS) continue;
          kept.push(row);
          for (const { id, type } of targetResources) if (id && type === "ServicePrincipal") apps.add(id);
        }
        progress("directory_audits", records);
      },
    );
    await save("directory-audits.json", asCollection({ ...end, value: kept }));
    const unread = await readApps([...apps], "id", context)
      .then((found) => save("consented-apps.json", asCollection(found)))
      .catch(unreadApps);
    const notes = [
      ...(end.problem ? [end.problem] : end.truncated ? [pageCap(records)] : []),
      ...(unread ? [unread] : []),
    ];
    return { records, truncated: end.truncated, notes };
  },
};

function pageCap(records: number): CheckError {
  return new CheckError("PAGE_CAP", `Only the newest ${records} changes were read; the window holds more.`, {
    status: "error",
    howToFix: "Look at the older ones in the Entra admin center, Audit logs.",
  });
}

/** @throws what was caught, if it is not a reason that a person can be told. */
function unreadApps(thrown: unknown): CheckError {
  if (!(thrown instanceof CheckError)) throw thrown;
  return about("The applications that were consented to could not be looked up.", thrown);
}
