import { z } from "zod";
import { requestAccessToken } from "./access-token.ts";
import { openArtifacts } from "./artifacts.ts";
import { CheckError } from "./check-error.ts";
import { type Consent, readConsent } from "./consent.ts";
import { readSettings, type Settings } from "./environment.ts";
import { createExchangeClient, type ExchangeClient } from "./exchange-client.ts";
import { type App, findApp } from "./find-app.ts";
import { findTenantId, TenantName } from "./find-tenant.ts";
import { createGraphClient, type GraphClient } from "./graph-client.ts";
import { createLimits, type Limits } from "./limits.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { type MailAccount, type PermissionState, provePermission } from "./prove-permission.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";
import { EXCHANGE_SCOPE, RESOURCES, TIER_PERMISSIONS, TIERS, type Tier } from "./tiers.ts";
import { createTokenCache } from "./token-cache.ts";

const USAGE = `Usage: onboard-tenant <domain or tenant id>

Says how far a customer's tenant is ready for each of the five tiers. For every tier that has an app registration: the URL
at which an administrator of the tenant consents to it, whether the app is there, and for each permission one line:

  works      the smallest read that needs it was made
  granted    it is consented to, and only a change could use it
  missing    it is not consented to
  refused    it is consented to, and Microsoft refuses nevertheless
  unproven   it could not be tried

each but the first two with the cure. It changes nothing: it consents to nothing and assigns no role, since that is a change
which somebody has to approve. It asks for new tokens and keeps them, so that the other programs see new consents as well.
Leaves all of it as onboarding.json in a folder named after the tenant id.

Environment:
  M365_<TIER>_CLIENT_ID, M365_<TIER>_CLIENT_SECRET   a tier's app registration, else M365_CLIENT_ID and M365_CLIENT_SECRET
  VAULT_PATH                                         or the vault that holds them, opened with SOPS_AGE_KEY_FILE or SOPS_AGE_KEY
  REMEDIATION_ARTIFACTS                              folder for onboarding.json, default remediation-tool in the temporary folder
  GRAPH_BASE_URL, LOGIN_BASE_URL, EXCHANGE_BASE_URL  default Microsoft's

Tiers: ${TIERS.join(", ")}.

Exit codes: 0 at least one tier could sign in, 1 none could, 2 wrong usage.`;

/** `onboard-tenant`: what is consented to, and whether it works. */
export function createCheckOnboarding(clockOptions: Omit<RunClockOptions, "stop"> = {}) {
  return defineProgram(USAGE, async (io) => {
    const tenant = parseArguments(io.args);
    const settings = readSettings(io.env);
    const clock = createRunClock({ ...clockOptions, stop: io.signal });
    const limits = createLimits(clock);
    const apps = await findApps(io);
    const { loginOrigin } = settings;
    const tenantId = await findTenantId(tenant, { loginOrigin, clock, limit: limits.directory });
    const artifacts = await openArtifacts(settings.artifactsFolder, tenantId);

    io.print(`Tenant ${tenantId}`);
    const signedIn = await Promise.all(
      apps.map((app) => signIn(app, { io, settings, tenantId, clock, limits })),
    );
    const reader = await findReader(signedIn, limits);
    const tiers: TierResult[] = [];
    for (const entry of signedIn) {
      const result = await checkTier(entry, {
        reader,
        limits,
        consentUrl: consentUrl(loginOrigin, tenantId, entry),
      });
      for (const line of renderTier(result)) io.print(line);
      tiers.push(result);
    }
    await artifacts.write("onboarding.json", {
      schema: "breach-check/onboarding@1",
      tenantId,
      checkedAt: new Date(clock.now()).toISOString(),
      tiers,
    });
    return tiers.some(({ problem }) => problem === undefined) ? 0 : 1;
  });
}

function parseArguments(args: ProgramIo["args"]): string {
  const parsed = z.tuple([TenantName]).safeParse(args);
  if (parsed.success) return parsed.data[0];
  throw new UsageError("Expected one argument, a domain such as contoso.com or a tenant id.");
}

interface TierApp extends App {
  tier: Tier;
}

/** The tiers that have an app registration; the others are said to have none. */
async function findApps(io: ProgramIo): Promise<TierApp[]> {
  const apps: TierApp[] = [];
  const problems: unknown[] = [];
  for (const tier of TIERS) {
    try {
      apps.push({ tier, ...(await findApp(io.env, tier)) });
    } catch (thrown) {
      if (!(thrown instanceof UsageError || thrown instanceof CheckError)) throw thrown;
      problems.push(thrown);
      io.complain(`${tier}: ${thrown.message}`);
    }
  }
  if (apps.length === 0) throw problems[0];
  return apps;
}

type SignedIn = TierApp &
  (
    | { kind: "in"; graph: GraphClient; exchangeFor: (upn: string) => ExchangeClient }
    | { kind: "out"; error: CheckError }
  );

interface SignInOptions {
  io: ProgramIo;
  settings: Settings;
  tenantId: string;
  clock: RunClock;
  limits: Limits;
}

