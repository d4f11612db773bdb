import { type AccessLists, authorise, type Caller, type Level, type Permission } from "../src/access.ts";
import type { DiscordUsers } from "./claudetools/discord-users.ts";

/** What a person may do, by Discord's roles and by ClaudeTools; the stricter of the two wins. */
export type Permit = (caller: Caller, required: Level, signal: AbortSignal) => Promise<Permission>;

export function createPermit({
  lists,
  users,
}: {
  lists: AccessLists;
  users: Pick<DiscordUsers, "standingOf">;
}): Permit {
  return async function permit(caller, required, signal) {
    const permission = authorise(caller, required, lists);
    if (permission.kind === "denied") return permission;

    const standing = await users.standingOf(caller.userId, signal);
    if (standing.kind === "silent" || standing.level === "admin") return permission;
    if (standing.level === "none") {
      return {
        kind: "denied",
        code: "CLAUDETOOLS_ROLE",
        reason: `In ClaudeTools you have the role "${standing.role}", with which the bot lets nobody do anything. Ask for the role tech or admin there; it counts within five minutes.`,
      };
    }
    if (required === "admin") {
      return {
        kind: "denied",
        code: "NOT_ADMIN",
        reason:
          "Only administrators of the bot may do this, and in ClaudeTools you are none. Ask one of them.",
      };
    }
    return { ...permission, level: "tech" };
  };
}
