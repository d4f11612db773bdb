import { CheckError } from "../check-error.ts";
import { adminRoles } from "./admin-roles.ts";
import { directoryAudits } from "./directory-audits.ts";
import { knownApps } from "./known-apps.ts";
import { newUsers } from "./new-users.ts";
import { riskyUsers } from "./risky-users.ts";
import { signIns } from "./sign-ins.ts";
import type { SweepCheck } from "./sweep-check.ts";
import { tenantGrants } from "./tenant-grants.ts";

/** Forwarding of all mailboxes, and mail flow rules, are in Exchange's own interface, and not in Graph. */
const inExchange = (id: "mailbox_forwarding" | "transport_rules", where: string): SweepCheck => ({
  id,
  async run() {
    throw new CheckError("NOT_DONE", "The built-in sweep does not look into Exchange.", {
      status: "skipped",
      howToFix: `Look in the Exchange admin center: ${where}.`,
    });
  },
});

/**
 * The checks of a tenant that this toolkit has. Those of the audit logs wait for each other's limit, five requests in ten
 * seconds, and the sign-ins take as many as they get: the changes stand first, since they are few and tell more.
 */
export const SWEEP_CHECKS: readonly SweepCheck[] = [
  directoryAudits,
  signIns,
  riskyUsers,
  tenantGrants,
  knownApps,
  adminRoles,
  newUsers,
  inExchange("mailbox_forwarding", "Recipients, Mailboxes, Manage mail flow settings"),
  inExchange("transport_rules", "Mail flow, Rules"),
];
