import type { AppError } from "../../../src/errors.ts";
import type { ClaudeToolsClient } from "../../claudetools/client.ts";
import { tokenExpiry } from "../../claudetools/token-expiry.ts";
import type { Condition, Probe } from "../probe.ts";

const DAY_MS = 86_400_000;
/** A new token takes somebody a moment to get. */
const SOON_DAYS = 7;
const RENEW = "Put a new token into CLAUDETOOLS_API_KEY and start the worker anew.";

/** Nobody must sign in for `/api/health`, so whether our token is taken shows only here. */
const SIGNED_IN_PATH = "/api/m365-tenants?limit=1";

/** The API's own word about itself, whether it takes our token, and how long that still lives. */
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
      const ask = (path: string) => {
        const url = new URL(path, client.origin);
        return client.request({ method: "GET", url, requestedBy: "system:status", signal });
      };
      const answer = await ask("/api/health");
      if (answer.kind === "failed") return failure(answer.problem);
      const answered = `answered in ${Math.round(performance.now() - startedAt)} ms`;
      if (apiKey === undefined) {
        const advice = "Set CLAUDETOOLS_API_KEY: without it nothing can be asked.";
        return { state: "warning", figure: `${answered}, no token`, advice };
      }
      const { state, text } = lifeOf(tokenExpiry(apiKey), now());
      const figure = `${answered}, ${text}`;
      if (state === "down") return { state, figure, advice: RENEW };
      const signedIn = await ask(SIGNED_IN_PATH);
      // Another 4xx means that this API has no such list, or another limit: it took the token.
      if (signedIn.kind === "failed" && !isOther4xx(signedIn.status)) return failure(signedIn.problem);
      return state === "ok" ? { state, figure } : { state, figure, advice: RENEW };
    },
  };
}

/** The sentence of a problem ends with what to do. */
function failure({ userMessage }: AppError): Condition {
  return { state: "down", figure: userMessage.replace(/\.$/, "") };
}

function isOther4xx(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 403;
}

function lifeOf(
  expiresAt: number | undefined,
  now: number,
): { state: "ok" | "warning" | "down"; text: string } {
  if (expiresAt === undefined) return { state: "ok", text: "the token does not say when it ends" };
  const at = new Date(expiresAt).toISOString().slice(0, 16).replace("T", " ");
  if (expiresAt <= now) return { state: "down", text: `the token ended ${at} UTC, so nothing can be asked` };
  const isSoon = expiresAt - now < SOON_DAYS * DAY_MS;
  return { state: isSoon ? "warning" : "ok", text: `the token ends ${at} UTC` };
}
