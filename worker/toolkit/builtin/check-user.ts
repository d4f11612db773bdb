import { z } from "zod";
import manifest from "../../../package.json" with { type: "json" };
import { Guid, Upn } from "../../../src/tenant.ts";
import type { CoverageArtifact } from "../../findings/coverage-artifact.ts";
import type { Coverage } from "../../findings/findings.ts";
import { type CheckLine, renderCheckLine } from "../check-line.ts";
import { requestAccessToken } from "./access-token.ts";
import { openArtifacts } from "./artifacts.ts";
import { CheckError } from "./check-error.ts";
import type { Account, Check, CheckContext } from "./checks/check.ts";
import { USER_CHECKS } from "./checks/index.ts";
import { type InvestigatorSettings, readInvestigatorSettings } from "./environment.ts";
import { createGraphClient, type GraphClient, segment, unexpected } from "./graph-client.ts";
import { createLimits, type Limits } from "./limits.ts";
import { defineProgram, type ProgramIo, UsageError } from "./program.ts";
import { failedRow, runCheck } from "./run-check.ts";
import { createRunClock, type RunClock, type RunClockOptions } from "./run-clock.ts";

const WINDOW_DAYS = 7;

const USAGE = `Usage: user-breach-check <tenant id> <sign-in name>

Looks for signs of compromise in one Microsoft 365 account: inbox rules, sign-ins of the last ${WINDOW_DAYS} days, state of
the account. Reads only. Leaves what Microsoft Graph returned as JSON in a folder named after the tenant id, with
coverage.json: what each check saw, or why it saw nothing.

Environment:
  M365_CLIENT_ID, M365_CLIENT_SECRET   the app registration; M365_INVESTIGATOR_CLIENT_ID and _SECRET take precedence
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
    const settings = readInvestigatorSettings(io.env);
    const artifacts = await openArtifacts(settings.artifactsFolder, tenantId);
    const clock = createRunClock({ ...clockOptions, stop: io.signal });
    const report = (line: CheckLine) => io.print(renderCheckLine(line));
    for (const { id } of checks) report({ check: id, state: "waiting" });

    const opened = await open(tenantId, upn, settings, clock);
    let coverage: Coverage[];
    if (opened.kind === "closed") {
      io.complain(opened.error.message);
      for (const { id } of checks) report({ check: id, state: "failed", reason: opened.error.message });
      coverage = checks.map(({ id }) => failedRow(id, opened.error));
    } else {
      io.print("Signed in to Microsoft Graph.");
      const { graph, limits, account } = opened;
      const context: CheckContext = {
        graph,
        limits,
        account,
        windowDays: WINDOW_DAYS,
        now: clock.now,
        save: artifacts.write,
      };
      coverage = await Promise.all(
        checks.map((check) =>
          runCheck(check.id, () => check.run(context), { clock, report, secrets: [settings.clientSecret] }),
        ),
      );
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

type Opened =
  | { kind: "open"; graph: GraphClient; limits: Limits; account: Account }
  | { kind: "closed"; error: CheckError };

/** Signs in and finds the account. What fails here fails for every check. */
async function open(
  tenantId: string,
  upn: string,
  { loginOrigin, graphOrigin, clientId, clientSecret }: InvestigatorSettings,
  clock: RunClock,
): Promise<Opened> {
  try {
    const limits = createLimits(clock);
    const accessToken = await requestAccessToken(tenantId, {
      loginOrigin,
      clientId,
      clientSecret,
      clock,
      limit: limits.directory,
    });
    const graph = createGraphClient({ origin: graphOrigin, accessToken, clock });
    return { kind: "open", graph, limits, account: await findAccount(graph, limits, upn) };
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
export const FATAL = new Set([
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
