import type { Toolkit } from "../../toolkit/toolkit.ts";
import type { Probe } from "../probe.ts";

/** Which scripts would run now: their hash tells a changed toolkit from the one that was tested. */
export function toolkitProbe(toolkit: Toolkit): Probe {
  return {
    name: "Toolkit",
    adviceOnFailure: "Check REMEDIATION_SCRIPTS.",
    async look() {
      const { name, kind, version } = toolkit;
      const figure = `${name} (${kind}), scripts ${version.slice(0, 12)}`;
      const missing = await toolkit.missing();
      if (missing.length === 0) return { state: "ok", figure };
      const advice = "What needs them says so. Add them to REMEDIATION_SCRIPTS.";
      return { state: "warning", figure: `${figure}, without ${missing.join(", ")}`, advice };
    },
  };
}
