import { z } from "zod";
import { redact } from "../../../src/redact.ts";
import { CheckError } from "./check-error.ts";
import { fetchJson } from "./fetch-json.ts";
import type { Limit } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";
import { GRAPH_SCOPE } from "./tiers.ts";
import type { TokenCache, TokenUse } from "./token-cache.ts";

const Token = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().catch(0) });

export interface AccessTokenOptions {
  loginOrigin: string;
  clientId: string;
  clientSecret: string;
  clock: RunClock;
  limit: Limit;
  /** What the token is for: Microsoft's name of the resource, also where its address is set to another. */
  scope?: string;
  /** Where a token that was made before is looked for, and a new one is kept. */
  cache?: TokenCache;
}

/**
 * An app-only token, for Graph unless `scope` says otherwise. It lives about an hour, so a run needs one of each.
 * @throws {CheckError} that says what is wrong with the app registration.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function requestAccessToken(
  tenantId: string,
  { loginOrigin, clientId, clientSecret, clock, limit, scope = GRAPH_SCOPE, cache }: AccessTokenOptions,
): Promise<string> {
  const use: TokenUse = { tenantId, loginOrigin, clientId, scope };
  const kept = await cache?.find(use);
  if (kept !== undefined) return kept;

  const { body } = await fetchJson(new URL(`/${tenantId}/oauth2/v2.0/token`, loginOrigin), {
    clock,
    limit,
    service: LOGIN_SERVICE,
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  });
  const token = Token.safeParse(body);
  if (!token.success) throw loginError(body, [clientSecret]);
  const { access_token: accessToken, expires_in: livesSeconds } = token.data;
  await cache?.keep(use, { accessToken, livesMs: livesSeconds * 1000 });
  return accessToken;
}

export const LOGIN_SERVICE = "Microsoft's sign-in service";

const LoginErrorBody = z.object({
  error: z.string(),
  error_description: z.string().default(""),
  error_codes: z.array(z.number()).default([]),
});

interface KnownError {
  code: string;
  status: "error" | "no_permission" | "throttled";
  reason: string;
  howToFix: string;
}

/** By the number behind AADSTS. @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const KNOWN: ReadonlyMap<number, KnownError> = new Map([
  [
    7000215,
    {
      code: "LOGIN_BAD_SECRET",
      status: "error",
      reason: "Microsoft refused the app's client secret as wrong (AADSTS7000215).",
      howToFix:
        "Set M365_CLIENT_SECRET to the secret's value, not its id, or create a new secret for the app.",
    },
  ],
  [
    7000222,
    {
      code: "LOGIN_EXPIRED_SECRET",
      status: "error",
      reason: "The app's client secret has expired (AADSTS7000222).",
      howToFix: "Create a new client secret under App registrations and set M365_CLIENT_SECRET to it.",
    },
  ],
  [
    700016,
    {
      code: "LOGIN_NO_CONSENT",
      status: "no_permission",
      reason:
        "The app is not known in this tenant: nobody has consented to it there, or the client id is wrong (AADSTS700016).",
      howToFix:
        "Have an administrator of the tenant give admin consent to the app, and check M365_CLIENT_ID.",
    },
  ],
  [
    7000229,
    {
      code: "LOGIN_NO_CONSENT",
      status: "no_permission",
      reason:
        "The app has no service principal in this tenant, so nobody has consented to it there (AADSTS7000229).",
      howToFix: "Have an administrator of the tenant give admin consent to the app.",
    },
  ],
  [
    7000112,
    {
      code: "LOGIN_APP_DISABLED",
      status: "no_permission",
      reason: "The app is disabled in this tenant (AADSTS7000112).",
      howToFix: "Enable it under Enterprise applications, Properties, Enabled for users to sign-in.",
    },
  ],
  [
    700024,
    {
      code: "LOGIN_CLOCK_SKEW",
      status: "error",
      reason: "Microsoft takes the request for one from another time (AADSTS700024).",
      howToFix: "Set this machine's clock and let it be synchronised, then run it again.",
    },
  ],
  [
    65001,
    {
      code: "LOGIN_NO_CONSENT",
      status: "no_permission",
      reason: "Nobody has consented to the app in this tenant (AADSTS65001).",
      howToFix: "Have an administrator of the tenant give admin consent to the app.",
    },
  ],
  [
    7000218,
    {
      code: "LOGIN_NO_SECRET",
      status: "error",
      reason: "Microsoft saw no client secret (AADSTS7000218).",
      howToFix: "Set M365_CLIENT_SECRET, and check whether a proxy changes what is sent.",
    },
  ],
  [
    500014,
    {
      code: "LOGIN_NO_RESOURCE",
      status: "error",
      reason: "The service is disabled in this tenant, or its subscription has lapsed (AADSTS500014).",
      howToFix: "Check the tenant's subscriptions, and the service under Enterprise applications.",
    },
  ],
  [
    50196,
    {
      code: "LOGIN_TOO_OFTEN",
      status: "throttled",
      reason: "The app asked for tokens too often (AADSTS50196).",
      howToFix: "Wait some minutes; find out what else signs in with this app.",
    },
  ],
  [
    90033,
    {
      code: "LOGIN_UNAVAILABLE",
      status: "error",
      reason: "Microsoft's directory service is unavailable for the moment (AADSTS90033).",
      howToFix: "Run it again in some minutes; see https://status.cloud.microsoft for outages.",
    },
  ],
  [
    53003,
    {
      code: "LOGIN_BLOCKED",
      status: "no_permission",
      reason: "A Conditional Access policy for workload identities blocks the app (AADSTS53003).",
      howToFix: "Allow this machine's address in that policy, or leave the app out of it.",
    },
  ],
  [
    500011,
    {
      code: "LOGIN_NO_RESOURCE",
      status: "no_permission",
      reason: "The tenant does not have the service that the token is for (AADSTS500011).",
      howToFix:
        "If it has Exchange Online, check that the licences are active; if not, there is nothing to see.",
    },
  ],
  [
    90002,
    {
      code: "LOGIN_NO_TENANT",
      status: "error",
      reason: "Microsoft knows no such tenant (AADSTS90002).",
      howToFix: "Check the domain or tenant id for typing errors.",
    },
  ],
  [
    900023,
    {
      code: "LOGIN_NO_TENANT",
      status: "error",
      reason: "Microsoft takes this for no valid tenant (AADSTS900023).",
      howToFix: "Check the domain or tenant id for typing errors.",
    },
  ],
]);

/** What the sign-in service's refusal means. `secrets` are removed from whatever of it is quoted. */
export function loginError(body: unknown, secrets: readonly string[] = []): CheckError {
  const parsed = LoginErrorBody.safeParse(body);
  if (!parsed.success) {
    return new CheckError("LOGIN_UNEXPECTED", `${LOGIN_SERVICE} gave an answer of an unknown shape.`, {
      status: "error",
      howToFix: "Check LOGIN_BASE_URL, and whether a proxy intercepts the connection.",
    });
  }
  const { error, error_description: description, error_codes: codes } = parsed.data;
  const number = codes[0] ?? Number(/AADSTS(\d+)/.exec(description)?.[1]);
  const known = KNOWN.get(number);
  if (known) return new CheckError(known.code, known.reason, known);
  const said =
    redact(description || error, secrets)
      .split(/\s*(?:Trace ID:|[\r\n])/)[0]
      ?.slice(0, 200) ?? "";
  return new CheckError("LOGIN_REFUSED", `${LOGIN_SERVICE} refused the app: ${said}`, {
    status: "error",
    howToFix: "Look the AADSTS number up at https://login.microsoftonline.com/error.",
  });
}
