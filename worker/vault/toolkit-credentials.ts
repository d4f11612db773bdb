import type { Log } from "../../src/log.ts";
import { VAULT_PROBLEM } from "../toolkit/builtin/find-app.ts";
import { readMicrosoftCredentials } from "./microsoft-credentials.ts";
import type { Vault } from "./vault.ts";

export interface ToolkitCredentialsOptions {
  /** `undefined`: none is configured. */
  vault: Vault | undefined;
  env: Readonly<NodeJS.ProcessEnv>;
  /** What the log removes from its lines; the secrets that are read are added. */
  secrets: Set<string>;
  log: Log;
}

/**
 * The variables that the built-in toolkit's programs get from the vault. Read before each run and kept nowhere, so that
 * a vault that is back, or a secret that was replaced, is used without a restart.
 */
export function createToolkitCredentials({ vault, env, secrets, log }: ToolkitCredentialsOptions) {
  return async function credentials(): Promise<Record<string, string>> {
    if (vault === undefined) return {};
    const { variables, problems } = await readMicrosoftCredentials(vault, env);
    for (const [name, value] of Object.entries(variables)) if (name.endsWith("_SECRET")) secrets.add(value);

    for (const err of problems) log.warn({ err, code: err.code }, "vault cannot be used");
    log.info({ found: Object.keys(variables).filter((name) => name.endsWith("_ID")) }, "vault read");
    return { ...variables, [VAULT_PROBLEM]: inWords(problems.map(({ message }) => message)) };
  };
}

function inWords([first, ...others]: readonly string[]): string {
  if (first === undefined) return "The vault has no app registration for this tier.";
  return others.length === 0 ? first : `${first} (The worker's log names ${others.length} more.)`;
}
