import { CheckError } from "../check-error.ts";
import type { Collected } from "../collect-pages.ts";
import { literal, segment } from "../graph-client.ts";
import { readServicePlans } from "../licences.ts";
import { accountId, type Check, type CheckContext } from "./check.ts";
import { readInTurn } from "./read-parts.ts";

const LICENCE = "Entra ID P2";
const ELSEWHERE = "Look at the rest in the Entra admin center, Protection.";

/**
 * What Microsoft's own detection holds against the account, whenever that was: a risk stays until somebody dismisses
 * it. Needs Entra ID P2. In turn, since Graph lets one request through in a second.
 */
export const risk: Check = {
  id: "risk",
  async run(context: CheckContext) {
    const id = await accountId(context);
    const state = {
      noun: "account's state of risk",
      elsewhere: ELSEWHERE,
      read: () => riskyUser(id, context),
    };
    const detections = {
      artifact: "risk-detections.json",
      noun: "risk detections",
      elsewhere: ELSEWHERE,
      read: () => riskDetections(id, context),
    };
    try {
      return await readInTurn([state, detections], context.save);
    } catch (thrown) {
      if (thrown instanceof CheckError && thrown.code === "GRAPH_NO_PERMISSION")
        throw await crossChecked(thrown, context);
      throw thrown;
    }
  },
};

/**
 * An account that was never at risk is not in the list, which is an answer like any other.
 * @see https://learn.microsoft.com/graph/api/riskyuser-get
 */
async function riskyUser(id: string, { graph, limits, save }: CheckContext): Promise<Collected> {
  const user = await graph.find(`/v1.0/identityProtection/riskyUsers/${segment(id)}`, {
    limit: limits.risk,
    permission: "IdentityRiskyUser.Read.All",
    licence: LICENCE,
  });
  if (user !== undefined) await save("risky-user.json", user);
  return { context: undefined, value: user === undefined ? [] : [user], truncated: false };
}

/** @see https://learn.microsoft.com/graph/api/riskdetection-list */
function riskDetections(id: string, { graph, limits }: CheckContext): Promise<Collected> {
  const filter = encodeURIComponent(`userId eq ${literal(id)}`);
  return graph.collect(`/v1.0/identityProtection/riskDetections?$filter=${filter}`, {
    limit: limits.risk,
    permission: "IdentityRiskEvent.Read.All",
    licence: LICENCE,
  });
}

/** How Graph words a missing licence here is not documented, so a bare refusal is held against the tenant's licences. */
async function crossChecked(refusal: CheckError, context: CheckContext): Promise<CheckError> {
  const plans = await readServicePlans(context);
  if (plans === undefined || plans.has("AAD_PREMIUM_P2")) return refusal;
  return new CheckError(
    "GRAPH_NOT_LICENSED",
    `Microsoft Graph refused, and the tenant holds no ${LICENCE} licence, which this needs. ${refusal.message}`,
    { status: "not_licensed", howToFix: `Buy ${LICENCE}, or do without this check. ${refusal.howToFix}` },
  );
}
