import type { Collected } from "../collect-pages.ts";
import { literal } from "../graph-client.ts";
import type { SweepContext } from "./sweep-check.ts";

/** The most values that Graph takes in one `in`. */
const CHUNK = 15;
const PROPERTIES = [
  "id",
  "appId",
  "displayName",
  "appOwnerOrganizationId",
  "verifiedPublisher",
  "createdDateTime",
  "accountEnabled",
  "servicePrincipalType",
];

/**
 * Service principals by their own id or by their application's; those that the tenant lacks are left out.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-list
 */
export async function readApps(
  ids: readonly string[],
  property: "id" | "appId",
  { graph, limits }: Pick<SweepContext, "graph" | "limits">,
): Promise<Collected> {
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, index) =>
    ids.slice(index * CHUNK, (index + 1) * CHUNK),
  );
  const lists = await Promise.all(
    chunks.map((chunk) => {
      const filter = encodeURIComponent(`${property} in (${chunk.map(literal).join(",")})`);
      return graph.collect(`/v1.0/servicePrincipals?$filter=${filter}&$select=${PROPERTIES.join(",")}`, {
        limit: limits.directory,
        permission: "Application.Read.All",
      });
    }),
  );
  return {
    context: lists[0]?.context ?? "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals",
    value: lists.flatMap(({ value }) => value),
    truncated: lists.some(({ truncated }) => truncated),
  };
}
