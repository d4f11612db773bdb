import { readMicrosoftCredentials } from "../../vault/microsoft-credentials.ts";
import type { Vault } from "../../vault/vault.ts";
import type { Probe } from "../probe.ts";

/** Whether the vault can be opened, and what for; what it holds is decrypted in memory and only counted. */
export function vaultProbe(vault: Vault | undefined): Probe {
  return {
    name: "Vault",
    adviceOnFailure: "Check VAULT_PATH and the age key of the account that runs the worker.",
    async look() {
      if (vault === undefined) return { state: "off", figure: "no VAULT_PATH" };
      const { variables, problems } = await readMicrosoftCredentials(vault, {});
      const count = Object.keys(variables).filter((name) => name.endsWith("_CLIENT_ID")).length;
      const figure = `${count} app ${count === 1 ? "registration" : "registrations"} can be read`;
      const [first] = problems;
      if (first === undefined) return { state: "ok", figure };
      const state = count === 0 ? "down" : "warning";
      return { state, figure: `${figure}, ${problems.length} cannot`, advice: first.userMessage };
    },
  };
}
