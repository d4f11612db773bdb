import { asCollection } from "../artifacts.ts";
import { literal } from "../graph-client.ts";
import type { SweepCheck } from "./sweep-check.ts";

/** Dealt with are those that are dismissed, remediated or safe. */
const OPEN_STATES = ["atRisk", "confirmedCompromised"];

/**
 * Accounts that Entra ID Protection holds to be at risk. Needs Entra ID P2.
 * @see https://learn.microsoft.com/graph/api/riskyuser-list
 */
export const riskyUsers: SweepCheck = {
  id: "risk",
  async run({ graph, limits, save }) {
    const lists = [];
    // One after the other: the limit is one request a second, for all apps of the tenant together.
    for (const state of OPEN_STATES) {
      const filter = encodeURIComponent(`riskState eq ${literal(state)}`);
      lists.push(
        await graph.collect(`/v1.0/identityProtection/riskyUsers?$filter=${filter}`, {
          limit: limits.risk,
          permission: "IdentityRiskyUser.Read.All",
        }),
      );
    }
    const value = lists.flatMap((list) => list.value);
    await save("risky-users.json", asCollection({ context: lists[0]?.context, value, truncated: false }));
    const problem = lists.find((list) => list.problem)?.problem;
    return {
      records: value.length,
      truncated: lists.some(({ truncated }) => truncated),
      ...(problem ? { problem } : {}),
    };
  },
};
