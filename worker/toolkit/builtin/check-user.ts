import { z } from "zod";
import manifest from "../../../package.json" with { type: "json" };
import { coerceError } from "../../../src/errors.ts";
import { redact } from "../../../src/redact.ts";
import { Guid, Upn } from "../../../src/tenant.ts";
import type { CoverageArtifact } from "../../findings/coverage-artifact.ts";
import type { Coverage } from "../../findings/findings.ts";
import { type CheckLine, renderCheckLine } from "../check-line.ts";
import { type AccessTokenOptions, requestAccessToken } from "./access-token.ts";
import { openArtifacts } from "./artifacts.ts";
import { CheckError } from "./check-error.ts";
import type { Account, Check, CheckContext, CheckResult } from "./checks/check.ts";
import { USER_CHECKS } from "./checks/index.ts";
import { readSettings, type Settings } from "./environment.ts";
import { findApp } from "./find-app.ts";
import { createGraphClient, type GraphClient, segment, unexpected } from "./graph-client.ts";
import { createLimits, type Limits } from "./limits.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";
import { createTokenCache } from "./token-cache.ts";

const WINDOW_DAYS = 7;

const USAGE = `Usage: user-breach-check <tenant id> <sign-in name>

Looks for signs of compromise in one Microsoft 365 account: inbox rules, sign-ins of the last ${WINDOW_DAYS} days, state of
the account. Reads only. Leaves what Microsoft Graph returned as JSON in a folder named after the tenant id, with
coverage.json: what each check saw, or why it saw nothing.

Environment:
  M365_CLIENT_ID, M365_CLIENT_SECRET   the app registration; M365_INVESTIGATOR_CLIENT_ID and _SECRET take precedence
  VAULT_PATH                           or the vault that holds them, opened with SOPS_AGE_KEY_FILE or SOPS_AGE_KEY
  REMEDIATION_ARTIFACTS                folder for the artifacts, default remediation-tool in the temporary folder
  GRAPH_BASE_URL                       default https://graph.microsoft.com
  LOGIN_BASE_URL                       default https://login.microsoftonline.com

Application permissions: AuditLog.Read.All, Directory.Read.All, Domain.Read.All, LicenseAssignment.Read.All,
Mail.ReadBasic.All, MailboxSettings.Read, User.Read.All.

Exit codes: 0 at least one check ran, 1 none could, 2 wrong usage.`;

export interface CheckUserOptions extends Omit<RunClockOptions, "stop"> {
  checks?: readonly Check[];
}

/** `user-breach-check`: every check at once, each on its own; one that fails costs its row of the coverage only. */
export function createCheckUser({ checks = USER_CHECKS, ...clockOptions }: CheckUserOptions = {}) {
  return defineProgram(USAGE, async (io) => {
    const { tenantId, upn } = parseArguments(io.args);
    const settings = readSettings(io.env);
    const artifacts = await openArtifacts(settings.artifactsFolder, tenantId);
    const clock = createRunClock({ ...clockOptions, stop: io.signal });
    const report = (line: CheckLine) => io.print(renderCheckLine(line));
    for (const { id } of checks) report({ check: id, state: "waiting" });

    const opened = await open(io, { tenantId, upn, settings, clock });
    let coverage: Coverage[];
    if (opened.kind === "closed") {
      io.complain(opened.error.message);
      for (const { id } of checks) report({ check: id, state: "failed", reason: opened.error.message });
      coverage = checks.map(({ id }) => failedRow(id, opened.error));
    } else {
      io.print("Signed in to Microsoft Graph.");
      const { graph, limits, account, login } = opened;
      const context: CheckContext = {
        graph,
        limits,
        account,
        windowDays: WINDOW_DAYS,
        now: clock.now,
        save: artifacts.write,
      };
      coverage = await Promise.all(checks.map((check) => runCheck(check, context, { clock, report, login })));
      // A kept token does not hold what is granted from now on, and whoever grants it will want to see that.
      if (coverage.some(({ status }) => status === "no_permission")) await login.cache.forget(tenantId);
    }

    await artifacts.write("coverage.json", {
      schema: "breach-check/coverage@1",
      toolkit: { name: "built-in", version: manifest.version },
      tenantId,
      upn,
      window_days: WINDOW_DAYS,
      checks: coverage,
    } satisfies CoverageArtifact);
    const complete = coverage.filter(({ status }) => status === "ok").length;
    io.print(`${complete} of ${coverage.length} checks are complete.`);
    return coverage.some(({ status, records }) => status === "ok" || records > 0) ? 0 : 1;
  });
}

function parseArguments(args: ProgramIo["args"]): { tenantId: string; upn: string } {
  const parsed = z.tuple([Guid, Upn]).safeParse(args);
  if (parsed.success) return { tenantId: parsed.data[0], upn: parsed.data[1] };
  throw new UsageError(
    "Expected two arguments, a tenant id (a GUID) and a sign-in name such as jane@contoso.com.",
  );
}

