import { Hono } from "hono";
import { commands } from "./commands/index.ts";
import { AppError, coerceError } from "./errors.ts";
import { privately } from "./interactions/respond.ts";
import { type RouteOptions, route } from "./interactions/route.ts";
import { watchAttendance } from "./jobs/heartbeat.ts";

export type AppOptions = Omit<RouteOptions, "commands" | "attendance" | "now"> & { now?: () => number };

/** The webhook, one and the same on Node and on Workers. */
export function createApp({ now = Date.now, ...options }: AppOptions): Hono {
  const app = new Hono();

  const attendance = watchAttendance(options.outlook, { now });
  app.post("/interactions", route({ ...options, commands, attendance, now }));

  /** The process is up; says nothing of what it depends on. */
  app.get("/healthz", (c) => c.json({ status: "ok" }));

  /** Interactions would be taken now. */
  app.get("/readyz", async (c) => {
    const ready = await options.producer("investigations").isReady();
    return ready ? c.json({ status: "ok" }) : c.json({ status: "queue unavailable" }, 503);
  });

  app.notFound((c) => c.text("Not found.", 404));

  // Never a 5xx: Discord would show "the application did not respond" and the caller would not know why.
  app.onError((thrown, c) => {
    if (thrown instanceof AppError && thrown.code === "INTERACTION_INVALID") {
      options.log.warn({ code: thrown.code }, "request rejected");
      return c.text(thrown.userMessage, 400);
    }
    if (thrown instanceof AppError) return c.json(privately(thrown.userMessage));
    options.log.error({ err: coerceError(thrown) }, "request failed");
    return c.json(
      privately("Something went wrong in the bot and nothing was started. Tell whoever runs it."),
    );
  });

  return app;
}
