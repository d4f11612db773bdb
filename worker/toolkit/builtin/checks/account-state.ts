import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import { segment } from "../graph-client.ts";
import type { Check, CheckContext } from "./check.ts";

/**
 * Whether the account is enabled, synchronised, a guest, and how privileged. The account itself was read before
 * the checks began, because they need its id.
 * @see https://learn.microsoft.com/graph/api/user-list-memberof
 */
export const accountState: Check = {
  id: "account_state",
  async run({ graph, limits, account, save }: CheckContext) {
    if (account.kind === "unreadable") throw account.error;
    await save("user.json", account.user);
    try {
      const roles = await graph.collect(
        `/v1.0/users/${segment(account.id)}/memberOf/microsoft.graph.directoryRole?$select=id,displayName,roleTemplateId`,
        { limit: limits.directory, permission: "Directory.Read.All" },
      );
      await save("directory-roles.json", asCollection(roles));
      return {
        records: 1,
        truncated: roles.truncated,
        ...(roles.problem ? { note: rolesUnread(roles.problem) } : {}),
      };
    } catch (thrown) {
      if (!(thrown instanceof CheckError)) throw thrown;
      return { records: 1, truncated: true, note: rolesUnread(thrown) };
    }
  },
};

function rolesUnread(problem: CheckError): CheckError {
  return new CheckError(
    problem.code,
    `The account's admin roles could not be read. ${problem.message}`,
    problem,
  );
}
