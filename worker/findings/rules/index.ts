import type { Evidence } from "../evidence.ts";
import { bySeverity, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { accountFacts } from "./account-facts.ts";
import { blankName } from "./blank-name.ts";
import { deviceCode } from "./device-code.ts";
import { externalForward } from "./external-forward.ts";
import { foreignFailures } from "./foreign-failures.ts";
import { foreignSignIn } from "./foreign-sign-in.ts";
import { hiddenMail } from "./hidden-mail.ts";
import { impossibleTravel } from "./impossible-travel.ts";
import { legacyClient } from "./legacy-client.ts";
import { matchesEverything } from "./matches-everything.ts";
import { mfaFatigue } from "./mfa-fatigue.ts";
import { passwordGuessing } from "./password-guessing.ts";
import { phishingKit } from "./phishing-kit.ts";
import { riskySignIn } from "./risky-sign-in.ts";
import { stoppedAfterPassword } from "./stopped-after-password.ts";
import { takeover } from "./takeover.ts";
import { uninspectableInboxRule } from "./uninspectable-inbox-rule.ts";
import { unreadFolder } from "./unread-folder.ts";

/** Rules over one inbox rule. */
const INBOX_RULE_RULES: readonly ((inboxRule: InboxRule) => Finding | undefined)[] = [
  hiddenMail,
  externalForward,
  matchesEverything,
  unreadFolder,
  blankName,
  uninspectableInboxRule,
];

/** Rules over all that is known of the account. */
const EVIDENCE_RULES: readonly ((evidence: Evidence, window: Window) => Finding[])[] = [
  phishingKit,
  foreignSignIn,
  impossibleTravel,
  riskySignIn,
  mfaFatigue,
  passwordGuessing,
  stoppedAfterPassword,
  deviceCode,
  legacyClient,
  foreignFailures,
  accountFacts,
];

/** Rules over the findings of the others. */
const COMBINATIONS: readonly ((findings: readonly Finding[]) => Finding[])[] = [takeover];

/** All findings, the worst first. */
export function findAll(evidence: Evidence, window: Window): Finding[] {
  const single = [
    ...INBOX_RULE_RULES.flatMap((rule) => evidence.inboxRules.flatMap((inboxRule) => rule(inboxRule) ?? [])),
    ...EVIDENCE_RULES.flatMap((rule) => rule(evidence, window)),
  ].sort(bySeverity);
  return [...single, ...COMBINATIONS.flatMap((rule) => rule(single))].sort(bySeverity);
}
