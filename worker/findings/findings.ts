import * as z from "zod";

/** The ten points of a user's investigation. A toolkit may not have all of them; the coverage says so. */
export const CheckId = z.enum([
  "inbox_rules",
  "mailbox_forwarding",
  "oauth_consents",
  "auth_methods",
  "signins",
  "risk",
  "directory_audits",
  "sent_items",
  "deleted_items",
  "account_state",
]);
export type CheckId = z.infer<typeof CheckId>;

/** The points of a sweep over a whole tenant. Those that look into the same log as a check of a user share its id. */
export const SweepCheckId = z.enum([
  "signins",
  "risk",
  "directory_audits",
  "oauth_consents",
  "known_apps",
  "admin_roles",
  "new_users",
  "mailbox_forwarding",
  "transport_rules",
]);
export type SweepCheckId = z.infer<typeof SweepCheckId>;

/** A check of either kind of investigation. */
export const AnyCheckId = z.enum([
  ...CheckId.options,
  "known_apps",
  "admin_roles",
  "new_users",
  "transport_rules",
]);
export type AnyCheckId = z.infer<typeof AnyCheckId>;

/** What people read in place of the ids. */
export const checkTitles: Record<AnyCheckId, string> = {
  inbox_rules: "Inbox rules",
  mailbox_forwarding: "Mailbox forwarding",
  oauth_consents: "App consents",
  auth_methods: "Sign-in methods",
  signins: "Sign-ins",
  risk: "Identity risk",
  directory_audits: "Directory changes",
  sent_items: "Sent mail",
  deleted_items: "Deleted mail",
  account_state: "Account",
  known_apps: "Known-abused apps",
  admin_roles: "Admin roles",
  new_users: "New users",
  transport_rules: "Mail flow rules",
};

/**
 * Without every one of these "ok", a quiet result is "inconclusive" and never "no evidence". A check is here if a
 * break-in may show in it alone, and if whoever can read sign-ins can read it too: a consent outlives the password and
 * shows nowhere else, and Directory.Read.All, which it takes, is needed for sign-ins as well.
 *
 * Not here, though their absence is named and lowers the confidence: `mailbox_forwarding` (needs an Exchange role that
 * most app registrations lack: no tenant without it would ever get an answer), `risk` (Entra ID P2), `directory_audits`
 * (what it tells, methods, roles and consents still show), and the rest, which counts only beside a doubtful sign-in.
 */
export const CORE_CHECKS: readonly AnyCheckId[] = [
  "inbox_rules",
  "signins",
  "oauth_consents",
  "account_state",
];

/** The same for a tenant. Risk ratings are not among them: they need a licence that most tenants do without. */
export const CORE_SWEEP_CHECKS: readonly AnyCheckId[] = [
  "signins",
  "directory_audits",
  "oauth_consents",
  "known_apps",
];

export const CoverageStatus = z.enum([
  "ok",
  "not_licensed",
  "no_permission",
  "no_mailbox",
  "throttled",
  "timeout",
  "error",
  "skipped",
  "missing",
]);
export type CoverageStatus = z.infer<typeof CoverageStatus>;

/** What one check saw, and what it did not see and why. `reason` and `how_to_fix` are sentences for the reader. */
export const Coverage = z.object({
  check: AnyCheckId,
  status: CoverageStatus,
  records: z.number().int().nonnegative(),
  truncated: z.boolean(),
  reason: z.string().optional(),
  how_to_fix: z.string().optional(),
});
export type Coverage = z.infer<typeof Coverage>;

export const Severity = z.enum(["critical", "high", "medium", "low", "info"]);
export type Severity = z.infer<typeof Severity>;

export const Finding = z.object({
  /** sha1 of the check and a stable key, so that the same thing has the same id in the next run. */
  id: z.string(),
  check: AnyCheckId,
  rule: z.string(),
  severity: Severity,
  confidence: z.enum(["high", "medium", "low"]),
  title: z.string(),
  /** One plain sentence. It may quote what an attacker wrote, so whoever shows it escapes it. */
  why: z.string(),
  evidence: z.array(
    z.object({ artifact: z.string(), path: z.string(), fields: z.record(z.string(), z.unknown()) }),
  ),
  first_seen: z.iso.datetime({ offset: true }).nullable(),
  in_window: z.boolean(),
  /** ATT&CK technique ids, such as "T1564.008". */
  attack: z.array(z.string()),
  recommendation: z.object({ action: z.string(), text: z.string(), reversible: z.boolean() }),
  links: z.array(z.url()),
});
export type Finding = z.infer<typeof Finding>;

export const VerdictLevel = z.enum(["confirmed", "likely", "suspicious", "no_evidence", "inconclusive"]);
export type VerdictLevel = z.infer<typeof VerdictLevel>;

export const Verdict = z.object({
  level: VerdictLevel,
  confidence: z.enum(["high", "medium", "low"]),
  score: z.number().int().nonnegative(),
  /** Ids of the findings that carry the verdict. */
  because: z.array(z.string()),
  blind_spots: z.array(z.string()),
});
export type Verdict = z.infer<typeof Verdict>;

export const ComparedFinding = z.object({ id: z.string(), severity: Severity, title: z.string() });
export type ComparedFinding = z.infer<typeof ComparedFinding>;

/** Against the last run of the same subject. `not_comparable`: the check was not seen whole in one of the two. */
export const Comparison = z.object({
  case: z.string(),
  finished: z.iso.datetime(),
  verdict: VerdictLevel,
  new: z.array(ComparedFinding),
  gone: z.array(ComparedFinding),
  not_comparable: z.array(ComparedFinding),
});
export type Comparison = z.infer<typeof Comparison>;

export const TimelineLane = z.enum([
  "failed_sign_ins",
  "sign_ins",
  "risk",
  "sign_in_methods",
  "app_consents",
  "inbox_rules",
  "directory_changes",
]);
export type TimelineLane = z.infer<typeof TimelineLane>;

/** What happened when, oldest first; `omitted` counts what was too much to list. */
export const Timeline = z.object({
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  events: z.array(
    z.object({ at: z.iso.datetime(), lane: TimelineLane, label: z.string(), severity: Severity }),
  ),
  omitted: z.number().int().nonnegative(),
  /** What an event stands for, where that is not one thing that happened. */
  note: z.string().optional(),
});
export type Timeline = z.infer<typeof Timeline>;

/** `findings.json` of a case. */
export const FindingsDocument = z.object({
  schema: z.literal("breach-check/findings@1"),
  run: z.object({
    id: z.string(),
    kind: z.enum(["user", "tenant"]),
    tenant: z.object({ id: z.string(), domain: z.string().nullable() }),
    target: z.string().nullable(),
    started: z.iso.datetime(),
    finished: z.iso.datetime(),
    window_days: z.number().int().positive(),
    requested_by: z.string(),
    toolkit: z.object({ name: z.string(), version: z.string() }),
    artifacts_sha256: z.record(z.string(), z.string()),
  }),
  coverage: z.array(Coverage),
  findings: z.array(Finding),
  verdict: Verdict,
  /** What nobody read, and why; the size is null for a file that the runner did not take over. */
  unrecognised: z.array(
    z.object({ artifact: z.string(), size_bytes: z.number().int().nullable(), reason: z.string() }),
  ),
  timeline: Timeline.optional(),
  /** Missing in the first run of a subject. */
  comparison: Comparison.optional(),
});
export type FindingsDocument = z.infer<typeof FindingsDocument>;
