import type { Toolkit } from "../../toolkit/toolkit.ts";
import type { Probe } from "../probe.ts";

/** Which scripts would run now: their hash tells a changed toolkit from the one that was tested. */
export function toolkitProbe(toolkit: Toolkit): Probe {
  return {
    name: "Toolkit",
    adviceOnFailure: "Check REMEDIATION_SCRIPTS.",
    async look() {
      const { name, kind, version } = toolkit;
      return { state: "ok", figure: `${name} (${kind}), scripts ${version.slice(0, 12)}` };
    },
  };
}
