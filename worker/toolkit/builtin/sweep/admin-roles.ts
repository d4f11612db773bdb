import { asCollection } from "../artifacts.ts";
import type { SweepCheck } from "./sweep-check.ts";

/**
 * Who holds which directory role. Roles that are only eligible (PIM) show once they are activated.
 * @see https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
 */
export const adminRoles: SweepCheck = {
  id: "admin_roles",
  async run({ graph, limits, save }) {
    const assignments = await graph.collect(
      "/v1.0/roleManagement/directory/roleAssignments?$expand=principal",
      {
        limit: limits.directory,
        permission: "Directory.Read.All",
      },
    );
    await save("role-assignments.json", asCollection(assignments));
    const { value, truncated, problem } = assignments;
    return { records: value.length, truncated, ...(problem ? { problem } : {}) };
  },
};
