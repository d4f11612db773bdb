import { z } from "zod";
import { AppError } from "../../../src/errors.ts";
import { Domain, Guid } from "../../../src/tenant.ts";
import { LOGIN_SERVICE, loginError } from "./access-token.ts";
import { readLoginOrigin } from "./environment.ts";
import { fetchJson } from "./fetch-json.ts";
import { createLimits, type Limit } from "./limits.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";

const USAGE = `Usage: resolve-tenant <domain or tenant id>

Prints the id of the Microsoft 365 tenant behind a domain, and nothing else. Needs no credentials.

Environment:
  LOGIN_BASE_URL   default https://login.microsoftonline.com

Exit codes: 0 found, 1 not found or not reachable, 2 wrong usage.`;

const Metadata = z.object({ issuer: z.string() });

/**
 * `resolve-tenant`: the issuer that a domain's metadata names holds the tenant id.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#find-your-apps-openid-configuration-document-uri
 */
export function createFindTenant(clockOptions: Omit<RunClockOptions, "stop"> = {}) {
  return defineProgram(USAGE, async (io) => {
    const tenant = parseTenant(io.args);
    const clock = createRunClock({ deadlineMs: 30_000, ...clockOptions, stop: io.signal });
    const loginOrigin = readLoginOrigin(io.env);
    io.print(await findTenantId(tenant, { loginOrigin, clock, limit: createLimits(clock).directory }));
    return 0;
  });
}

/** A domain, or a tenant id in lower case. */
export const TenantName = z.union([Guid, Domain]);

function parseTenant(args: ProgramIo["args"]): string {
  const parsed = z.tuple([TenantName]).safeParse(args);
  if (parsed.success) return parsed.data[0];
  throw new UsageError("Expected one argument, a domain such as contoso.com or a tenant id.");
}

interface FindTenantIdOptions {
  loginOrigin: string;
  clock: RunClock;
  limit: Limit;
}

/** @throws {CheckError} if there is no such tenant, or the sign-in service cannot be asked. */
export async function findTenantId(
  tenant: string,
  { loginOrigin, clock, limit }: FindTenantIdOptions,
): Promise<string> {
  const url = new URL(`/${tenant}/v2.0/.well-known/openid-configuration`, loginOrigin);
  const { body } = await fetchJson(url, { clock, limit, service: LOGIN_SERVICE });
  const metadata = Metadata.safeParse(body);
  if (!metadata.success) throw loginError(body);
  const id = Guid.safeParse(/\/([0-9a-f-]{36})\//i.exec(metadata.data.issuer)?.[1]);
  if (id.success) return id.data;
  throw new AppError("TENANT_NOT_RESOLVED", `${LOGIN_SERVICE} named no tenant id for ${tenant}.`);
}
