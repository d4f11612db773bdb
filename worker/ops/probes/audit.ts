import type { AuditStatus } from "../../audit/open-audit.ts";
import type { Probe } from "../probe.ts";

/** Whether what people do gets on record, and from there to ClaudeTools. */
export function auditProbe(status: () => AuditStatus): Probe {
  return {
    name: "Audit",
    adviceOnFailure: "See the worker's log.",
    async look() {
      const { unwritten, delivery } = status();
      if (unwritten > 0) {
        return {
          state: "down",
          figure: `${unwritten} records wait in memory, because the disk does not take them`,
          advice: "Make room in DATA_DIR and leave the worker running until this is 0.",
        };
      }
      if (delivery === undefined) {
        return {
          state: "warning",
          figure: "on this machine's disk alone",
          advice: "Set CLAUDETOOLS_API_KEY to have records delivered to ClaudeTools.",
        };
      }
      const { waiting, failing } = delivery;
      if (failing === undefined)
        return { state: "ok", figure: `on disk, ${waiting} waiting for ClaudeTools` };
      return {
        state: "warning",
        figure: `on disk, ${waiting} waiting for ClaudeTools since ${new Date(failing.since).toISOString().slice(0, 16).replace("T", " ")} UTC (${failing.code})`,
        advice: "Nothing is lost. They go out in order once ClaudeTools takes them.",
      };
    },
  };
}
