import type { Handler } from "./handler.ts";
import type { Investigate } from "./investigation.ts";

/** Long enough for a script that asks Graph one thing after the other, short enough for the interaction's token. */
const RUN_DEADLINE_MS = 5 * 60_000;
const WINDOW_DAYS = 7;

/** `/breach-check`: one account. */
export function createBreachCheck({
  investigate,
  deadlineMs = RUN_DEADLINE_MS,
}: {
  investigate: Investigate;
  deadlineMs?: number;
}): Handler<"breach-check"> {
  return {
    access: "tech",
    run: ({ tenant, upn }, context) =>
      investigate(
        {
          kind: "user",
          entry: "user-breach-check",
          tenant,
          target: upn,
          windowDays: WINDOW_DAYS,
          deadlineMs,
        },
        context,
      ),
  };
}
