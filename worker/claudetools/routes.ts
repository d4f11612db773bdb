import type { Level } from "../../src/access.ts";
import type { Method } from "../../src/claudetools/catalogue.ts";

/** A row of the table. The first row whose path fits decides, together with the rows of exactly the same path. */
export interface RouteRule {
  /** None: closed to everybody. */
  methods: readonly Method[];
  /** Literal segments; `**` is any number of them, none included. */
  path: string;
  level: Level;
  /** Nothing is sent before a person has said yes to exactly that call. */
  confirmation: boolean;
  /** `private`: what it answers is shown to the asker alone, whatever they chose. */
  visibility: "public" | "private";
  /** Bears secrets: of its records nothing but these fields is shown. */
  onlyFields?: readonly string[];
}

const READ = { methods: ["GET"], level: "tech", confirmation: false, visibility: "public" } as const;
const READ_ALONE = { ...READ, visibility: "private" } as const;
const WRITE = {
  methods: ["POST", "PUT", "PATCH", "DELETE"],
  level: "admin",
  confirmation: true,
  visibility: "private",
} as const;

/** Enough to find a record by, and nothing that opens a door. A user name is half of a credential, so it is none of them. */
const NAME_FIELDS: readonly string[] = [
  ...["id", "uuid", "name", "display_name", "title", "label"],
  ...["type", "credential_type", "token_type", "category", "service", "service_name"],
  ...["client_id", "client_name", "site_id", "site_name", "tenant_id"],
  ...["status", "is_active", "active", "enabled"],
  ...["created_at", "updated_at", "last_used_at", "last_rotated_at", "expires_at", "revoked_at"],
];
const USER_FIELDS: readonly string[] = [...NAME_FIELDS, "username", "full_name", "role"];
const DISCORD_USER_FIELDS: readonly string[] = [...NAME_FIELDS, "discord_id", "role", "claudetools_user"];

const SECRETS: RouteRule[] = [
  // Whatever lies below: these hand out in clear what lies encrypted in the database.
  { ...READ_ALONE, methods: [], path: "/api/**/decrypt/**" },
  { ...READ_ALONE, methods: [], path: "/api/**/decrypted/**" },
  { ...READ_ALONE, methods: [], path: "/api/**/reveal/**" },
  // Wherever they hang, below a client or a site too. Reading alone: a write would carry a secret through Discord.
  { ...READ_ALONE, path: "/api/**/credentials/**", onlyFields: NAME_FIELDS },
  { ...READ_ALONE, path: "/api/**/secrets/**", level: "admin", onlyFields: NAME_FIELDS },
  { ...READ_ALONE, path: "/api/**/tokens/**", level: "admin", onlyFields: NAME_FIELDS },
  { ...READ_ALONE, path: "/api/**/api-keys/**", level: "admin", onlyFields: NAME_FIELDS },
  { ...READ_ALONE, path: "/api/**/users/**", onlyFields: USER_FIELDS },
  { ...READ_ALONE, path: "/api/**/discord-users/**", onlyFields: DISCORD_USER_FIELDS },
  { ...READ_ALONE, path: "/api/**/discord_users/**", onlyFields: DISCORD_USER_FIELDS },
];

/**
 * Routers whose records are what technicians work with every day. A list and not "everything else", because a router
 * that the API gains tomorrow (billing, exports, administration) is then closed until somebody has looked at it.
 */
const ROUTERS = [
  ...["clients", "sites", "machines", "infrastructure", "services", "networks", "firewall-rules"],
  ...["sessions", "tasks", "projects", "work-items", "billable-time", "tags"],
  ...["m365-tenants", "security-incidents"],
];

/** Everything that the bot may ask of ClaudeTools. What fits no row is refused. */
export const ROUTES: readonly RouteRule[] = [
  ...SECRETS,
  ...ROUTERS.flatMap((router): RouteRule[] => [
    { ...READ, path: `/api/${router}/**` },
    { ...WRITE, path: `/api/${router}/**` },
  ]),
  { ...READ, path: "/api/health" },
];
