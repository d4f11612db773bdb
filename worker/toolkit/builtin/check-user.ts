import { z } from "zod";
import { Guid, Upn } from "../../../src/tenant.ts";
import type { Coverage } from "../../findings/findings.ts";
import { type CheckLine, renderCheckLine } from "../check-line.ts";
import { requestAccessToken } from "./access-token.ts";
import { openArtifacts } from "./artifacts.ts";
import { CheckError } from "./check-error.ts";
import type { Check, CheckContext } from "./checks/check.ts";
import { USER_CHECKS } from "./checks/index.ts";
import { concludeRun } from "./conclude-run.ts";
import { readSettings, type Settings } from "./environment.ts";
import { createExchangeClient, type ExchangeClient } from "./exchange-client.ts";
import { findAccount } from "./find-account.ts";
import { createGraphClient, type GraphClient } from "./graph-client.ts";
import { createLimits, type Limits } from "./limits.ts";
import { explainMissingMailbox } from "./missing-mailbox.ts";
import { type Login, openLogin } from "./open-login.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { asCheckError, failedRow, runCheck, runInWindow } from "./run-check.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";
import { EXCHANGE_SCOPE } from "./tiers.ts";
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
      account.catch((thrown: unknown) => io.complain(asCheckError(thrown, [login.clientSecret]).message));
      const context: CheckContext = {
        graph,
        exchange,
        limits,
        upn,
        account: () => account,
        window: windowOf(clock, WINDOW_DAYS),
        save: artifacts.write,
      };
      coverage = await Promise.all(
        checks.map((check) =>
          runCheck(check, () => runInWindow(check, context), {
            clock,
            report,
            secrets: [login.clientSecret],
            explain: (error) => causeOf(error, context),
          }),
        ),
      );
      // A kept token does not hold what is granted from now on, and whoever grants it will want to see that.
      if (coverage.some(({ status }) => status === "no_permission")) await login.cache.forget(tenantId);
    }

    return concludeRun(io, coverage, { artifacts, tenantId, upn, windowDays: WINDOW_DAYS });
  });
}

function parseArguments(args: ProgramIo["args"]): { tenantId: string; upn: string } {
  const parsed = z.tuple([Guid, Upn]).safeParse(args);
  if (parsed.success) return { tenantId: parsed.data[0], upn: parsed.data[1] };
  throw new UsageError(
    "Expected two arguments, a tenant id (a GUID) and a sign-in name such as jane@contoso.com.",
  );
}

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
  const { graphOrigin, exchangeOrigin } = settings;
  const limits = createLimits(clock);
  try {
    const login = await openLogin(io, { settings, clock, limits });
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

/** What is behind a check's failure: that there is no such account at all, or a mailbox that is elsewhere. */
async function causeOf(error: CheckError, { account }: CheckContext): Promise<CheckError> {
  try {
    const known = await account();
    return error.status === "no_mailbox" ? explainMissingMailbox(error, known) : error;
  } catch (thrown) {
    return thrown instanceof CheckError ? thrown : error;
  }
}
