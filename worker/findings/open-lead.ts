import { type Coverage, checkTitles, type FindingsDocument } from "./findings.ts";

/** The paragraph under "Inconclusive": what was in the way, and that nothing found is no answer. */
export function openLead({ verdict, coverage }: Pick<FindingsDocument, "verdict" | "coverage">): string {
  const cause = commonCause(coverage);
  if (cause !== undefined) return `Nothing could be looked at, so there is no answer. ${cause}`;
  const [gap = ""] = verdict.blind_spots;
  const cure = coverage.find(({ check }) => gap.startsWith(`${checkTitles[check]}: `))?.how_to_fix;
  const next = cure || "Fix that and run again, or look by hand.";
  return `Too little could be seen for an answer. ${gap} ${next} An empty list here is not proof that nothing happened.`;
}

/** A reason that a check shares with others has nothing to do with its being optional. */
export function withoutLabel(words: string): string {
  return words.replace(/^Optional check: /, "");
}

/** What kept every single check from seeing anything, such as a mistyped account or a secret that has expired. */
function commonCause(coverage: readonly Coverage[]): string | undefined {
  const [first] = coverage;
  if (
    first?.reason === undefined ||
    coverage.some(({ status, reason }) => status === "ok" || reason === undefined)
  )
    return undefined;
  if (new Set(coverage.map(({ reason = "" }) => withoutLabel(reason))).size > 1) return undefined;
  return [first.reason, first.how_to_fix].filter(Boolean).join(" ");
}
