import type { Evidence } from "../evidence.ts";
import { bySeverity, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { abusedApp } from "./abused-app.ts";
import { accountFacts } from "./account-facts.ts";
import { appConsentCount } from "./app-consents.ts";
import { blankName } from "./blank-name.ts";
import { consentGiven } from "./consent-given.ts";
import { deletedNotifications } from "./deleted-notifications.ts";
import { deviceCode } from "./device-code.ts";
import { externalForward } from "./external-forward.ts";
import { foreignFailures } from "./foreign-failures.ts";
import { foreignSignIn } from "./foreign-sign-in.ts";
import { forwardingSet } from "./forwarding-set.ts";
import { hiddenMail } from "./hidden-mail.ts";
import { impossibleTravel } from "./impossible-travel.ts";
import { inboxRuleChanged } from "./inbox-rule-changed.ts";
import { legacyClient } from "./legacy-client.ts";
import { mailboxAccess } from "./mailbox-access.ts";
import { mailboxForward } from "./mailbox-forward.ts";
import { matchesEverything } from "./matches-everything.ts";
import { mfaFatigue } from "./mfa-fatigue.ts";
import { newDevice } from "./new-device.ts";
import { newSignInMethod } from "./new-sign-in-method.ts";
import { overreachingApp } from "./overreaching-app.ts";
import { passwordGuessing } from "./password-guessing.ts";
import { phishingKit } from "./phishing-kit.ts";
import { removedSignInMethod } from "./removed-sign-in-method.ts";
import { resetByAnother } from "./reset-by-another.ts";
import { riskySignIn } from "./risky-sign-in.ts";
import { riskyUser } from "./risky-user.ts";
import { roleAssigned } from "./role-assigned.ts";
import { sentBurst } from "./sent-burst.ts";
import { sentThenDeleted } from "./sent-then-deleted.ts";
import { stoppedAfterPassword } from "./stopped-after-password.ts";
import { takeover } from "./takeover.ts";
import { temporaryAccessPass } from "./temporary-access-pass.ts";
import { uninspectableInboxRule } from "./uninspectable-inbox-rule.ts";
import { unreadFolder } from "./unread-folder.ts";
import { vanishedInboxRule } from "./vanished-inbox-rule.ts";

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
  riskyUser,
  newSignInMethod,
  removedSignInMethod,
  temporaryAccessPass,
  newDevice,
  resetByAnother,
  roleAssigned,
  abusedApp,
  overreachingApp,
  consentGiven,
  mailboxForward,
  forwardingSet,
  mailboxAccess,
  vanishedInboxRule,
  inboxRuleChanged,
  sentBurst,
  sentThenDeleted,
  deletedNotifications,
  foreignFailures,
  accountFacts,
  appConsentCount,
];

/** Rules over the findings of the others. */
const COMBINATIONS: readonly ((findings: readonly Finding[]) => Finding[])[] = [takeover];

/** All findings, the worst first. */
export function findAll(evidence: Evidence, window: Window): Finding[] {
  const single = [
    ...INBOX_RULE_RULES.flatMap((rule) => evidence.inboxRules.flatMap((inboxRule) => rule(inboxRule) ?? [])),
    ...EVIDENCE_RULES.flatMap((rule) => rule(evidence, window)),
  ].sort(bySeverity);
  // What several findings mean together is read first.
  return [...COMBINATIONS.flatMap((rule) => rule(single)), ...single].sort(bySeverity);
}
