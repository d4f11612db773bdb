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

const Investigator = Endpoints.extend({
  M365_CLIENT_ID: z.string().optional(),
  M365_CLIENT_SECRET: z.string().optional(),
  M365_INVESTIGATOR_CLIENT_ID: z.string().optional(),
  M365_INVESTIGATOR_CLIENT_SECRET: z.string().optional(),
  REMEDIATION_ARTIFACTS: z.string().default(join(tmpdir(), "remediation-tool")),
});

export interface InvestigatorSettings {
  loginOrigin: string;
  graphOrigin: string;
  exchangeOrigin: string;
  clientId: string;
  clientSecret: string;
  artifactsFolder: string;
}

type Environment = Record<string, string | undefined>;

/** @throws {UsageError} if LOGIN_BASE_URL is not an origin. */
export function readLoginOrigin(env: Environment): string {
  return parse(Endpoints.pick({ LOGIN_BASE_URL: true }), env).LOGIN_BASE_URL;
}

/**
 * The investigator tier's own app wins over the common one, id and secret together: half of each would be no app.
 * @throws {UsageError} that names every variable at fault, and no value.
 */
export function readInvestigatorSettings(env: Environment): InvestigatorSettings {
  const values = parse(Investigator, env);
  const own = values.M365_INVESTIGATOR_CLIENT_ID ?? values.M365_INVESTIGATOR_CLIENT_SECRET;
  const prefix = own === undefined ? "M365" : "M365_INVESTIGATOR";
  const clientId = values[`${prefix}_CLIENT_ID`];
  const clientSecret = values[`${prefix}_CLIENT_SECRET`];
  if (clientId === undefined || clientSecret === undefined) {
    const missing = [
      ...(clientId === undefined ? [`${prefix}_CLIENT_ID`] : []),
      ...(clientSecret === undefined ? [`${prefix}_CLIENT_SECRET`] : []),
    ];
    throw new UsageError(
      `Expected ${missing.join(" and ")} in the environment: the app registration that reads Microsoft Graph.`,
    );
  }
  return {
    loginOrigin: values.LOGIN_BASE_URL,
    graphOrigin: values.GRAPH_BASE_URL,
    exchangeOrigin: values.EXCHANGE_BASE_URL,
    clientId,
    clientSecret,
    artifactsFolder: values.REMEDIATION_ARTIFACTS,
  };
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
