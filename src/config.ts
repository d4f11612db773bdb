import * as z from "zod";
import { AppError } from "./errors.ts";
import { Snowflake } from "./jobs/contract.ts";
import { Guid } from "./tenant.ts";

const list = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item));

// Secrets go over these, so http only where nobody can listen.
const LOOPBACK = /^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?(\/|$)/;
const secureUrl = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((url) => url.startsWith("https://") || LOOPBACK.test(url))
  .transform((url) => url.replace(/\/+$/, ""));
const origin = secureUrl.refine((url) => new URL(url).origin === url);
const ORIGIN = "an https origin without a path (http on loopback only)";

// The one service that has no TLS: it stands in the team's own network, at an address that no router passes on.
// https://www.rfc-editor.org/rfc/rfc1918#section-3 https://www.rfc-editor.org/rfc/rfc4193#section-3
const PRIVATE_ADDRESS =
  /^http:\/\/(10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|\[f[cd][0-9a-f:]+\])(:\d+)?$/;
const lanOrigin = z
  .url({ protocol: /^https?$/, abort: true })
  .transform((url) => url.replace(/\/+$/, ""))
  .refine((url) => URL.canParse(url) && new URL(url).origin === url)
  .refine((url) => url.startsWith("https://") || LOOPBACK.test(url) || PRIVATE_ADDRESS.test(url));

const port = z.coerce.number().int().min(0).max(65_535);
const PORT = "a whole number from 0 to 65535";

const dailyLimit = (fallback: number) =>
  z.coerce.number().int().min(1).max(1_000_000_000_000).default(fallback);

const onOff = z
  .enum(["on", "off"])
  .default("off")
  .transform((word) => word === "on");
const ids = list(Snowflake).default([]);
const roleTenants = list(z.string().regex(/^\d{1,20}:[0-9a-f-]{36}$/i))
  .default([])
  .transform((pairs) => pairs.map((pair) => pair.split(":")))
  .pipe(z.array(z.tuple([Snowflake, Guid]).transform(([roleId, tenantId]) => ({ roleId, tenantId }))));
const text = z.string().min(1);
const appId = text.optional().describe("the id of an app registration");
const appSecret = text.optional().describe("the secret of an app registration");

/**
 * Every variable that the program reads; the description says what is expected of it, for the error message.
 * `.env.example` is held against this table by a test.
 */
const variables = z.object({
  DISCORD_APPLICATION_ID: Snowflake.describe(
    "the application id (a number) from the Discord developer portal",
  ),
  DISCORD_PUBLIC_KEY: list(z.string().regex(/^[0-9a-fA-F]{64}$/))
    .refine((keys) => keys.length > 0)
    .describe("one or more public keys of 64 hexadecimal characters, separated by commas"),
  DISCORD_TOKEN: text.describe("the bot token from the Discord developer portal"),
  DISCORD_GUILD_ID: Snowflake.describe("the id (a number) of your Discord server"),
  DISCORD_API_URL: secureUrl
    .default("https://discord.com/api")
    .describe("an https URL (http on loopback only) without a version"),
  DISCORD_GATEWAY: onOff.describe("on or off"),
  DISCORD_MESSAGE_CONTENT: onOff.describe("on or off"),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe("a redis:// or rediss:// URL"),
  DATA_DIR: text.default("./data").describe("a folder"),
  CASE_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe("a whole number of days from 1 to 3650"),
  VAULT_PATH: text.optional().describe("the folder of a vault, or of a repository that has it as vault"),
  CLAUDETOOLS_ROOT: text.optional().describe("a folder"),
  CLAUDETOOLS_API_URL: lanOrigin
    .default("http://172.16.3.30:8001")
    .describe(
      "an origin without a path: https, or plain http to a private address (10.*, 172.16-31.*, 192.168.*)",
    ),
  // It becomes the value of a header, so nothing that could end one.
  CLAUDETOOLS_API_KEY: z
    .string()
    .regex(/^[\w.~+/=-]+$/)
    .optional()
    .describe("a token (JWT) in one piece"),
  // They become the value of a header.
  ANTHROPIC_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .describe("a key for Claude in one piece"),
  ANTHROPIC_BASE_URL: origin.default("https://api.anthropic.com").describe(ORIGIN),
  CLAUDE_MODEL: z
    .string()
    .regex(/^[\w.:-]{1,100}$/)
    .default("claude-sonnet-5-5")
    .describe("the id of a model of Claude"),
  // A question with a few tool rounds costs one to five cents with the default model.
  CLAUDE_USER_DAILY_CENTS: dailyLimit(200).describe("a whole number of US cents, 1 or more"),
  CLAUDE_USER_DAILY_TOKENS: dailyLimit(3_000_000).describe("a whole number of tokens, 1 or more"),
  CLAUDE_GUILD_DAILY_CENTS: dailyLimit(2_000).describe("a whole number of US cents, 1 or more"),
  CLAUDE_GUILD_DAILY_TOKENS: dailyLimit(30_000_000).describe("a whole number of tokens, 1 or more"),
  GIT_BASH_PATH: text.optional().describe("the path of bash"),
  REMEDIATION_SCRIPTS: text.optional().describe("the folder of a toolkit"),
  REMEDIATION_ARTIFACTS: text.optional().describe("a folder"),
  SOPS_AGE_KEY: text.optional().describe("age keys, one on each line"),
  SOPS_AGE_KEY_FILE: text.optional().describe("a file of age keys"),
  M365_CLIENT_ID: appId,
  M365_CLIENT_SECRET: appSecret,
  M365_INVESTIGATOR_CLIENT_ID: appId,
  M365_INVESTIGATOR_CLIENT_SECRET: appSecret,
  M365_EXCHANGE_OPERATOR_CLIENT_ID: appId,
  M365_EXCHANGE_OPERATOR_CLIENT_SECRET: appSecret,
  M365_USER_MANAGER_CLIENT_ID: appId,
  M365_USER_MANAGER_CLIENT_SECRET: appSecret,
  M365_TENANT_ADMIN_CLIENT_ID: appId,
  M365_TENANT_ADMIN_CLIENT_SECRET: appSecret,
  M365_DEFENDER_CLIENT_ID: appId,
  M365_DEFENDER_CLIENT_SECRET: appSecret,
  GRAPH_BASE_URL: origin.default("https://graph.microsoft.com").describe(ORIGIN),
  LOGIN_BASE_URL: origin.default("https://login.microsoftonline.com").describe(ORIGIN),
  EXCHANGE_BASE_URL: origin.default("https://outlook.office365.com").describe(ORIGIN),
  DISCORD_ADMIN_ROLES: ids.describe("Discord role ids, separated by commas"),
  DISCORD_TECH_ROLES: ids.describe("Discord role ids, separated by commas"),
  DISCORD_ADMIN_USERS: ids.describe("Discord user ids, separated by commas"),
  DISCORD_TECH_USERS: ids.describe("Discord user ids, separated by commas"),
  DISCORD_ROLE_TENANTS: roleTenants.describe(
    "pairs of a Discord role id and a tenant id, `123:8f5b4c3a-1111-4222-8333-444455556666`, separated by commas",
  ),
  HOST: text.default("127.0.0.1").describe("an address to listen on"),
  PORT: port.default(8787).describe(PORT),
  OPS_PORT: port.default(8790).describe(PORT),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("one of debug, info, warn, error"),
  LOG_FILE: text.optional().describe("a file"),
});

