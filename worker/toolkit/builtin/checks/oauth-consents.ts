import { z } from "zod";
import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import type { Collected } from "../collect-pages.ts";
import { literal, segment } from "../graph-client.ts";
import type { Check, CheckContext, CheckResult } from "./check.ts";
import { about, readTogether } from "./read-parts.ts";

/** Graph takes no more values than these in one `in`. @see https://learn.microsoft.com/graph/filter-query-parameter */
const IDS_PER_REQUEST = 15;
const ELSEWHERE = "Look at the rest in the Entra admin center, Applications of the user.";

/**
 * What apps may do in the account's name by its own consent, which apps it is assigned to, and who they are. Consents
 * that an administrator gave for everybody are not the user's.
 * @see https://learn.microsoft.com/graph/api/user-list-oauth2permissiongrants
 * @see https://learn.microsoft.com/graph/api/user-list-approleassignments
 */
export const oauthConsents: Check = {
  id: "oauth_consents",
  async run(context: CheckContext) {
    const { graph, limits, upn, save } = context;
    const call = { limit: limits.directory, permission: "Directory.Read.All" };
    const result = await readTogether(
      [
        {
          artifact: "oauth2-permission-grants.json",
          noun: "consents",
          elsewhere: ELSEWHERE,
          read: () => graph.collect(`/v1.0/users/${segment(upn)}/oauth2PermissionGrants`, call),
        },
        {
          artifact: "app-role-assignments.json",
          noun: "assignments to apps",
          elsewhere: ELSEWHERE,
          read: () => graph.collect(`/v1.0/users/${segment(upn)}/appRoleAssignments`, call),
        },
      ],
      save,
    );
    return withApps(result, context);
  },
};

/** Grants name the app as `clientId` and what it may reach as `resourceId`; an assignment names the app as the latter. */
const App = z.object({ clientId: z.string().nullish(), resourceId: z.string().nullish() });

async function withApps(
  { rows, ...result }: CheckResult & { rows: unknown[] },
  context: CheckContext,
): Promise<CheckResult> {
  const ids = new Set(
    rows.flatMap((row) => {
      const { clientId, resourceId } = App.safeParse(row).data ?? {};
      return [clientId, resourceId].filter((id) => typeof id === "string");
    }),
  );
  if (ids.size === 0) return result;
  try {
    const apps = await readApps([...ids], context);
    await context.save("service-principals.json", asCollection(apps));
    return apps.problem ? withUnknownApps(result, apps.problem) : result;
  } catch (thrown) {
    if (!(thrown instanceof CheckError)) throw thrown;
    return withUnknownApps(result, thrown);
  }
}

const APP_PROPERTIES = [
  "id",
  "appId",
  "displayName",
  "publisherName",
  "verifiedPublisher",
  "appOwnerOrganizationId",
  "createdDateTime",
  "accountEnabled",
  "servicePrincipalType",
];

/** @see https://learn.microsoft.com/graph/api/serviceprincipal-list */
async function readApps(ids: readonly string[], { graph, limits }: CheckContext): Promise<Collected> {
  const chunks = Array.from({ length: Math.ceil(ids.length / IDS_PER_REQUEST) }, (_, index) =>
    ids.slice(index * IDS_PER_REQUEST, (index + 1) * IDS_PER_REQUEST),
  );
  const lists = await Promise.all(
    chunks.map((chunk) => {
      const filter = encodeURIComponent(`id in (${chunk.map(literal).join(",")})`);
      return graph.collect(`/v1.0/servicePrincipals?$filter=${filter}&$select=${APP_PROPERTIES.join(",")}`, {
        limit: limits.directory,
        permission: "Application.Read.All",
      });
    }),
  );
  const problem = lists.find((list) => list.problem)?.problem;
  return {
    context: lists[0]?.context,
    value: lists.flatMap(({ value }) => value),
    truncated: lists.some(({ truncated }) => truncated),
    ...(problem ? { problem } : {}),
  };
}

function withUnknownApps(result: CheckResult, error: CheckError): CheckResult {
  const note = about("Names and publishers of the apps could not be read.", error);
  return { ...result, truncated: true, notes: [...(result.notes ?? []), note] };
}
