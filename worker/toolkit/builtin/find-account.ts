import { z } from "zod";
import { Guid } from "../../../src/tenant.ts";
import { CheckError } from "./check-error.ts";
import type { Account } from "./checks/check.ts";
import { unexpected } from "./collect-pages.ts";
import { type GraphClient, segment } from "./graph-client.ts";
import type { Limits } from "./limits.ts";

const USER_PROPERTIES = [
  "id",
  "displayName",
  "userPrincipalName",
  "mail",
  "accountEnabled",
  "userType",
  "usageLocation",
  "onPremisesSyncEnabled",
  "createdDateTime",
  "lastPasswordChangeDateTime",
  "assignedLicenses",
];
const User = z.object({ id: Guid, userPrincipalName: z.string() });

/** Failures that every further request would share. */
export const FATAL = new Set([
  "GRAPH_NOT_FOUND",
  "GRAPH_TOKEN_REFUSED",
  "UNREACHABLE",
  "NOT_JSON",
  "REDIRECTED",
  "STOPPED",
  "OUT_OF_TIME",
]);

/**
 * @throws {CheckError} if there is no such account, or Graph cannot be used at all.
 * @see https://learn.microsoft.com/graph/api/user-get
 */
export async function findAccount(graph: GraphClient, limits: Limits, upn: string): Promise<Account> {
  try {
    const user = await graph.get(`/v1.0/users/${segment(upn)}?$select=${USER_PROPERTIES.join(",")}`, {
      limit: limits.directory,
      permission: "User.Read.All",
    });
    const parsed = User.safeParse(user);
    if (!parsed.success)
      throw unexpected("Microsoft Graph gave an answer of an unknown shape where a user was expected.");
    return { kind: "found", id: parsed.data.id, upn: parsed.data.userPrincipalName, user };
  } catch (thrown) {
    if (!(thrown instanceof CheckError) || FATAL.has(thrown.code)) throw thrown;
    return { kind: "unreadable", upn, error: thrown };
  }
}
