import { parseArgs } from "node:util";
import { z } from "zod";
import { Guid } from "../../../src/tenant.ts";
import type { Coverage } from "../../findings/findings.ts";
import { organisationCountry } from "../../findings/sweep/tenant-evidence.ts";
import { type CheckLine, renderCheckLine } from "../check-line.ts";
import { requestAccessToken } from "./access-token.ts";
import { asCollection, openArtifacts } from "./artifacts.ts";
import { CheckError } from "./check-error.ts";
import type { Collected } from "./collect-pages.ts";
import { concludeRun } from "./conclude-run.ts";
import { readSettings, type Settings } from "./environment.ts";
import { FATAL } from "./find-account.ts";
import { createGraphClient, type GraphClient } from "./graph-client.ts";
import { createLimits, type Limits, type LimitsOptions } from "./limits.ts";
import { type Login, openLogin } from "./open-login.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { failedRow, runCheck, runInWindow } from "./run-check.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";
import { SWEEP_CHECKS } from "./sweep/index.ts";
import type { SweepCheck, SweepContext } from "./sweep/sweep-check.ts";
import { windowOf } from "./window.ts";

const WINDOW_DAYS = 7;
const SIGN_IN_HOURS = 24;
const MAX_PAGES = 300;
/** Half a minute less than the worker waits, so that what was seen until then is written down. */
const DEADLINE_MS = 570_000;

const USAGE = `Usage: tenant-sweep <tenant id> [--hours <n>] [--pages <n>]

Looks for signs of a break-in in a whole Microsoft 365 tenant: sign-ins of the last ${SIGN_IN_HOURS} hours, risky users, changes of
the directory in the last ${WINDOW_DAYS} days, consents, known-abused applications, admin roles, new users. Reads only. Leaves JSON in a
folder named after the tenant id, with coverage.json: what each check saw, or why it saw nothing. After ${DEADLINE_MS / 60_000} minutes it
writes down what it has, with what is missing.

Options:
  --hours <n>   sign-ins of the last n hours, 1 to 720, default ${SIGN_IN_HOURS}
  --pages <n>   at most n pages of a thousand sign-ins of each kind, default ${MAX_PAGES}

Environment:
  M365_CLIENT_ID, M365_CLIENT_SECRET   the app registration; M365_INVESTIGATOR_CLIENT_ID and _SECRET take precedence
  VAULT_PATH                           or the vault that holds them, opened with SOPS_AGE_KEY_FILE or SOPS_AGE_KEY
  REMEDIATION_ARTIFACTS                folder for the artifacts, default remediation-tool in the temporary folder
  GRAPH_BASE_URL                       default https://graph.microsoft.com
  LOGIN_BASE_URL                       default https://login.microsoftonline.com

Application permissions: Application.Read.All, AuditLog.Read.All, Directory.Read.All, IdentityRiskyUser.Read.All,
LicenseAssignment.Read.All, User.Read.All.

Exit codes: 0 at least one check ran, 1 none could, 2 wrong usage.`;

export interface SweepTenantOptions extends Omit<RunClockOptions, "stop"> {
  checks?: readonly SweepCheck[];
  limits?: LimitsOptions;
}

