import { z } from "zod";
import { CheckError } from "./check-error.ts";
import { unexpected } from "./collect-pages.ts";
import { type GraphClient, literal, segment } from "./graph-client.ts";
import type { Limit } from "./limits.ts";
import { RESOURCES, type ResourceName } from "./tiers.ts";

/** Values of the application permissions that a tenant's administrators gave an app, such as `User.Read.All`. */
export type Consent = Record<ResourceName, ReadonlySet<string>>;

const ServicePrincipal = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullable() })),
});
const Assignments = z.array(z.object({ appRoleId: z.string(), resourceId: z.string() }));

interface ReadConsentOptions {
  graph: GraphClient;
  limit: Limit;
}

/**
 * Looks an app up in the tenant, with a token of any app that may read the directory. Permissions are named by the
 * resource in that tenant itself, so no list of their ids is kept here.
 * @throws {CheckError} if that token may not, or Graph cannot be asked.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments
 */
export async function readConsent(clientId: string, { graph, limit }: ReadConsentOptions): Promise<Consent> {
  const call = { limit, permission: "Directory.Read.All" };
  const app = await find(clientId);
  const assignments = app === undefined ? [] : await listAssignments(app.id);

  async function listAssignments(id: string) {
    const path = `/v1.0/servicePrincipals/${segment(id)}/appRoleAssignments?$top=999`;
    const { value, problem } = await graph.collect(path, call);
    // Half of the list would make the other half look missing.
    if (problem) throw problem;
    return parsed(Assignments, value);
  }
  async function find(appId: string) {
    const path = `/v1.0/servicePrincipals(appId=${encodeURIComponent(literal(appId))})?$select=id,appRoles`;
    try {
      return parsed(ServicePrincipal, await graph.get(path, call));
    } catch (thrown) {
      // A tenant without Exchange Online has no such resource, and one without consent no such app.
      if (thrown instanceof CheckError && thrown.code === "GRAPH_NOT_FOUND") return undefined;
      throw thrown;
    }
  }
  async function granted(name: ResourceName): Promise<ReadonlySet<string>> {
    const resource = await find(RESOURCES[name].appId);
    const ids = assignments
      .filter(({ resourceId }) => resourceId === resource?.id)
      .map(({ appRoleId }) => appRoleId);
    const roles = resource?.appRoles.filter(({ id }) => ids.includes(id)) ?? [];
    return new Set(roles.flatMap(({ value }) => (value === null ? [] : [value])));
  }
  return { graph: await granted("graph"), exchange: await granted("exchange") };
}

function parsed<T extends z.ZodType>(shape: T, answer: unknown): z.output<T> {
  const result = shape.safeParse(answer);
  if (result.success) return result.data;
  throw unexpected("Microsoft Graph gave an answer of an unknown shape where an app was expected.");
}
