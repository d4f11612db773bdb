/** What a person may do. `admin` may do all that `tech` may. */
export type Level = "tech" | "admin";

/** Discord ids; whoever is in none of the lists is nobody. */
export interface AccessLists {
  guildId: string;
  adminRoles: readonly string[];
  techRoles: readonly string[];
  adminUsers: readonly string[];
  techUsers: readonly string[];
  /** Role id to tenant id: who holds such a role may look at the tenants of these lists alone. */
  roleTenants: readonly RoleTenant[];
}

interface RoleTenant {
  roleId: string;
  tenantId: string;
}

/** Who asks, from a payload that Discord signed. No `guildId`: a direct message. */
export interface Caller {
  userId: string;
  roleIds: readonly string[];
  guildId: string | undefined;
}

/** `reason` is for the caller. */
export type Permission =
  | {
      kind: "allowed";
      level: Level;
      /** The tenant ids that it is limited to. `undefined`: none is out of bounds. */
      tenantIds: readonly string[] | undefined;
    }
  | { kind: "denied"; code: string; reason: string };

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
  return { kind: "allowed", level, tenantIds: tenantsOf(caller, lists) };
}

/**
 * Limits add up to more tenants, and never to all: a role with a list limits whoever holds it, an administrator too,
 * whatever other roles they hold. Somebody would otherwise be let in everywhere by the one role that was forgotten.
 */
function tenantsOf({ roleIds }: Caller, { roleTenants }: AccessLists): string[] | undefined {
  const limits = roleTenants.filter(({ roleId }) => roleIds.includes(roleId));
  return limits.length === 0 ? undefined : [...new Set(limits.map(({ tenantId }) => tenantId))];
}

function levelOf(caller: Caller, lists: AccessLists): Level | undefined {
  const levels = rolesOf(caller, lists).map(({ level }) => level);
  return levels.includes("admin") ? "admin" : levels[0];
}

/** Everything on the lists that lets this person do something. */
export function rolesOf(
  { userId, roleIds }: Caller,
  { adminRoles, adminUsers, techRoles, techUsers }: AccessLists,
): { level: Level; kind: "role" | "user id"; id: string }[] {
  const ofLevel = (level: Level, roles: readonly string[], users: readonly string[]) => [
    ...roleIds.filter((id) => roles.includes(id)).map((id) => ({ level, kind: "role" as const, id })),
    ...(users.includes(userId) ? [{ level, kind: "user id" as const, id: userId }] : []),
  ];
  return [...ofLevel("admin", adminRoles, adminUsers), ...ofLevel("tech", techRoles, techUsers)];
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
  DISCORD_ROLE_TENANTS: readonly RoleTenant[];
}): AccessLists {
  return {
    guildId: config.DISCORD_GUILD_ID,
    adminRoles: config.DISCORD_ADMIN_ROLES,
    techRoles: config.DISCORD_TECH_ROLES,
    adminUsers: config.DISCORD_ADMIN_USERS,
    techUsers: config.DISCORD_TECH_USERS,
    roleTenants: config.DISCORD_ROLE_TENANTS,
  };
}
