import { errorName } from "../../toolkit/builtin/fetch-json.ts";
import type { Probe } from "../probe.ts";

/**
 * Whether a service on the network answers at all: any answer below 500 will do, since nothing is signed in.
 * @param url - Without a secret in it.
 */
export function reachableProbe(
  name: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Probe {
  return {
    name,
    adviceOnFailure: "Check this machine's network and proxy, then the service's own status page.",
    async look(signal) {
      const startedAt = performance.now();
      const response = await fetch(url, { redirect: "manual", headers, signal }).catch((cause: unknown) => {
        throw new Error(`not reachable (${errorName(cause)})`, { cause });
      });
      await response.body?.cancel();
      const figure = `answered in ${Math.round(performance.now() - startedAt)} ms`;
      // A 401 or 404 is the honest answer to somebody who does not sign in, and would only frighten.
      if (response.status < 500) return { state: "ok", figure };
      const advice = "It has trouble of its own: see its status page.";
      return { state: "warning", figure: `${figure} with HTTP ${response.status}`, advice };
    },
  };
}
