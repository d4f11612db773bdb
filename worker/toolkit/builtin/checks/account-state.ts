import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import { segment } from "../graph-client.ts";
import { guestNote } from "../missing-mailbox.ts";
import type { Check, CheckContext } from "./check.ts";
import { about } from "./read-parts.ts";

/**
 * Whether the account is enabled, synchronised, a guest, and how privileged. The account itself is read for all checks
 * together, because some need its id.
 * @see https://learn.microsoft.com/graph/api/user-list-memberof
 */
export const accountState: Check = {
  id: "account_state",
  async run({ graph, limits, upn, account, save }: CheckContext) {
    const [known, roles] = await Promise.allSettled([
      account(),
      graph.collect(
        `/v1.0/users/${segment(upn)}/memberOf/microsoft.graph.directoryRole?$select=id,displayName,roleTemplateId`,
        { limit: limits.directory, permission: "Directory.Read.All" },
      ),
    ]);
    if (known.status === "rejected") throw known.reason;
    if (known.value.kind === "unreadable") throw known.value.error;
    await save("user.json", known.value.user);

    const guest = guestNote(upn);
    const notes = guest === undefined ? [] : [guest];
    if (roles.status === "fulfilled") {
      await save("directory-roles.json", asCollection(roles.value));
      const { truncated, problem } = roles.value;
      return { records: 1, truncated, notes: [...notes, ...(problem ? [rolesUnread(problem)] : [])] };
    }
    if (!(roles.reason instanceof CheckError)) throw roles.reason;
    return { records: 1, truncated: true, notes: [...notes, rolesUnread(roles.reason)] };
  },
};

function rolesUnread(problem: CheckError): CheckError {
  return about("The account's admin roles could not be read.", problem);
}
