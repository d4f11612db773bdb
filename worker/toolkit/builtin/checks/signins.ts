import { z } from "zod";
import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import { literal } from "../graph-client.ts";
import type { Check, CheckContext } from "./check.ts";

const PERMISSION = "AuditLog.Read.All";
const DAY_MS = 86_400_000;

/**
 * The interactive sign-ins of the window, newest first; v1.0 has no others. Needs Entra ID P1.
 * @see https://learn.microsoft.com/graph/api/signin-list
 */
export const signIns: Check = {
  id: "signins",
  async run(context: CheckContext) {
    const { graph, limits, account, windowDays, now, save } = context;
    const since = new Date(now() - windowDays * DAY_MS).toISOString();
    // By id where possible: a sign-in name changes, and the log keeps the old one.
    const who =
      account.kind === "found"
        ? `userId eq ${literal(account.id)}`
        : `userPrincipalName eq ${literal(account.upn.toLowerCase())}`;
    const filter = encodeURIComponent(`${who} and createdDateTime ge ${since}`);
    try {
      const rows = await graph.collect(`/v1.0/auditLogs/signIns?$filter=${filter}`, {
        limit: limits.reports,
        permission: PERMISSION,
      });
      await save("signins.json", asCollection(rows));
      const { value, truncated, problem } = rows;
      const note = truncated
        ? onlyNewest(value.length)
        : account.kind === "unreadable"
          ? byName(account.error)
          : undefined;
      return { records: value.length, truncated, ...(problem ? { problem } : {}), ...(note ? { note } : {}) };
    } catch (thrown) {
      if (thrown instanceof CheckError && thrown.code === "GRAPH_NOT_PREMIUM")
        throw await crossChecked(thrown, context);
      throw thrown;
    }
  },
};

function onlyNewest(count: number): CheckError {
  return new CheckError("PAGE_CAP", `Only the newest ${count} sign-ins were read; the window holds more.`, {
    status: "error",
    howToFix: "Look at the older ones in the Entra admin center, Sign-in logs.",
  });
}

function byName(error: CheckError): CheckError {
  const reason = `Searched by sign-in name, because the account could not be read; sign-ins under an earlier name are missing. ${error.message}`;
  return new CheckError(error.code, reason, error);
}

const Skus = z.array(
  z.object({
    capabilityStatus: z.string().nullish(),
    servicePlans: z
      .array(z.object({ servicePlanName: z.string().nullish(), provisioningStatus: z.string().nullish() }))
      .default([]),
  }),
);

/**
 * The error of a tenant without premium also comes from tenants that have it, so the tenant's own licences are asked.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3033
 */
export async function crossChecked(
  refusal: CheckError,
  { graph, limits }: Pick<CheckContext, "graph" | "limits">,
): Promise<CheckError> {
  let plans: string[];
  try {
    const skus = await graph.collect("/v1.0/subscribedSkus", {
      limit: limits.directory,
      permission: "LicenseAssignment.Read.All",
    });
    plans = Skus.parse(skus.value)
      .filter(({ capabilityStatus }) => capabilityStatus !== "Suspended" && capabilityStatus !== "Deleted")
      .flatMap(({ servicePlans }) => servicePlans)
      .flatMap(({ servicePlanName, provisioningStatus }) =>
        servicePlanName && provisioningStatus === "Success" ? [servicePlanName] : [],
      );
  } catch {
    const reason = `${refusal.message} The tenant's licences could not be read to confirm it.`;
    return new CheckError(refusal.code, reason, refusal);
  }
  if (!plans.includes("AAD_PREMIUM") && !plans.includes("AAD_PREMIUM_P2")) return refusal;
  return new CheckError(
    "GRAPH_PREMIUM_DENIED",
    "Microsoft says that the tenant has no Entra ID P1 licence, though it holds one: a known, passing fault of Graph.",
    { status: "error", howToFix: "Run it again in some minutes." },
  );
}
