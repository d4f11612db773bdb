import type { ScriptEnding } from "../toolkit/toolkit.ts";
import {
  type AnyCheckId,
  CheckId,
  CORE_CHECKS,
  CORE_SWEEP_CHECKS,
  type Coverage,
  type CoverageStatus,
  checkTitles,
  SweepCheckId,
} from "./findings.ts";
import type { GraphError } from "./graph-error.ts";
import { hasLastPages } from "./last-pages.ts";
import type { EvidenceRecord, Recognition } from "./recognise.ts";
import { checkOfKind, type RecordKind } from "./record-kinds.ts";

export interface CoverageContext {
  kind: "user" | "tenant";
  /** How the script ended; absent if that isn't known. */
  ending?: ScriptEnding;
  tenantId: string;
  upn: string | null;
  /** Names of files that were not taken over and may have held records of any check. */
  missed: readonly string[];
}

/**
 * What each check of the investigation saw: as the toolkit's own `coverage.json` says, held against what was recognised, or
 * inferred from that alone. A check that left no trace is "missing", or failed with the script that should have run it.
 */
export function coverageOf(recognition: Recognition, context: CoverageContext): Coverage[] {
  const lines = ownCoverage(recognition, context);
  return CHECKS[context.kind].map((check) => {
    const seen = seenOf(check, recognition, context);
    const own = lines.find((line) => line.check === check);
    return own === undefined ? inferred(check, seen, recognition, context) : checked(own, seen, context);
  });
}

const CHECKS: Readonly<Record<CoverageContext["kind"], readonly AnyCheckId[]>> = {
  user: CheckId.options,
  tenant: SweepCheckId.options,
};

/** What a sweep asks of records that mean something else, or nothing, in the check of one user. */
const SWEEP_CHECKS: Partial<Record<RecordKind, SweepCheckId>> = {
  user: "new_users",
  servicePrincipal: "known_apps",
  directoryRole: "admin_roles",
  roleAssignment: "admin_roles",
};

function checkOf(record: RecordKind, kind: CoverageContext["kind"]): AnyCheckId | undefined {
  return (kind === "tenant" ? SWEEP_CHECKS[record] : undefined) ?? checkOfKind(record);
}

/** Lines of the coverage artifacts that are about this run. The last one wins, should a script leave several. */
function ownCoverage({ coverage }: Recognition, { tenantId, upn }: CoverageContext): Coverage[] {
  const about = coverage.filter(
    ({ value }) =>
      value.tenantId.toLowerCase() === tenantId.toLowerCase() &&
      value.upn?.toLowerCase() === upn?.toLowerCase(),
  );
  return about.at(-1)?.value.checks ?? [];
}

interface Seen {
  /** Whether there was an answer at all; "no inbox rules" is one. */
  answered: boolean;
  records: number;
  /** Why this isn't everything. */
  losses: string[];
}

function seenOf(
  check: AnyCheckId,
  { records, lists, losses, signInGroups }: Recognition,
  { kind }: CoverageContext,
): Seen {
  const groups = signInGroups.at(-1);
  // Beside the groups lie a few of the sign-ins that they were made from.
  if (check === "signins" && groups !== undefined)
    return { answered: true, records: groups.value.counts.total, losses: [] };
  const isOurs = (each: { kind: RecordKind }) => checkOf(each.kind, kind) === check;
  const ours = records.filter(isOurs);
  const pages = lists.filter(isOurs);
  const reasons = losses.filter(isOurs).map(({ reason }) => reason);
  if (!hasLastPages(pages)) reasons.push("further pages were not fetched");
  return {
    answered: ours.length > 0 || pages.length > 0,
    records: ours.length,
    losses: [...new Set(reasons)],
  };
}

/**
 * Half a file may follow an honest count: the script counted, and was killed while it wrote. And a count alone is no
 * evidence: the file may have been left out, or the words may not be the toolkit's.
 */
function checked(own: Coverage, seen: Seen, { kind }: CoverageContext): Coverage {
  const isCountable = own.check === "inbox_rules" || own.check === "signins";
  const isCore = (kind === "user" ? CORE_CHECKS : CORE_SWEEP_CHECKS).includes(own.check);
  const losses = [...seen.losses];
  if (own.status === "ok" && !seen.answered && (isCore || own.records > 0)) {
    losses.push("the toolkit says that it looked, and nothing that it left shows it");
  }
  if (isCountable && own.status === "ok" && seen.records < own.records) {
    losses.push(`the toolkit counted ${own.records} records and ${seen.records} could be read`);
  }
  return own.status === "ok" && losses.length > 0 ? { ...own, ...partly(losses) } : own;
}

function partly(losses: readonly string[]): Pick<Coverage, "truncated" | "reason" | "how_to_fix"> {
  return {
    truncated: true,
    reason: `Only a part could be read: ${losses.slice(0, 3).join("; ")}.`,
    how_to_fix: "Run the check again; if it stays so, look at the files in the case's zip.",
  };
}

