import { z } from "zod";
import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import { readApps } from "./read-apps.ts";
import type { SweepCheck } from "./sweep-check.ts";

/** Applications that are looked up, fifteen in a request. */
const MAX_APPS = 300;
const Grant = z.object({ clientId: z.string() });

/**
 * What applications may do in everybody's name, and who stands behind them.
 * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-list
 */
export const tenantGrants: SweepCheck = {
  id: "oauth_consents",
  async run(context) {
    const { graph, limits, save } = context;
    const filter = encodeURIComponent("consentType eq 'AllPrincipals'");
    const grants = await graph.collect(`/v1.0/oauth2PermissionGrants?$filter=${filter}&$top=999`, {
      limit: limits.directory,
      permission: "Directory.Read.All",
    });
    await save("tenant-grants.json", asCollection(grants));
    const apps = new Set(grants.value.flatMap((row) => Grant.safeParse(row).data?.clientId ?? []));
    const found = await readApps([...apps].slice(0, MAX_APPS), "id", context);
    await save("service-principals.json", asCollection(found));
    const { value, truncated, problem } = grants;
    return {
      records: value.length,
      truncated: truncated || apps.size > MAX_APPS,
      ...(problem ? { problem } : {}),
      ...(apps.size > MAX_APPS ? { notes: [tooMany(apps.size)] } : {}),
    };
  },
};

function tooMany(count: number): CheckError {
  return new CheckError("APP_CAP", `Of ${count} applications, ${MAX_APPS} were looked up.`, {
    status: "error",
    howToFix: "Look at the others in the Entra admin center, Enterprise applications, Permissions.",
  });
}
