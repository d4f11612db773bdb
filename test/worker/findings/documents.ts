import {
  type AnyCheckId,
  CheckId,
  type Coverage,
  type Finding,
  type FindingsDocument,
  type VerdictLevel,
} from "../../../worker/findings/findings.ts";

/** A finding about an inbox rule, as grave as they come. */
export const hidesMail: Finding = {
  id: "a".repeat(40),
  check: "inbox_rules",
  rule: "hidden-mail",
  severity: "critical",
  confidence: "high",
  title: "Inbox rule hides mail about money",
  why: 'The inbox rule "." looks for "invoice", and what it finds is deleted.',
  evidence: [
    {
      artifact: "inbox-rules.json",
      path: "$.value[0]",
      fields: { name: ".", keywords: ["invoice", "payment"], deletes: true },
    },
  ],
  first_seen: null,
  in_window: true,
  attack: ["T1564.008"],
  recommendation: { action: "disable_inbox_rule", text: "Switch the inbox rule off.", reversible: true },
  links: ["https://attack.mitre.org/techniques/T1564/008/"],
};

export const missingCheck = (check: AnyCheckId): Coverage => ({
  check,
  status: "missing",
  records: 0,
  truncated: false,
  reason: "The toolkit left nothing about it.",
  how_to_fix: "Look at it by hand.",
});

/** A document in which every check was whole. */
export function documentWith(level: VerdictLevel, change: Partial<FindingsDocument> = {}): FindingsDocument {
  return {
    schema: "breach-check/findings@1",
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21", domain: "contoso.com" },
      target: "adele@contoso.com",
      started: "2026-11-22T11:59:00Z",
      finished: "2026-11-22T12:00:00Z",
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
      artifacts_sha256: {},
    },
    coverage: CheckId.options.map((check) => ({ check, status: "ok", records: 1, truncated: false })),
    findings: [],
    verdict: { level, confidence: "medium", score: 0, because: [], blind_spots: [] },
    unrecognised: [],
    ...change,
  };
}
