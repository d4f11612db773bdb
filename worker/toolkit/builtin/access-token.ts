import { z } from "zod";
import { redact } from "../../../src/redact.ts";
import { CheckError } from "./check-error.ts";
import { fetchJson } from "./fetch-json.ts";
import type { Limit } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";

const Token = z.object({ access_token: z.string().min(1) });

export interface AccessTokenOptions {
  loginOrigin: string;
  clientId: string;
  clientSecret: string;
  clock: RunClock;
  limit: Limit;
  /** What the token is for: Microsoft's name of the resource, also where its address is set to another. */
  scope?: string;
}

const GRAPH_SCOPE = "https://graph.microsoft.com/.default";

/**
 * An app-only token, for Graph unless `scope` says otherwise. It lives about an hour, so a run needs one of each.
 * @throws {CheckError} that says what is wrong with the app registration.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function requestAccessToken(
  tenantId: string,
  { loginOrigin, clientId, clientSecret, clock, limit, scope = GRAPH_SCOPE }: AccessTokenOptions,
): Promise<string> {
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
  if (token.success) return token.data.access_token;
  throw loginError(body, [clientSecret]);
}

export const LOGIN_SERVICE = "Microsoft's sign-in service";

const LoginErrorBody = z.object({
  error: z.string(),
  error_description: z.string().default(""),
  error_codes: z.array(z.number()).default([]),
});

interface KnownError {
  code: string;
  status: "error" | "no_permission";
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
    53003,
    {
      code: "LOGIN_BLOCKED",
      status: "no_permission",
      reason: "A Conditional Access policy for workload identities blocks the app (AADSTS53003).",
      howToFix: "Allow this machine's address in that policy, or leave the app out of it.",
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