async function signIn(
  app: TierApp,
  { io, settings, tenantId, clock, limits }: SignInOptions,
): Promise<SignedIn> {
  const { loginOrigin, graphOrigin, exchangeOrigin, cacheFolder } = settings;
  const cache = createTokenCache(cacheFolder, {
    tier: app.tier,
    now: clock.now,
    onRefused: ({ message }) => io.complain(message),
  });
  const { clientId, clientSecret } = app;
  const login = { loginOrigin, clientId, clientSecret, clock, limit: limits.directory, cache };
  try {
    // A kept one holds the permissions of the moment it was made.
    await cache.forget(tenantId);
    const accessToken = await requestAccessToken(tenantId, login);
    return {
      ...app,
      kind: "in",
      graph: createGraphClient({ origin: graphOrigin, accessToken, clock }),
      exchangeFor: (upn) =>
        createExchangeClient({
          origin: exchangeOrigin,
          tenantId,
          upn,
          requestToken: () => requestAccessToken(tenantId, { ...login, scope: EXCHANGE_SCOPE }),
          clock,
          limit: limits.exchange,
        }),
    };
  } catch (thrown) {
    if (thrown instanceof CheckError) return { ...app, kind: "out", error: thrown };
    throw thrown;
  }
}

/** Reads the directory for all tiers, as most of them may not do so themselves. */
interface Reader {
  /** `undefined` if it could not be read. */
  readConsent: (clientId: string) => Promise<Consent | undefined>;
  accounts: readonly MailAccount[];
}

const User = z.object({ id: z.string(), userPrincipalName: z.string(), mail: z.string().nullish() });
const Users = z.object({ value: z.array(User) });
/** So many are tried until one has a mailbox. */
const MAX_ACCOUNTS = 5;

async function findReader(signedIn: readonly SignedIn[], limits: Limits): Promise<Reader | undefined> {
  const limit = limits.directory;
  for (const entry of signedIn) {
    if (entry.kind === "out") continue;
    const { graph, clientId } = entry;
    try {
      await readConsent(clientId, { graph, limit });
      const users = Users.safeParse(
        await graph
          .get("/v1.0/users?$top=20&$select=id,userPrincipalName,mail", {
            limit,
            permission: "User.Read.All",
          })
          .catch(unlessMistaken),
      );
      const withMail = (users.data?.value ?? []).filter(({ mail }) => mail);
      return {
        readConsent: (id) => readConsent(id, { graph, limit }).catch(unlessMistaken),
        accounts: withMail.slice(0, MAX_ACCOUNTS).map(({ id, userPrincipalName: upn }) => ({ id, upn })),
      };
    } catch (thrown) {
      if (!(thrown instanceof CheckError)) throw thrown;
    }
  }
  return undefined;
}

/** What the tenant refuses is no end; what this program does wrong is. */
function unlessMistaken(thrown: unknown): undefined {
  if (!(thrown instanceof CheckError)) throw thrown;
}

interface TierResult {
  tier: Tier;
  clientId: string;
  consentUrl: string;
  /** Why nothing could be tried. */
  problem?: { reason: string; howToFix: string };
  permissions: ({ value: string; resource: string; purpose: string; optional: boolean } & PermissionState)[];
}

interface CheckTierOptions {
  reader: Reader | undefined;
  limits: Limits;
  consentUrl: string;
}

async function checkTier(
  entry: SignedIn,
  { reader, limits, consentUrl }: CheckTierOptions,
): Promise<TierResult> {
  const { tier, clientId } = entry;
  const result: TierResult = { tier, clientId, consentUrl, permissions: [] };
  if (entry.kind === "out") {
    return { ...result, problem: { reason: entry.error.message, howToFix: entry.error.howToFix } };
  }
  const consent = await reader?.readConsent(clientId);
  for (const permission of TIER_PERMISSIONS[tier]) {
    const resourceName = RESOURCES[permission.resource].displayName;
    const state = await provePermission(permission, {
      graph: entry.graph,
      exchangeFor: entry.exchangeFor,
      limits,
      isGranted: consent?.[permission.resource].has(permission.value),
      accounts: reader?.accounts ?? [],
      resourceName,
    });
    const { value, purpose, optional = false } = permission;
    result.permissions.push({ value, resource: resourceName, purpose, optional, ...state });
  }
  return result;
}

/** @see https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent#construct-the-url-for-granting-tenant-wide-admin-consent */
function consentUrl(loginOrigin: string, tenantId: string, { clientId }: App): string {
  return new URL(`/${tenantId}/adminconsent?client_id=${encodeURIComponent(clientId)}`, loginOrigin).href;
}

function renderTier({ tier, clientId, consentUrl: url, problem, permissions }: TierResult): string[] {
  return [
    "",
    `${tier} (app ${clientId})`,
    `  consent    ${url}`,
    ...(problem ? [`  sign-in    ${problem.reason} ${problem.howToFix}`] : []),
    ...permissions.map((permission) => {
      const { state, value, purpose, optional } = permission;
      const what = `  ${state.padEnd(10)} ${value}, for ${purpose}${optional ? " (optional)" : ""}`;
      return "reason" in permission ? `${what}. ${permission.reason} ${permission.howToFix}` : what;
    }),
  ];
}
