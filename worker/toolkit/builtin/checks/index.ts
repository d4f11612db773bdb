import { accountState } from "./account-state.ts";
import { authMethods } from "./auth-methods.ts";
import type { Check } from "./check.ts";
import { deletedItems } from "./deleted-items.ts";
import { directoryAudits } from "./directory-audits.ts";
import { inboxRules } from "./inbox-rules.ts";
import { mailboxForwarding } from "./mailbox-forwarding.ts";
import { oauthConsents } from "./oauth-consents.ts";
import { risk } from "./risk.ts";
import { sentItems } from "./sent-items.ts";
import { signIns } from "./signins.ts";

/**
 * The checks of a user that this toolkit has. Each is a file of its own; a new one is a line here. They start in this
 * order and so stand in line for the limits that they share: who has a second round of requests stands first.
 */
export const USER_CHECKS: readonly Check[] = [
  inboxRules,
  mailboxForwarding,
  oauthConsents,
  authMethods,
  signIns,
  risk,
  directoryAudits,
  sentItems,
  deletedItems,
  accountState,
];
