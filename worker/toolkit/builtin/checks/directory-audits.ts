import { z } from "zod";
import { literal } from "../graph-client.ts";
import { accountId, type Check, type CheckContext } from "./check.ts";
import { readTogether } from "./read-parts.ts";

const ELSEWHERE = "Look at the older ones in the Entra admin center, Audit logs.";
const Entry = z.object({ id: z.string() });

/**
 * What was changed about the account, and what the account changed: sign-in methods, consents, roles, invitations.
 * @see https://learn.microsoft.com/graph/api/directoryaudit-list
 */
export const directoryAudits: Check = {
  id: "directory_audits",
  windowed: true,
  async run(context: CheckContext) {
    const id = literal(await accountId(context));
    const result = await readTogether(
      [
        {
          artifact: "directory-audits-of-account.json",
          noun: "changes of the account",
          elsewhere: ELSEWHERE,
          read: () => readAudits(context, `targetResources/any(t: t/id eq ${id})`),
        },
        {
          artifact: "directory-audits-by-account.json",
          noun: "changes by the account",
          elsewhere: ELSEWHERE,
          read: () => readAudits(context, `initiatedBy/user/id eq ${id}`),
        },
      ],
      context.save,
    );
    // What somebody changes about themselves is in both.
    const ids = result.rows.map((row, index) => Entry.safeParse(row).data?.id ?? index);
    return { ...result, records: new Set(ids).size };
  },
};

function readAudits({ graph, limits, window }: CheckContext, who: string) {
  const filter = encodeURIComponent(`${who} and activityDateTime ge ${window.since}`);
  return graph.collect(`/v1.0/auditLogs/directoryAudits?$filter=${filter}`, {
    limit: limits.reports,
    permission: "AuditLog.Read.All",
  });
}
