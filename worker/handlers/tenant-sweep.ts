import type { Handler } from "./handler.ts";
import type { Investigate } from "./investigation.ts";

/** A tenant has many sign-ins and Graph gives them out slowly; the interaction's token lives for fifteen minutes. */
const RUN_DEADLINE_MS = 10 * 60_000;
const WINDOW_DAYS = 7;

/** `/tenant-sweep`: a whole tenant. */
export function createTenantSweep({
  investigate,
  deadlineMs = RUN_DEADLINE_MS,
}: {
  investigate: Investigate;
  deadlineMs?: number;
}): Handler<"tenant-sweep"> {
  return {
    access: "tech",
    run: ({ tenant }, context) =>
      investigate(
        {
          kind: "tenant",
          entry: "tenant-sweep",
          tenant,
          target: null,
          windowDays: WINDOW_DAYS,
          deadlineMs,
        },
        context,
      ),
  };
}
