import type { Gap } from "./evidence.ts";
import { isAtLeast } from "./finding.ts";
import {
  type AnyCheckId,
  CORE_CHECKS,
  type Coverage,
  checkTitles,
  type Finding,
  type Severity,
  type Verdict,
  type VerdictLevel,
} from "./findings.ts";

const POINTS: Readonly<Record<Severity, number>> = { critical: 10, high: 5, medium: 2, low: 0, info: 0 };
const LIKELY = 10;
const SUSPICIOUS = 2;

/** Findings that leave no innocent reading: a combination of entry and trace, or Microsoft's own confirmation. */
const DECISIVE: ReadonlySet<string> = new Set(["takeover", "confirmed-compromised"]);

/** Rules that tell of one thing from two sides, such as Microsoft's opinion of the account and of its sign-in. */
const ONE_THING: ReadonlyMap<string, string> = new Map([
  ["risky-user", "Microsoft's rating"],
  ["risky-sign-in", "Microsoft's rating"],
  ["new-sign-in-method", "new key"],
  ["new-device", "new key"],
  ["sent-burst", "sent mail"],
  ["sent-then-deleted", "sent mail"],
]);

/**
 * The conclusion. Points: critical 10, high 5, medium 2, low and info 0. Of several findings over one thing (one
 * inbox rule, one consent, one rule over the sign-ins, one opinion of Microsoft's) the worst counts, so that noise does
 * not add up.
 *
 * | level          | if                                                                                      |
 * |----------------|-----------------------------------------------------------------------------------------|
 * | `confirmed`    | a decisive finding: entry and trace together, or "confirmed compromised"                |
 * | `likely`       | 10 points: one critical finding, or two high ones over different things                 |
 * | `suspicious`   | 2 points: one medium finding                                                            |
 * | `inconclusive` | less, and a core check isn't whole, or the evidence leaves open what could be harmful   |
 * | `no_evidence`  | less, every core check is ok and complete, and nothing is left open                     |
 *
 * What wasn't seen lowers the confidence and never the level: a gap excuses nobody, and accuses nobody.
 */
export function judgeFindings(
  findings: readonly Finding[],
  {
    coverage,
    gaps,
    core = CORE_CHECKS,
  }: { coverage: readonly Coverage[]; gaps: readonly Gap[]; core?: readonly AnyCheckId[] },
): Verdict {
  const score = scoreOf(findings);
  const isOpen = gaps.some(({ blocking }) => blocking) || !core.every((check) => isWhole(coverage, check));
  const level = levelOf(findings, score, isOpen);
  return {
    level,
    score,
    confidence: isOpen ? "low" : coverage.every(isWithoutGap) ? "high" : "medium",
    because: because(findings, level).map(({ id }) => id),
    blind_spots: blindSpots(coverage, gaps, core),
  };
}

function scoreOf(findings: readonly Finding[]): number {
  const worst = new Map<string, number>();
  for (const { severity, check, rule, evidence } of findings) {
    if (DECISIVE.has(rule)) continue;
    const [first] = evidence;
    const isInboxRule = check === "inbox_rules" && rule !== "inbox-rule-changed";
    const thing =
      isInboxRule || check === "oauth_consents"
        ? `${first?.artifact} ${first?.path}`
        : (ONE_THING.get(rule) ?? rule);
    worst.set(thing, Math.max(worst.get(thing) ?? 0, POINTS[severity]));
  }
  const decisive = findings.filter(({ rule }) => DECISIVE.has(rule)).length;
  return [...worst.values()].reduce((sum, points) => sum + points, decisive * POINTS.critical);
}

function levelOf(findings: readonly Finding[], score: number, isOpen: boolean): VerdictLevel {
  if (findings.some(({ rule }) => DECISIVE.has(rule))) return "confirmed";
  if (score >= LIKELY) return "likely";
  if (score >= SUSPICIOUS) return "suspicious";
  return isOpen ? "inconclusive" : "no_evidence";
}

function because(findings: readonly Finding[], level: VerdictLevel): Finding[] {
  if (level === "no_evidence" || level === "inconclusive") return [];
  return findings.filter(({ severity }) => isAtLeast(severity, "medium"));
}

function isWhole(coverage: readonly Coverage[], check: Coverage["check"]): boolean {
  const line = coverage.find((each) => each.check === check);
  return line?.status === "ok" && !line.truncated;
}

/** Some checks are whole and still say what lay beside them, such as the factors of sign-ins. */
function isWithoutGap(line: Coverage): boolean {
  return isWhole([line], line.check) && line.reason === undefined;
}

/** What keeps the verdict open comes first. */
function blindSpots(
  coverage: readonly Coverage[],
  gaps: readonly Gap[],
  core: readonly AnyCheckId[],
): string[] {
  const isCore = ({ check }: Coverage) => core.includes(check);
  const texts = (blocking: boolean) =>
    gaps.filter((gap) => gap.blocking === blocking).map(({ text }) => text);
  return [
    ...coverage.filter(isCore).flatMap(blindSpot),
    ...texts(true),
    ...coverage.filter((line) => !isCore(line)).flatMap(blindSpot),
    ...texts(false),
  ];
}

function blindSpot({ check, status, truncated, reason }: Coverage): string[] {
  const title = checkTitles[check];
  if (status !== "ok") return [[`${title}: not seen.`, reason].filter(Boolean).join(" ")];
  if (truncated) return [[`${title}: seen only in part.`, reason].filter(Boolean).join(" ")];
  // A check may be whole and still say what lay beside it, such as names of folders that could not be read.
  return reason === undefined ? [] : [`${title}: ${reason}`];
}
