import { createDatedFinding, evidenceItem, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { Source } from "../recognise.ts";

/**
 * A finding, and the accounts that it makes suspect: what those did elsewhere weighs more. A change names those accounts
 * under suspicion that made it.
 */
export interface TenantFinding {
  finding: Finding;
  /** Sign-in names in lower case. */
  suspects: string[];
}

interface Draft extends Omit<Parameters<typeof createDatedFinding>[0], "evidence"> {
  /** The group or record that it rests on, and where that stands. */
  evidence: readonly (Source & { fields: Record<string, unknown> })[];
  /** ISO times, or null where the evidence has none. */
  span: { first: string | null; last: string | null };
  suspects?: readonly string[];
}

export function createTenantFinding(
  { span, suspects = [], evidence, ...draft }: Draft,
  window: Window,
): TenantFinding {
  const finding = createDatedFinding(
    {
      ...draft,
      evidence: evidence.map(({ fields, ...source }) => evidenceItem({ source }, withoutNulls(fields))),
    },
    [span.first, span.last].map((time) => (time === null ? undefined : Date.parse(time))),
    window,
  );
  return { finding, suspects: suspects.map((name) => name.toLowerCase()) };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ""));
}

/** Findings of one rule, the first `max` in full and one more that counts the rest. */
export function atMost(
  findings: readonly TenantFinding[],
  max: number,
  ofRest: (rest: readonly TenantFinding[]) => TenantFinding,
): TenantFinding[] {
  if (findings.length <= max) return [...findings];
  return [...findings.slice(0, max), ofRest(findings.slice(max))];
}
