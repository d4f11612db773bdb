/** What a person may do. `admin` may do all that `tech` may. */
export type Level = "tech" | "admin";

/** Discord ids; whoever is in none of the lists is nobody. */
export interface AccessLists {
  guildId: string;
  adminRoles: readonly string[];
  techRoles: readonly string[];
  adminUsers: readonly string[];
  techUsers: readonly string[];
}

/** Who asks, from a payload that Discord signed. No `guildId`: a direct message. */
export interface Caller {
  userId: string;
  roleIds: readonly string[];
  guildId: string | undefined;
}

/** `reason` is for the caller. */
export type Permission = { kind: "allowed"; level: Level } | { kind: "denied"; code: string; reason: string };

/**
 * The one place that says yes. Called at every entry (command, component) and again in the worker before anything
 * runs: roles come from the signed payload, because an administrator of the guild can override the permissions that
 * Discord itself checks.
 * @see https://discord.com/developers/docs/interactions/application-commands#permissions
 */
export function authorise(caller: Caller, required: Level, lists: AccessLists): Permission {
  if (caller.guildId === undefined) {
    return denied("DIRECT_MESSAGE", "This works only in your team's server, not in direct messages.");
  }
  if (caller.guildId !== lists.guildId) {
    return denied("OTHER_GUILD", "This bot does not work in this server. Ask in your team's own server.");
  }
  const level = levelOf(caller, lists);
  if (level === undefined) {
    return denied(
      "NO_ROLE",
      "You need the technician role for this. Ask an administrator of the bot to add your role or user id.",
    );
  }
  if (required === "admin" && level !== "admin") {
    return denied("NOT_ADMIN", "Only administrators of the bot may do this. Ask one of them.");
  }
  return { kind: "allowed", level };
}

function levelOf({ userId, roleIds }: Caller, lists: AccessLists): Level | undefined {
  const holds = (roles: readonly string[]) => roleIds.some((roleId) => roles.includes(roleId));
  if (lists.adminUsers.includes(userId) || holds(lists.adminRoles)) return "admin";
  if (lists.techUsers.includes(userId) || holds(lists.techRoles)) return "tech";
  return undefined;
}

function denied(code: string, reason: string): Permission {
  return { kind: "denied", code, reason };
}

/** The lists as they stand in the configuration. */
export function accessLists(config: {
  DISCORD_GUILD_ID: string;
  DISCORD_ADMIN_ROLES: readonly string[];
  DISCORD_TECH_ROLES: readonly string[];
  DISCORD_ADMIN_USERS: readonly string[];
  DISCORD_TECH_USERS: readonly string[];
}): AccessLists {
  return {
    guildId: config.DISCORD_GUILD_ID,
    adminRoles: config.DISCORD_ADMIN_ROLES,
    techRoles: config.DISCORD_TECH_ROLES,
    adminUsers: config.DISCORD_ADMIN_USERS,
    techUsers: config.DISCORD_TECH_USERS,
  };
}
