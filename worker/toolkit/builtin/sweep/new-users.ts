import { asCollection } from "../artifacts.ts";
import { type SweepCheck, startOfWindow } from "./sweep-check.ts";

const PROPERTIES = [
  "id",
  "displayName",
  "userPrincipalName",
  "userType",
  "accountEnabled",
  "createdDateTime",
];

/**
 * Accounts that were created within the window, guests among them.
 * @see https://learn.microsoft.com/graph/api/user-list
 */
export const newUsers: SweepCheck = {
  id: "new_users",
  async run(context) {
    const { graph, limits, save } = context;
    const filter = encodeURIComponent(`createdDateTime ge ${startOfWindow(context)}`);
    const users = await graph.collect(
      `/v1.0/users?$filter=${filter}&$select=${PROPERTIES.join(",")}&$top=999`,
      { limit: limits.directory, permission: "User.Read.All" },
    );
    await save("new-users.json", asCollection(users));
    const { value, truncated, problem } = users;
    return { records: value.length, truncated, ...(problem ? { problem } : {}) };
  },
};
