import { accountState } from "./account-state.ts";
import type { Check } from "./check.ts";
import { inboxRules } from "./inbox-rules.ts";
import { signIns } from "./signins.ts";

/** The checks of a user that this toolkit has. Each is a file of its own; a new one is a line here. */
export const USER_CHECKS: readonly Check[] = [inboxRules, signIns, accountState];
