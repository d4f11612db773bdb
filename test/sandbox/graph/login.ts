import { randomUUID } from "node:crypto";
import type { SandboxTenant } from "../tenants/tenant.ts";
import type { Answer } from "./answer.ts";
import type { Audience, TokenFacts } from "./token.ts";

export interface LoginRequest {
  method: string;
  url: URL;
  contentType: string;
  body: string;
}

interface LoginDependencies {
  tenants: SandboxTenant[];
  loginUrl: string;
  clientId: string;
  clientSecret: string;
  issue: (facts: TokenFacts) => string;
}

/**
 * login.microsoftonline.com, as far as an app without a user needs it. `undefined`: no such route.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function answerLogin(request: LoginRequest, dependencies: LoginDependencies): Answer | undefined {
  const [, name = "", route] = /^\/([^/]+)(\/.+)$/.exec(request.url.pathname) ?? [];
  const line = `${request.method} ${route}`;
  if (line !== "GET /v2.0/.well-known/openid-configuration" && line !== "POST /oauth2/v2.0/token") {
    return undefined;
  }
  const tenant = findTenant(dependencies.tenants, decodeURIComponent(name));
  if (!tenant) {
    return aadsts(
      90002,
      `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    );
  }
  if (request.method === "GET") return openidConfiguration(tenant, dependencies.loginUrl);
  return token(tenant, request, dependencies);
}

function findTenant(tenants: SandboxTenant[], name: string): SandboxTenant | undefined {
  const wanted = name.toLowerCase();
  return tenants.find(({ id, domains }) => id === wanted || domains.some((domain) => domain.id === wanted));
}

function openidConfiguration(tenant: SandboxTenant, loginUrl: string): Answer {
  const base = `${loginUrl}/${tenant.id}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      tenant_region_scope: "NA",
      cloud_instance_name: "microsoftonline.com",
      msgraph_host: "graph.microsoft.com",
    },
  };
}

const AUDIENCES: ReadonlyMap<string, Audience> = new Map([
  ["https://graph.microsoft.com/.default", "https://graph.microsoft.com"],
  ["https://outlook.office365.com/.default", "https://outlook.office365.com"],
]);

function token(
  tenant: SandboxTenant,
  { body, contentType }: LoginRequest,
  { clientId, clientSecret, issue }: LoginDependencies,
): Answer {
  if (!contentType.startsWith("application/x-www-form-urlencoded")) {
    return aadsts(900144, "The request body must contain the following parameter: 'grant_type'.");
  }
  const form = new URLSearchParams(body);
  if (form.get("grant_type") !== "client_credentials") {
    return aadsts(70003, "The app requested an unsupported grant type.", "unsupported_grant_type");
  }
  const audience = AUDIENCES.get(form.get("scope") ?? "");
  if (audience === undefined) {
    return aadsts(
      1002012,
      `The provided value for scope ${form.get("scope")} is not valid.`,
      "invalid_scope",
    );
  }
  if (form.get("client_id") !== clientId || !tenant.app.installed) {
    return aadsts(
      700016,
      `Application with identifier '${form.get("client_id")}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
      "unauthorized_client",
    );
  }
  if (form.get("client_secret") !== clientSecret) {
    return aadsts(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
      "invalid_client",
      401,
    );
  }
  if (tenant.app.secretExpired) {
    return aadsts(
      7000222,
      `The provided client secret keys for app '${clientId}' are expired.`,
      "invalid_client",
      401,
    );
  }
  // A resource's token names that resource's permissions only.
  const ofExchange = audience === "https://outlook.office365.com";
  const roles = tenant.app.roles.filter((role) => role.startsWith("Exchange.") === ofExchange);
  const accessToken = issue({ audience, tenantId: tenant.id, appId: clientId, roles });
  return {
    status: 200,
    body: { token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: accessToken },
  };
}

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export function aadsts(code: number, message: string, error = "invalid_request", status = 400): Answer {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = new Date().toISOString().replace("T", " ").replace(/\.\d+/, "");
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}
