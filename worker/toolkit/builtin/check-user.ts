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
import type { Check, CheckContext, CheckResult } from "./checks/check.ts";
import { USER_CHECKS } from "./checks/index.ts";
import { together } from "./checks/read-parts.ts";
import { readSettings, type Settings } from "./environment.ts";
import { createExchangeClient, type ExchangeClient } from "./exchange-client.ts";
import { findAccount } from "./find-account.ts";
import { findApp } from "./find-app.ts";
import { createGraphClient, type GraphClient } from "./graph-client.ts";
import { createLimits, type Limits } from "./limits.ts";
import { explainMissingMailbox } from "./missing-mailbox.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";
import { EXCHANGE_SCOPE } from "./tiers.ts";
import { createTokenCache } from "./token-cache.ts";
import { windowOf } from "./window.ts";

const WINDOW_DAYS = 7;

const USAGE = `Usage: user-breach-check <tenant id> <sign-in name>

Looks for signs of compromise in one Microsoft 365 account, in the last ${WINDOW_DAYS} days: inbox rules, mailbox forwarding, app
consents, sign-in methods, sign-ins, identity risk, directory changes, sent and deleted mail (headers only), state of the
account. Reads only. Leaves what Microsoft returned as JSON in a folder named after the tenant id, with coverage.json:
what each check saw, or why it saw nothing.

Environment:
  M365_CLIENT_ID, M365_CLIENT_SECRET   the app registration; M365_INVESTIGATOR_CLIENT_ID and _SECRET take precedence
  VAULT_PATH                           or the vault that holds them, opened with SOPS_AGE_KEY_FILE or SOPS_AGE_KEY
  REMEDIATION_ARTIFACTS                folder for the artifacts, default remediation-tool in the temporary folder
  GRAPH_BASE_URL                       default https://graph.microsoft.com
  LOGIN_BASE_URL                       default https://login.microsoftonline.com
  EXCHANGE_BASE_URL                    default https://outlook.office365.com

Application permissions, each of which a check does without if it must:
  User.Read.All, Directory.Read.All       the account, its admin roles and consents
  MailboxSettings.Read, Mail.ReadBasic.All, Domain.Read.All   inbox rules; sent and deleted mail
  Application.Read.All                    names and publishers of apps
  UserAuthenticationMethod.Read.All       sign-in methods
  AuditLog.Read.All                       sign-ins (needs Entra ID P1) and directory changes
  IdentityRiskyUser.Read.All, IdentityRiskEvent.Read.All      identity risk (needs Entra ID P2)
  LicenseAssignment.Read.All              whether a licence is missing or Microsoft only says so
Optional, of Office 365 Exchange Online: Exchange.ManageAsApp with the Entra role Global Reader, for mailbox forwarding and
hidden inbox rules.

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
      coverage = checks.map((check) => failedRow(check, opened.error));
    } else {
      io.print("Signed in to Microsoft Graph.");
      const { graph, limits, exchange, login } = opened;
      // Those checks that do not need the account's id start without it, and nothing waits for the account alone.
      const account = findAccount(graph, limits, upn);
      account.catch((thrown: unknown) => io.complain(asCheckError(thrown, login).message));
      const context: CheckContext = {
        graph,
        exchange,
        limits,
        upn,
        account: () => account,
        window: windowOf(clock, WINDOW_DAYS),
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
  | { kind: "open"; graph: GraphClient; exchange: ExchangeClient; limits: Limits; login: Login }
  | { kind: "closed"; error: CheckError };

interface OpenOptions {
  tenantId: string;
  upn: string;
  settings: Settings;
  clock: RunClock;
}

/** Signs in to Graph. What fails here fails for every check; Exchange has a token of its own, and its own failures. */
async function open(io: ProgramIo, { tenantId, upn, settings, clock }: OpenOptions): Promise<Opened> {
  const { loginOrigin, graphOrigin, exchangeOrigin, cacheFolder } = settings;
  const limits = createLimits(clock);
  const cache = createTokenCache(cacheFolder, {
    tier: "INVESTIGATOR",
    now: clock.now,
    onRefused: ({ message }) => io.complain(message),
  });
  try {
    const app = await findApp(io.env, "INVESTIGATOR");
    const login: Login = { loginOrigin, ...app, cache, clock, limit: limits.directory };
    const accessToken = await requestAccessToken(tenantId, login);
    const graph = createGraphClient({ origin: graphOrigin, accessToken, clock });
    const exchange = createExchangeClient({
      origin: exchangeOrigin,
      tenantId,
      upn,
      requestToken: () => requestAccessToken(tenantId, { ...login, scope: EXCHANGE_SCOPE }),
      clock,
      limit: limits.exchange,
    });
    return { kind: "open", graph, exchange, limits, login };
  } catch (thrown) {
    if (thrown instanceof CheckError) return { kind: "closed", error: thrown };
    throw thrown;
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
    row = resultRow(check, await check.run(context), context);
  } catch (thrown) {
    row = failedRow(check, await causeOf(asCheckError(thrown, login), context));
  }
  report({
    check: check.id,
    state: stateOf(row, check),
    records: row.records,
    durationMs: clock.now() - startedAt,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
  });
  return row;
}

/** What is behind a check's failure: that there is no such account at all, or a mailbox that is elsewhere. */
async function causeOf(error: CheckError, { account }: CheckContext): Promise<CheckError> {
  try {
    const known = await account();
    return error.status === "no_mailbox" ? explainMissingMailbox(error, known) : error;
  } catch (thrown) {
    return thrown instanceof CheckError ? thrown : error;
  }
}

/** Something optional that was not granted is a choice and no failure. */
function stateOf({ status }: Coverage, { optional }: Check): CheckLine["state"] {
  if (status === "ok" || status === "skipped") return status;
  return optional && status === "no_permission" ? "skipped" : "failed";
}

function resultRow(
  { id, optional, windowed }: Check,
  { records, truncated, problem, notes = [] }: CheckResult,
  { window }: CheckContext,
): Coverage {
  const gaps = [...(problem ? [problem] : []), ...notes, ...(windowed && window.note ? [window.note] : [])];
  const gap = gaps.length > 0 ? together(gaps) : undefined;
  return {
    check: id,
    status: problem?.status ?? "ok",
    records,
    truncated,
    ...(gap ? { reason: labelled(gap.message, optional), how_to_fix: gap.howToFix } : {}),
  };
}

function failedRow({ id, optional }: Check, { status, message, howToFix }: CheckError): Coverage {
  const reason = labelled(message, optional);
  return { check: id, status, records: 0, truncated: false, reason, how_to_fix: howToFix };
}

function labelled(reason: string, optional: true | undefined): string {
  return optional ? `Optional check: ${reason}` : reason;
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
