import { createFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { Source } from "../recognise.ts";

/** A finding, and the accounts that it makes suspect: what those did elsewhere weighs more. */
export interface TenantFinding {
  finding: Finding;
  /** Sign-in names in lower case. */
  suspects: string[];
}

interface Draft extends Omit<Parameters<typeof createFinding>[0], "evidence"> {
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
  const finding = createFinding({
    ...draft,
    evidence: evidence.slice(0, MAX_EVIDENCE).map(({ artifact, path, fields }) => ({
      artifact,
      path,
      fields: shortened(fields),
    })),
  });
  const last = span.last ?? span.first;
  return {
    finding: {
      ...finding,
      first_seen: span.first,
      in_window: last === null || Date.parse(last) >= window.start,
    },
    suspects: suspects.map((name) => name.toLowerCase()),
  };
}
const MAX_EVIDENCE = 20;

/** Without what is empty, with attackers' essays cut and lists at a length that a person reads. */
function shortened(fields: Record<string, unknown>): Record<string, unknown> {
  const short = (value: unknown) => (typeof value === "string" ? quote(value, 300) : value);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([key, value]) => [key, Array.isArray(value) ? value.slice(0, 20).map(short) : short(value)]),
  );
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
