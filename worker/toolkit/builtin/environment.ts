import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "./program.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A secret and a bearer token go there, so nothing but https, or http that never leaves this machine. */
const Origin = z.string().refine(
  (text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    if (url.username || url.password) return false;
    if (url.pathname !== "/" || url.search || url.hash) return false;
    return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  },
  { error: "Expected an origin without a path: https, or http on 127.0.0.1 or localhost only" },
);

const toOrigin = (text: string) => new URL(text).origin;

const Endpoints = z.object({
  LOGIN_BASE_URL: Origin.default("https://login.microsoftonline.com").transform(toOrigin),
  GRAPH_BASE_URL: Origin.default("https://graph.microsoft.com").transform(toOrigin),
  EXCHANGE_BASE_URL: Origin.default("https://outlook.office365.com").transform(toOrigin),
});

const Variables = Endpoints.extend({
  REMEDIATION_ARTIFACTS: z.string().default(join(tmpdir(), "remediation-tool")),
  HOME: z.string().optional(),
  LOCALAPPDATA: z.string().optional(),
});

export interface Settings {
  loginOrigin: string;
  graphOrigin: string;
  exchangeOrigin: string;
  artifactsFolder: string;
  /** The account's own, below which tokens are kept; `undefined` where the account has none. */
  cacheFolder: string | undefined;
}

export type Environment = Record<string, string | undefined>;

/** @throws {UsageError} if LOGIN_BASE_URL is not an origin. */
export function readLoginOrigin(env: Environment): string {
  return parse(Endpoints.pick({ LOGIN_BASE_URL: true }), env).LOGIN_BASE_URL;
}

/** @throws {UsageError} that names every variable at fault, and no value. */
export function readSettings(env: Environment, platform: NodeJS.Platform = process.platform): Settings {
  const values = parse(Variables, env);
  return {
    loginOrigin: values.LOGIN_BASE_URL,
    graphOrigin: values.GRAPH_BASE_URL,
    exchangeOrigin: values.EXCHANGE_BASE_URL,
    artifactsFolder: values.REMEDIATION_ARTIFACTS,
    cacheFolder: cacheFolder(values, platform),
  };
}

/** On Windows LOCALAPPDATA is for its account and administrators only, which a mode of ours could not add to. */
function cacheFolder(
  { HOME, LOCALAPPDATA }: Pick<z.output<typeof Variables>, "HOME" | "LOCALAPPDATA">,
  platform: NodeJS.Platform,
): string | undefined {
  if (platform === "win32") return LOCALAPPDATA && join(LOCALAPPDATA, "msp-discord-bot");
  return HOME && join(HOME, ".cache", "msp-discord-bot");
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  // An empty variable is one that nobody filled in.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  throw new UsageError(
    result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`).join("\n"),
  );
}
