import { z } from "zod";
import { requestAccessToken } from "./access-token.ts";
import { readSettings } from "./environment.ts";
import { findApp } from "./find-app.ts";
import { findTenantId, TenantName } from "./find-tenant.ts";
import { createLimits } from "./limits.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { createRunClock, type RunClockOptions } from "./run-clock.ts";
import { RESOURCES, TIERS, type Tier } from "./tiers.ts";
import { createTokenCache } from "./token-cache.ts";

const USAGE = `Usage: get-token <domain or tenant id> <tier> [graph | exchange]

Prints an access token of the tier's app registration for Microsoft Graph, or for Exchange Online, and nothing else. It is
a key to the customer's tenant for about an hour: do not paste it anywhere. For example:

  curl --config - <<< "header = \\"authorization: Bearer $(npx tsx worker/toolkit/builtin/get-token.ts contoso.com investigator)\\"" \\
    'https://graph.microsoft.com/v1.0/organization'

Tiers: ${TIERS.map(tierArgument).join(", ")}.

A token is kept for 55 minutes, or until shortly before its end if that comes first, in ~/.cache/msp-discord-bot/tokens
(folder 0700, files 0600), on Windows in %LOCALAPPDATA%\\msp-discord-bot\\tokens, which Windows closes to other accounts. A
folder or file that is a link, belongs to somebody else or is open to others is refused. A token holds the permissions of
the moment it was made: after a new consent run onboard-tenant, which makes new ones.

Environment:
  M365_<TIER>_CLIENT_ID, M365_<TIER>_CLIENT_SECRET   the tier's app registration, else M365_CLIENT_ID and M365_CLIENT_SECRET
  VAULT_PATH                                         or the vault that holds them, opened with SOPS_AGE_KEY_FILE or SOPS_AGE_KEY
  LOGIN_BASE_URL                                     default https://login.microsoftonline.com

Exit codes: 0 printed, 1 there is none, for a reason that stands on stderr, 2 wrong usage.`;

/** `get-token`: for use by hand. */
export function createPrintToken(clockOptions: Omit<RunClockOptions, "stop"> = {}) {
  return defineProgram(USAGE, async (io) => {
    const { tenant, tier, resource } = parseArguments(io.args);
    const { loginOrigin, cacheFolder } = readSettings(io.env);
    const clock = createRunClock({ deadlineMs: 60_000, ...clockOptions, stop: io.signal });
    const limit = createLimits(clock).directory;
    const cache = createTokenCache(cacheFolder, {
      tier,
      now: clock.now,
      onRefused(error) {
        // Somebody may have put it there, and who asks by hand can look.
        if (error.code === "TOKEN_CACHE_UNSAFE") throw error;
        io.complain(error.message);
      },
    });
    const app = await findApp(io.env, tier);
    const tenantId = await findTenantId(tenant, { loginOrigin, clock, limit });
    const { scope } = RESOURCES[resource];
    io.print(await requestAccessToken(tenantId, { loginOrigin, ...app, clock, limit, scope, cache }));
    return 0;
  });
}

function tierArgument(tier: Tier): string {
  return tier.toLowerCase().replaceAll("_", "-");
}

const TierArgument = z
  .string()
  .transform((text) => text.toUpperCase().replaceAll("-", "_"))
  .pipe(z.enum(TIERS));
const Arguments = z.tuple([TenantName, TierArgument]).rest(z.enum(["graph", "exchange"]));

function parseArguments(args: ProgramIo["args"]) {
  const parsed = Arguments.safeParse(args);
  if (parsed.success && parsed.data.length <= 3) {
    const [tenant, tier, resource = "graph"] = parsed.data;
    return { tenant, tier, resource };
  }
  throw new UsageError(
    `Expected a domain or tenant id and a tier, one of ${TIERS.map(tierArgument).join(", ")}.`,
  );
}