function inferred(
  check: AnyCheckId,
  seen: Seen,
  recognition: Recognition,
  context: CoverageContext,
): Coverage {
  const base = { check, records: seen.records, truncated: false };
  const error = errorOf(check, recognition, context);
  if (seen.answered) {
    const losses = [...seen.losses];
    if (error !== undefined) losses.push(`Microsoft answered "${error.code}" to a part of it`);
    // Nobody counted what there was to be seen, so this may have stood there.
    losses.push(...context.missed.map((name) => `${name} was left out, and may belong to it`));
    if (losses.length > 0) return { ...base, status: "ok", ...partly(losses) };
    const cause = context.ending === undefined ? undefined : causeOf(context.ending);
    if (cause === undefined) return { ...base, status: "ok" };
    // Nobody said that this is all: the script may have been about to fetch the next list.
    const reason = `${cause.reason} What it left may not be everything.`;
    return { ...base, status: "ok", truncated: true, reason, how_to_fix: cause.cure };
  }
  if (error !== undefined) {
    return { ...base, status: error.status, reason: reasonOf(error), how_to_fix: CURES[error.status] };
  }
  return { ...base, ...missing(check, context) };
}

function errorOf(
  check: AnyCheckId,
  { errors }: Recognition,
  context: CoverageContext,
): GraphError | undefined {
  const about = (error: GraphError, kind: EvidenceRecord["kind"] | undefined) =>
    // A promise of the surroundings, such as {"signIns": {"error": …}}, says more than the error's words.
    (kind === undefined ? undefined : checkOf(kind, context.kind)) ?? error.check;
  const ours = errors.filter(({ error, about: kind }) => about(error, kind) === check);
  return (ours[0] ?? errors.find(({ error }) => error.check === "all"))?.error;
}

function reasonOf({ status, code, message }: GraphError): string {
  const words = message.length > 200 ? `${message.slice(0, 199)}…` : message;
  return `${REASONS[status]} Microsoft answered "${code}"${words === "" ? "" : `: ${words}`}`;
}

const REASONS: Readonly<Record<CoverageStatus, string>> = {
  ok: "",
  not_licensed: "The tenant has no licence for it.",
  no_permission: "The app registration may not read it.",
  no_mailbox: "The account has no mailbox in Exchange Online.",
  throttled: "Microsoft refused for too many requests.",
  timeout: "It took too long.",
  error: "It failed.",
  skipped: "It was left out.",
  missing: "The toolkit left nothing about it.",
};

const CURES: Readonly<Record<CoverageStatus, string>> = {
  ok: "",
  not_licensed:
    "Sign-in logs need Entra ID P1, risk ratings P2. Until then, look in the Entra admin centre by hand.",
  no_permission:
    "Give the app registration the permission that the answer names, with admin consent, and run again.",
  no_mailbox: "Check where the mailbox is: on premises it has to be looked at there.",
  throttled: "Run it again in a few minutes.",
  timeout: "Run it again, when less is going on.",
  error: "Run it again; if it stays so, the transcript of the script tells more.",
  skipped: "",
  missing: "Look at it by hand, or run a toolkit that has this check.",
};

function missing(
  check: AnyCheckId,
  { ending }: CoverageContext,
): Pick<Coverage, "status" | "reason" | "how_to_fix"> {
  const cause = ending === undefined ? undefined : causeOf(ending);
  if (cause === undefined) return { status: "missing", reason: REASONS.missing, how_to_fix: CURES.missing };
  const reason = `${cause.reason} It left nothing about ${checkTitles[check].toLowerCase()}.`;
  return { status: cause.status, reason, how_to_fix: cause.cure };
}

function causeOf(
  ending: ScriptEnding,
): { status: "timeout" | "error"; reason: string; cure: string } | undefined {
  switch (ending.kind) {
    case "exited":
      if (ending.code === 0) return undefined;
      return {
        status: "error",
        reason: `The script failed with exit code ${ending.code}.`,
        cure: CURES.error,
      };
    case "killed-by-signal":
      return { status: "error", reason: `The script was killed by ${ending.signal}.`, cure: CURES.error };
    case "timed-out": {
      const seconds = Math.round(ending.afterMs / 1000);
      return {
        status: "timeout",
        reason: `The script was stopped after ${seconds} seconds.`,
        cure: CURES.timeout,
      };
    }
    case "aborted":
      return {
        status: "error",
        reason: "The script was stopped by a person.",
        cure: "Run it again and let it finish.",
      };
    case "flooded": {
      const reason = "The script was stopped because it printed too much.";
      return { status: "error", reason, cure: CURES.error };
    }
    case "not-started": {
      const reason = `The script did not start: ${ending.reason}.`;
      return {
        status: "error",
        reason,
        cure: "Check the path of the toolkit in the settings, then run again.",
      };
    }
  }
}
