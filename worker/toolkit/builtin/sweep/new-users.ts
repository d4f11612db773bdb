import { asCollection } from "../artifacts.ts";
import type { SweepCheck } from "./sweep-check.ts";

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
  windowed: true,
  async run({ graph, limits, window, save }) {
    const filter = encodeURIComponent(`createdDateTime ge ${window.since}`);
    const users = await graph.collect(
      `/v1.0/users?$filter=${filter}&$select=${PROPERTIES.join(",")}&$top=999`,
      { limit: limits.directory, permission: "User.Read.All" },
    );
    await save("new-users.json", asCollection(users));
    const { value, truncated, problem } = users;
    return { records: value.length, truncated, ...(problem ? { problem } : {}) };
  },
};
