import type { ClaudeToolsClient } from "../../claudetools/client.ts";
import { tokenExpiry } from "../../claudetools/token-expiry.ts";
import type { Condition, Probe } from "../probe.ts";

const DAY_MS = 86_400_000;
/** A new token takes somebody a moment to get. */
const SOON_DAYS = 7;
const RENEW = "Put a new token into CLAUDETOOLS_API_KEY and start the worker anew.";

/** The API's own word about itself, and how long our token still lives. */
export function claudeToolsProbe({
  client,
  apiKey,
  now = Date.now,
}: {
  client: ClaudeToolsClient;
  apiKey: string | undefined;
  now?: () => number;
}): Probe {
  return {
    name: "ClaudeTools",
    adviceOnFailure: "See that the service runs and that this machine reaches CLAUDETOOLS_API_URL.",
    async look(signal): Promise<Condition> {
      const startedAt = performance.now();
      const url = new URL("/api/health", client.origin);
      const answer = await client.request({ method: "GET", url, requestedBy: "system:status", signal });
      if (answer.kind === "failed") {
        const figure = answer.problem.userMessage.replace(/\.$/, "");
        return { state: "down", figure, advice: "See that the service runs, and CLAUDETOOLS_API_URL." };
      }
      const answered = `answered in ${Math.round(performance.now() - startedAt)} ms`;
      if (apiKey === undefined) {
        const advice = "Set CLAUDETOOLS_API_KEY: without it nothing can be asked.";
        return { state: "warning", figure: `${answered}, no token`, advice };
      }
      const { isSoon, text } = lifeOf(tokenExpiry(apiKey), now());
      const figure = `${answered}, ${text}`;
      return isSoon ? { state: "warning", figure, advice: RENEW } : { state: "ok", figure };
    },
  };
}

function lifeOf(expiresAt: number | undefined, now: number): { isSoon: boolean; text: string } {
  if (expiresAt === undefined) return { isSoon: false, text: "the token does not say when it ends" };
  const at = new Date(expiresAt).toISOString().slice(0, 16).replace("T", " ");
  if (expiresAt <= now) return { isSoon: true, text: `the token ended ${at} UTC` };
  return { isSoon: expiresAt - now < SOON_DAYS * DAY_MS, text: `the token ends ${at} UTC` };
}
