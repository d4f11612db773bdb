import { z } from "zod";
import type { GraphClient } from "./graph-client.ts";
import type { Limits } from "./limits.ts";

const Skus = z.array(
  z.object({
    capabilityStatus: z.string().nullish(),
    servicePlans: z
      .array(z.object({ servicePlanName: z.string().nullish(), provisioningStatus: z.string().nullish() }))
      .default([]),
  }),
);

/**
 * Names of the service plans that the tenant holds and may use, such as "AAD_PREMIUM".
 * @returns `undefined` if they could not be read: that is no answer, and no reason to fail for.
 * @see https://learn.microsoft.com/graph/api/subscribedsku-list
 */
export async function readServicePlans({
  graph,
  limits,
}: {
  graph: GraphClient;
  limits: Limits;
}): Promise<Set<string> | undefined> {
  try {
    const skus = await graph.collect("/v1.0/subscribedSkus", {
      limit: limits.directory,
      permission: "LicenseAssignment.Read.All",
    });
    const plans = Skus.parse(skus.value)
      .filter(({ capabilityStatus }) => capabilityStatus !== "Suspended" && capabilityStatus !== "Deleted")
      .flatMap(({ servicePlans }) => servicePlans)
      .flatMap(({ servicePlanName, provisioningStatus }) =>
        servicePlanName && provisioningStatus === "Success" ? [servicePlanName] : [],
      );
    return new Set(plans);
  } catch {
    return undefined;
  }
}
