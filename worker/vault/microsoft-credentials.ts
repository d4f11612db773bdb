import { AppError, coerceError } from "../../src/errors.ts";
import { TIERS, type Tier } from "../toolkit/builtin/tiers.ts";
import { findRegistrations, type Registration } from "./find-registrations.ts";
import type { Vault } from "./vault.ts";

export interface MicrosoftCredentials {
  /** `M365_*`, as the built-in toolkit reads them; only what the environment does not set itself. */
  variables: Record<string, string>;
  /** Why some or all could not be had. */
  problems: AppError[];
}

const FOLDER = "msp-tools";

/**
 * The app registrations of the vault, as variables. The environment wins, registration by registration: what somebody
 * set there by hand is what they mean, and it works while the vault is away. Never throws: whoever needs a
 * registration that is missing says why.
 */
export async function readMicrosoftCredentials(
  vault: Vault,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<MicrosoftCredentials> {
  const registrations: Registration[] = [];
  const problems: AppError[] = [];
  try {
    for (const file of await vault.list(FOLDER)) {
      try {
        const found = findRegistrations(file, await vault.read(file));
        registrations.push(...found.registrations);
        problems.push(...found.problems);
      } catch (thrown) {
        // One broken file must not take the others away.
        problems.push(asAppError(thrown));
      }
    }
  } catch (thrown) {
    problems.push(asAppError(thrown));
  }
  if (registrations.length === 0 && problems.length === 0) problems.push(nothingFound());

  const variables: Record<string, string> = {};
  for (const tier of [undefined, ...TIERS]) {
    const prefix = variablePrefix(tier);
    if (env[`${prefix}_CLIENT_ID`] || env[`${prefix}_CLIENT_SECRET`]) continue;
    const candidates = distinct(registrations.filter((one) => one.tier === tier));
    const [only] = candidates;
    if (candidates.length > 1) problems.push(ambiguous(tier));
    else if (only !== undefined) {
      variables[`${prefix}_CLIENT_ID`] = only.clientId;
      variables[`${prefix}_CLIENT_SECRET`] = only.clientSecret;
    }
  }
  return { variables, problems };
}

/** The same registration may stand in two files. */
function distinct(registrations: readonly Registration[]): Registration[] {
  return [...new Map(registrations.map((one) => [`${one.clientId} ${one.clientSecret}`, one])).values()];
}

function variablePrefix(tier: Tier | undefined): string {
  return tier === undefined ? "M365" : `M365_${tier}`;
}

function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(
    "VAULT_UNREADABLE",
    "The vault could not be read for a reason that this program does not know. Look at the worker's log.",
    { cause: coerceError(thrown) },
  );
}

function nothingFound(): AppError {
  return new AppError(
    "VAULT_INCOMPLETE",
    `Expected a client id and a client secret of Microsoft 365 in the vault's ${FOLDER}, found none. Add a file as README.md shows, or set M365_CLIENT_ID and M365_CLIENT_SECRET.`,
  );
}

function ambiguous(tier: Tier | undefined): AppError {
  const which = tier === undefined ? "for all tiers" : `for the tier ${tier}`;
  return new AppError(
    "VAULT_AMBIGUOUS",
    `The vault has several different app registrations ${which}, so none of them is used. Leave one, or set ${variablePrefix(tier)}_CLIENT_ID and ${variablePrefix(tier)}_CLIENT_SECRET.`,
  );
}
