import { promisify } from "node:util";
import type { ServerType } from "@hono/node-server";

/** Longer than anybody waits for an answer: Discord itself waits 3 seconds. */
const LAST_ANSWERS_MS = 3_000;
/** How often connections are looked for that had their answer. Node closes those that are idle only when it begins to close. */
const IDLE_EVERY_MS = 20;

/**
 * Takes no more connections and lets the requests under way be answered; then the other connections are cut. Node would
 * wait for one that never sends a request, and a service manager loses its patience sooner.
 * @see https://nodejs.org/docs/latest-v20.x/api/http.html#servercloseallconnections
 */
export async function closeServer(server: ServerType, { withinMs = LAST_ANSWERS_MS } = {}): Promise<void> {
  const cut = setTimeout(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
  }, withinMs);
  const part = setInterval(() => {
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  }, IDLE_EVERY_MS);
  await promisify(server.close.bind(server))().finally(() => {
    clearTimeout(cut);
    clearInterval(part);
  });
}
