import type { GatewayStatus } from "../../discord/gateway/gateway.ts";
import type { Condition, Probe } from "../probe.ts";

/** Whether mentions are heard. @param status - None: nobody switched that on. */
export function gatewayProbe(status: (() => GatewayStatus) | undefined): Probe {
  return {
    name: "Mentions",
    adviceOnFailure: "See the worker's log.",
    async look() {
      return status === undefined ? { state: "off", figure: "not switched on" } : conditionOf(status());
    },
  };
}

function conditionOf({ state, reason, backlog, dropped }: GatewayStatus): Condition {
  switch (state) {
    case "listening":
      return dropped === 0
        ? { state: "ok", figure: `listening, ${backlog} in hand` }
        : {
            state: "warning",
            figure: `listening; ${dropped} messages came too fast`,
            advice: "See who floods the server.",
          };
    case "standby":
      return { state: "ok", figure: "another worker listens" };
    case "connecting":
      return {
        state: "warning",
        figure: "connecting to Discord's gateway",
        advice: "It takes some seconds. If it still says so in a minute, see the worker's log.",
      };
    case "waiting":
      return {
        state: "warning",
        figure: "not listening now",
        advice: `${reason ?? "See the worker's log"}.`,
      };
    case "refused":
      return {
        state: "down",
        figure: "Discord refused the connection",
        advice: reason ?? "See the worker's log.",
      };
  }
}
