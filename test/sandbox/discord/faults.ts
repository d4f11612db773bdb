/** The routes that can be told to fail, by what they do. */
export type RouteName =
  | "edit-original"
  | "get-original"
  | "delete-original"
  | "follow-up"
  | "edit-follow-up"
  | "get-follow-up"
  | "delete-follow-up"
  | "post-message"
  | "edit-message"
  | "open-thread"
  | "edit-channel"
  | "get-message"
  | "get-channel"
  | "open-direct-messages"
  | "get-gateway"
  | "get-gateway-bot"
  | "get-commands"
  | "put-commands";

/** What happens in place of the usual answer. */
export interface Fault {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Does what was asked before failing: the answer is lost and the effect is not. */
  afterEffect?: boolean;
}

export interface ScriptedFault {
  route: RouteName;
  /** `hang` takes the request and never answers. */
  fault: Fault | "hang" | "hang-after-effect";
  /** How often. Default: once. */
  times?: number;
}

const error = (status: number, code: number, message: string): Fault => ({ status, body: { message, code } });

/** @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
export const faults = {
  unknownWebhook: error(404, 10015, "Unknown Webhook"),
  unknownMessage: error(404, 10008, "Unknown Message"),
  tokenExpired: error(401, 50027, "Invalid Webhook Token"),
  unauthorized: error(401, 0, "401: Unauthorized"),
  tooLarge: error(413, 40005, "Request entity too large"),
  archivedThread: error(400, 50083, "Thread is archived"),
  unknownChannel: error(404, 10003, "Unknown Channel"),
  threadExists: error(400, 160004, "A thread has already been created for this message"),
  missingPermissions: error(403, 50013, "Missing Permissions"),
  missingAccess: error(403, 50001, "Missing Access"),
  cannotDirectMessage: error(403, 50007, "Cannot send messages to this user"),
  unavailable: { status: 503, body: { message: "upstream connect error", code: 0 } },
  unavailableAfterEffect: { status: 502, body: { message: "bad gateway", code: 0 }, afterEffect: true },
  /** @see https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit */
  rateLimited: (seconds: number): Fault => ({
    status: 429,
    headers: {
      "retry-after": String(seconds),
      "x-ratelimit-limit": "5",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset-after": String(seconds),
      "x-ratelimit-bucket": "sandbox",
      "x-ratelimit-scope": "user",
    },
    body: { message: "You are being rate limited.", retry_after: seconds, global: false },
  }),
  /** Cloudflare's, before Discord: no headers, no JSON. https://github.com/discord/discord-api-docs/issues/5810 */
  banned: { status: 429, headers: { "content-type": "text/html" }, body: "error code: 1015" },
} satisfies Record<string, Fault | ((seconds: number) => Fault)>;

/** The next fault for this route, which is then used up. */
export function takeFault(script: ScriptedFault[], route: RouteName): ScriptedFault["fault"] | undefined {
  const next = script.find((scripted) => scripted.route === route && (scripted.times ?? 1) > 0);
  if (!next) return undefined;
  next.times = (next.times ?? 1) - 1;
  return next.fault;
}