type Name = keyof typeof variables.shape;

/** Never printed, not even when wrong: a Redis URL may hold a password, and the bot token is easily pasted as the public key. */
const SECRETS: ReadonlySet<string> = new Set<Name>([
  "DISCORD_TOKEN",
  "DISCORD_PUBLIC_KEY",
  "REDIS_URL",
  "SOPS_AGE_KEY",
  "CLAUDETOOLS_API_KEY",
  "ANTHROPIC_API_KEY",
  "M365_CLIENT_SECRET",
  "M365_INVESTIGATOR_CLIENT_SECRET",
  "M365_EXCHANGE_OPERATOR_CLIENT_SECRET",
  "M365_USER_MANAGER_CLIENT_SECRET",
  "M365_TENANT_ADMIN_CLIENT_SECRET",
  "M365_DEFENDER_CLIENT_SECRET",
]);

const programs = {
  webhook: variables.omit({ DISCORD_TOKEN: true }),
  worker: variables.omit({ DISCORD_PUBLIC_KEY: true }),
  standalone: variables,
  register: variables.pick({
    DISCORD_APPLICATION_ID: true,
    DISCORD_TOKEN: true,
    DISCORD_GUILD_ID: true,
    DISCORD_API_URL: true,
  }),
  audit: variables.pick({ DATA_DIR: true }),
};

export type Program = keyof typeof programs;
export type Config<P extends Program> = z.output<(typeof programs)[P]>;

export const variableNames: readonly string[] = Object.keys(variables.shape);

/**
 * Reads the variables that `program` needs. An empty variable counts as missing, as `.env` files are written so.
 * @throws {AppError} `CONFIG_INVALID`, one message with every problem: the variable, what was expected, what came.
 */
export function readConfig<P extends Program>(
  program: P,
  environment: Record<string, string | undefined>,
): Config<P> {
  const given = Object.fromEntries(
    variableNames.flatMap((name) => {
      const value = environment[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const result = programs[program].safeParse(given);
  // TypeScript does not relate an indexed schema to the generic output type of the same index.
  if (result.success) return result.data as Config<P>;

  const wrong = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
  const problems = wrong.map((name) => `  ${name}: expected ${expectation(name)}, got ${got(name, given)}.`);
  throw new AppError(
    "CONFIG_INVALID",
    `The configuration is not complete. Correct it in .env or in the environment:\n${problems.join("\n")}`,
  );
}

function expectation(name: string): string {
  const shape: Record<string, z.ZodType> = variables.shape;
  return shape[name]?.description ?? "another value";
}

function got(name: string, given: Record<string, string>): string {
  const value = given[name];
  if (value === undefined) return "nothing";
  return SECRETS.has(name) ? "something else (not shown, it may be a secret)" : JSON.stringify(value);
}