type Login = Required<Omit<AccessTokenOptions, "scope">>;

type Opened =
  | { kind: "open"; graph: GraphClient; limits: Limits; account: Account; login: Login }
  | { kind: "closed"; error: CheckError };

interface OpenOptions {
  tenantId: string;
  upn: string;
  settings: Settings;
  clock: RunClock;
}

/** Signs in and finds the account. What fails here fails for every check. */
async function open(io: ProgramIo, { tenantId, upn, settings, clock }: OpenOptions): Promise<Opened> {
  const { loginOrigin, graphOrigin, cacheFolder } = settings;
  try {
    const limits = createLimits(clock);
    const cache = createTokenCache(cacheFolder, {
      tier: "INVESTIGATOR",
      now: clock.now,
      onRefused: ({ message }) => io.complain(message),
    });
    const app = await findApp(io.env, "INVESTIGATOR");
    const login: Login = { loginOrigin, ...app, cache, clock, limit: limits.directory };
    const accessToken = await requestAccessToken(tenantId, login);
    const graph = createGraphClient({ origin: graphOrigin, accessToken, clock });
    return { kind: "open", graph, limits, account: await findAccount(graph, limits, upn), login };
  } catch (thrown) {
    if (thrown instanceof CheckError) return { kind: "closed", error: thrown };
    throw thrown;
  }
}

const USER_PROPERTIES = [
  "id",
  "displayName",
  "userPrincipalName",
  "mail",
  "accountEnabled",
  "userType",
  "usageLocation",
  "onPremisesSyncEnabled",
  "createdDateTime",
  "lastPasswordChangeDateTime",
  "assignedLicenses",
];
const User = z.object({ id: Guid, userPrincipalName: z.string() });

/** Failures that every further request would share. */
const FATAL = new Set([
  "GRAPH_NOT_FOUND",
  "GRAPH_TOKEN_REFUSED",
  "UNREACHABLE",
  "NOT_JSON",
  "REDIRECTED",
  "STOPPED",
  "OUT_OF_TIME",
]);

/**
 * @throws {CheckError} if there is no such account, or Graph cannot be used at all.
 * @see https://learn.microsoft.com/graph/api/user-get
 */
async function findAccount(graph: GraphClient, limits: Limits, upn: string): Promise<Account> {
  try {
    const user = await graph.get(`/v1.0/users/${segment(upn)}?$select=${USER_PROPERTIES.join(",")}`, {
      limit: limits.directory,
      permission: "User.Read.All",
    });
    const parsed = User.safeParse(user);
    if (!parsed.success)
      throw unexpected("Microsoft Graph gave an answer of an unknown shape where a user was expected.");
    return { kind: "found", id: parsed.data.id, upn: parsed.data.userPrincipalName, user };
  } catch (thrown) {
    if (!(thrown instanceof CheckError) || FATAL.has(thrown.code)) throw thrown;
    return { kind: "unreadable", upn, error: thrown };
  }
}

interface CheckRun {
  clock: RunClock;
  report: (line: CheckLine) => void;
  login: Login;
}

async function runCheck(
  check: Check,
  context: CheckContext,
  { clock, report, login }: CheckRun,
): Promise<Coverage> {
  const startedAt = clock.now();
  report({ check: check.id, state: "running" });
  let row: Coverage;
  try {
    row = resultRow(check.id, await check.run(context));
  } catch (thrown) {
    row = failedRow(check.id, asCheckError(thrown, login));
  }
  const state = row.status === "ok" ? "ok" : row.status === "skipped" ? "skipped" : "failed";
  report({
    check: check.id,
    state,
    records: row.records,
    durationMs: clock.now() - startedAt,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
  });
  return row;
}

function resultRow(check: Coverage["check"], { records, truncated, problem, note }: CheckResult): Coverage {
  const gap = problem ?? note;
  return {
    check,
    status: problem?.status ?? "ok",
    records,
    truncated,
    ...(gap ? { reason: gap.message, how_to_fix: gap.howToFix } : {}),
  };
}

function failedRow(check: Coverage["check"], error: CheckError): Coverage {
  const { status, message, howToFix } = error;
  return { check, status, records: 0, truncated: false, reason: message, how_to_fix: howToFix };
}

function asCheckError(thrown: unknown, { clientSecret }: Login): CheckError {
  if (thrown instanceof CheckError) return thrown;
  const said = redact(coerceError(thrown).message, [clientSecret]);
  return new CheckError("CHECK_FAILED", `The check itself failed: ${said}`, {
    status: "error",
    howToFix: "Run it again; if it stays so, report it.",
    cause: thrown,
  });
}
