import { CheckError } from "../check-error.ts";
import { literal } from "../graph-client.ts";
import { readServicePlans } from "../licences.ts";
import type { Account, Check, CheckContext } from "./check.ts";
import { type Part, readInTurn } from "./read-parts.ts";

const ELSEWHERE = "Look at the older ones in the Entra admin center, Sign-in logs.";

/**
 * The sign-ins of the window, newest first, and those that clients made without the user. In turn, since a refusal for
 * want of premium is asked three times, and the log allows five requests in ten seconds. Needs Entra ID P1.
 *
 * From beta: v1.0 has neither non-interactive sign-ins nor what factors and protocol were used.
 * @see https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta
 */
export const signIns: Check = {
  id: "signins",
  windowed: true,
  async run(context: CheckContext) {
    const account = await context.account();
    try {
      const result = await readInTurn(
        [interactive(context, account), nonInteractive(context, account)],
        context.save,
      );
      const ofAccount = account.kind === "unreadable" ? [byName(account.error)] : [];
      return { ...result, notes: [...(result.notes ?? []), ...ofAccount] };
    } catch (thrown) {
      if (thrown instanceof CheckError && thrown.code === "GRAPH_NOT_PREMIUM")
        throw await crossChecked(thrown, context);
      throw thrown;
    }
  },
};

function interactive(context: CheckContext, account: Account): Part {
  return {
    artifact: "signins.json",
    noun: "interactive sign-ins",
    elsewhere: ELSEWHERE,
    async read() {
      try {
        return await readLog(
          "beta",
          context,
          `${ofWindow(context, account)} and ${ofType("interactiveUser")}`,
        );
      } catch (thrown) {
        if (!(thrown instanceof CheckError) || !BETA_REFUSED.has(thrown.code)) throw thrown;
        const list = await readLog("v1.0", context, ofWindow(context, account));
        return { ...list, note: withoutBeta(thrown) };
      }
    },
  };
}

function nonInteractive(context: CheckContext, account: Account): Part {
  return {
    artifact: "signins-non-interactive.json",
    noun: "non-interactive sign-ins",
    elsewhere: ELSEWHERE,
    read: () => readLog("beta", context, `${ofWindow(context, account)} and ${ofType("nonInteractiveUser")}`),
  };
}

function readLog(version: "v1.0" | "beta", { graph, limits }: CheckContext, filter: string) {
  return graph.collect(`/${version}/auditLogs/signIns?$filter=${encodeURIComponent(filter)}`, {
    limit: limits.reports,
    permission: "AuditLog.Read.All",
  });
}

function ofWindow({ window }: CheckContext, account: Account): string {
  // By id where possible: a sign-in name changes, and the log keeps the old one.
  const who =
    account.kind === "found"
      ? `userId eq ${literal(account.id)}`
      : `userPrincipalName eq ${literal(account.upn.toLowerCase())}`;
  return `${who} and createdDateTime ge ${window.since}`;
}

function ofType(type: "interactiveUser" | "nonInteractiveUser"): string {
  return `signInEventTypes/any(t: t eq ${literal(type)})`;
}

/** Beta comes without a promise. What it answers then may be anything, and v1.0 may serve all the same. */
const BETA_REFUSED: ReadonlySet<string> = new Set([
  "GRAPH_REFUSED",
  "GRAPH_NO_PERMISSION",
  "GRAPH_NOT_FOUND",
  "GRAPH_NO_MAILBOX",
  "GRAPH_UNEXPECTED",
  "NOT_JSON",
  "UNAVAILABLE",
]);

function withoutBeta(error: CheckError): CheckError {
  return new CheckError(
    "SIGNINS_V1",
    `Microsoft Graph's beta refused, so factors and protocols of the interactive sign-ins are missing. ${error.message}`,
    {
      status: error.status,
      howToFix: "Run it again later; the Entra admin center, Sign-in logs, shows both.",
    },
  );
}

function byName(error: CheckError): CheckError {
  const reason = `Searched by sign-in name, because the account could not be read; sign-ins under an earlier name are missing. ${error.message}`;
  return new CheckError(error.code, reason, error);
}

/**
 * The error of a tenant without premium also comes from tenants that have it, so the tenant's own licences are asked.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3033
 */
export async function crossChecked(
  refusal: CheckError,
  context: Pick<CheckContext, "graph" | "limits">,
): Promise<CheckError> {
  const plans = await readServicePlans(context);
  if (plans === undefined) {
    const reason = `${refusal.message} The tenant's licences could not be read to confirm it.`;
    return new CheckError(refusal.code, reason, refusal);
  }
  if (!plans.has("AAD_PREMIUM") && !plans.has("AAD_PREMIUM_P2")) return refusal;
  return new CheckError(
    "GRAPH_PREMIUM_DENIED",
    "Microsoft says that the tenant has no Entra ID P1 licence, though it holds one: a known, passing fault of Graph.",
    { status: "error", howToFix: "Run it again in some minutes." },
  );
}
