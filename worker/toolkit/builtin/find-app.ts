import { CheckError } from "./check-error.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./program.ts";
import type { Tier } from "./tiers.ts";

/** An app registration, to sign in with. */
export interface App {
  clientId: string;
  clientSecret: string;
}

/** Why the worker could not hand over a registration, in words. It reads the vault; its programs do not. */
export const VAULT_PROBLEM = "M365_VAULT_PROBLEM";

/**
 * The app registration of a tier: from the environment, and where there is none, from the vault that `VAULT_PATH` names,
 * which is for use by hand. A tier's own wins over the common one, id and secret together: half of each would be no app.
 * @throws {CheckError} `NO_APP` if the vault cannot be used, with the reason.
 * @throws {UsageError} that names the variables that are missing, and no value.
 */
export async function findApp(env: Environment, tier: Tier): Promise<App> {
  const own = fromVariables(env, tier);
  if (own !== undefined) return own;
  const problem =
    env[VAULT_PROBLEM] || (env.VAULT_PATH ? await openByHand(env, env.VAULT_PATH, tier) : undefined);
  if (typeof problem === "object") return problem;
  if (problem !== undefined) throw noApp(tier, problem);
  throw new UsageError(
    `Expected M365_${tier}_CLIENT_ID and M365_${tier}_CLIENT_SECRET, or M365_CLIENT_ID and M365_CLIENT_SECRET, in the environment, or VAULT_PATH: the app registration of the tier.`,
  );
}

/** @throws {UsageError} for half of a pair. */
function fromVariables(env: Environment, tier: Tier): App | undefined {
  for (const prefix of [`M365_${tier}`, "M365"]) {
    const clientId = env[`${prefix}_CLIENT_ID`]?.trim();
    const clientSecret = env[`${prefix}_CLIENT_SECRET`]?.trim();
    if (clientId && clientSecret) return { clientId, clientSecret };
    if (clientId || clientSecret) {
      throw new UsageError(
        `Expected ${prefix}_CLIENT_${clientId ? "SECRET" : "ID"} in the environment beside ${prefix}_CLIENT_${clientId ? "ID" : "SECRET"}.`,
      );
    }
  }
  return undefined;
}

/** The app, or why there is none. */
async function openByHand(env: Environment, path: string, tier: Tier): Promise<App | string> {
  // Loaded here, because a program that the worker starts has its variables and should start quickly.
  const { openVault } = await import("../../vault/vault.ts");
  const { readMicrosoftCredentials } = await import("../../vault/microsoft-credentials.ts");
  const { variables, problems } = await readMicrosoftCredentials(openVault({ path, env }), env);
  const app = fromVariables(variables, tier);
  return app ?? problems[0]?.message ?? "The vault has no app registration for this tier.";
}

function noApp(tier: Tier, problem: string): CheckError {
  return new CheckError("NO_APP", `No app registration for the tier ${tier}. ${problem}`, {
    status: "error",
    // The problem itself says how.
    howToFix: "Then run it again.",
  });
}