/** `tenant-sweep`: every check at once, each on its own; one that fails costs its row of the coverage only. */
export function createSweepTenant({
  checks = SWEEP_CHECKS,
  limits: limitsOptions = {},
  ...clockOptions
}: SweepTenantOptions = {}) {
  return defineProgram(USAGE, async (io) => {
    const { tenantId, hours, pages } = parseArguments(io.args);
    const settings = readSettings(io.env);
    const artifacts = await openArtifacts(settings.artifactsFolder, tenantId);
    const clock = createRunClock({ deadlineMs: DEADLINE_MS, ...clockOptions, stop: io.signal });
    const report = (line: CheckLine) => io.print(renderCheckLine(line));
    for (const { id } of checks) report({ check: id, state: "waiting" });

    const opened = await open(io, {
      tenantId,
      settings,
      clock,
      limits: createLimits(clock, limitsOptions),
    });
    let coverage: Coverage[];
    if (opened.kind === "closed") {
      io.complain(opened.error.message);
      for (const { id } of checks) report({ check: id, state: "failed", reason: opened.error.message });
      coverage = checks.map((check) => failedRow(check, opened.error));
    } else {
      io.print("Signed in to Microsoft Graph.");
      const { graph, limits, login, organization } = opened;
      if (organization !== undefined) await artifacts.write("organization.json", asCollection(organization));
      const context: SweepContext = {
        graph,
        limits,
        tenantId,
        country: organisationCountry(organization?.value[0]),
        window: windowOf(clock, WINDOW_DAYS),
        signInsSince: windowOf(clock, hours / 24).since,
        maxSignInPages: pages,
        save: artifacts.write,
        progress: (check, records) => report({ check, state: "running", records }),
      };
      const secrets = [login.clientSecret];
      coverage = await Promise.all(
        checks.map((check) => runCheck(check, () => runInWindow(check, context), { clock, report, secrets })),
      );
      // A kept token does not hold what is granted from now on, and whoever grants it will want to see that.
      if (coverage.some(({ status }) => status === "no_permission")) await login.cache.forget(tenantId);
    }

    return concludeRun(io, coverage, { artifacts, tenantId, upn: null, windowDays: WINDOW_DAYS });
  });
}

const whole = (max: number, standard: number) => z.coerce.number().int().min(1).max(max).default(standard);
const Arguments = z.object({
  positionals: z.tuple([Guid]),
  values: z.object({ hours: whole(720, SIGN_IN_HOURS), pages: whole(10_000, MAX_PAGES) }),
});

function parseArguments(args: ProgramIo["args"]): { tenantId: string; hours: number; pages: number } {
  const parsed = Arguments.safeParse(split(args));
  if (!parsed.success) {
    throw new UsageError(
      "Expected one argument, a tenant id (a GUID), and perhaps --hours 1 to 720 and --pages 1 to 10000.",
    );
  }
  const { positionals, values } = parsed.data;
  return { tenantId: positionals[0], ...values };
}

function split(args: ProgramIo["args"]): unknown {
  try {
    const options = { hours: { type: "string" }, pages: { type: "string" } } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    // An option that there is not.
    return undefined;
  }
}

type Opened =
  | { kind: "open"; graph: GraphClient; limits: Limits; login: Login; organization: Collected | undefined }
  | { kind: "closed"; error: CheckError };

/** Signs in and asks for the organisation. What fails here as it would everywhere fails for every check. */
async function open(
  io: ProgramIo,
  {
    tenantId,
    settings,
    clock,
    limits,
  }: { tenantId: string; settings: Settings; clock: RunClock; limits: Limits },
): Promise<Opened> {
  try {
    const login = await openLogin(io, { settings, clock, limits });
    const accessToken = await requestAccessToken(tenantId, login);
    const graph = createGraphClient({ origin: settings.graphOrigin, accessToken, clock });
    return { kind: "open", graph, limits, login, organization: await readOrganization(graph, limits) };
  } catch (thrown) {
    if (thrown instanceof CheckError) return { kind: "closed", error: thrown };
    throw thrown;
  }
}

/** @see https://learn.microsoft.com/graph/api/organization-list */
async function readOrganization(graph: GraphClient, limits: Limits): Promise<Collected | undefined> {
  try {
    return await graph.collect(
      "/v1.0/organization?$select=id,displayName,countryLetterCode,verifiedDomains",
      {
        limit: limits.directory,
        permission: "Directory.Read.All",
      },
    );
  } catch (thrown) {
    if (!(thrown instanceof CheckError) || FATAL.has(thrown.code)) throw thrown;
    return undefined;
  }
}
