import type { Toolkit } from "../../toolkit/toolkit.ts";
import type { Probe } from "../probe.ts";

/** As many digits as tell two releases of a script apart, and can be read out over the telephone. */
const DIGITS = 8;

/**
 * Which scripts would run now. The hash of each tells a changed script from the one that was tested; the toolkit's own
 * is over everything in its folder, and stands in every report.
 */
export function toolkitProbe(toolkit: Pick<Toolkit, "kind" | "name" | "inspect">): Probe {
  return {
    name: "Toolkit",
    adviceOnFailure: "Check REMEDIATION_SCRIPTS.",
    async look() {
      const { version, programs, missing } = await toolkit.inspect();
      const name = toolkit.kind === "built-in" ? "built-in" : `"${toolkit.name}" of your own`;
      const hashes = programs.map(({ file, sha256 }) => `${file} ${sha256.slice(0, DIGITS)}`).join(", ");
      const figure = `${name}, version ${version.slice(0, 12)}; ${hashes || "no program"}`;
      if (missing.length === 0) return { state: "ok", figure };
      const advice = "What needs them says so. Add them to REMEDIATION_SCRIPTS.";
      const state = programs.length === 0 ? "down" : "warning";
      return { state, figure: `${figure}; missing: ${missing.join(", ")}`, advice };
    },
  };
}
