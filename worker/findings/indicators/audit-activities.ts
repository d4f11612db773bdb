/** What rules ask of the audit logs, in our own words. */
export type Act =
  | "security-info-added"
  | "security-info-removed"
  | "temporary-access-pass"
  | "password-reset"
  | "role-assigned"
  | "consent"
  | "device-registered"
  | "inbox-rule-changed"
  | "mailbox-changed"
  | "mailbox-access-given";

/**
 * Names of activities in Entra's audit log and of operations in the unified audit log, which ends some of the same
 * names with a full stop.
 * @see https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-audit-activities
 * @see https://learn.microsoft.com/en-us/purview/audit-log-activities
 */
export const ACTIVITIES: Readonly<Record<Act, readonly string[]>> = {
  "security-info-added": [
    "User registered security info",
    "User registered all required security info",
    "Admin registered security info",
    "User updated security info",
    "Admin updated security info",
  ],
  "security-info-removed": [
    "User deleted security info",
    "Admin deleted security info",
    "Disable Strong Authentication",
  ],
  // Entra logs it as security info; the reason tells.
  "temporary-access-pass": [],
  "password-reset": ["Reset user password", "Reset password (by admin)"],
  // Activations of a role by PIM are not here: administrators do that every morning.
  "role-assigned": [
    "Add member to role",
    "Add eligible member to role",
    "Add member to role in PIM completed (permanent)",
    "Add eligible member to role in PIM completed (permanent)",
    "Add member to role outside of PIM (permanent)",
  ],
  consent: ["Consent to application"],
  "device-registered": ["Register device", "Add device", "Add registered owner to device"],
  "inbox-rule-changed": ["New-InboxRule", "Set-InboxRule", "Enable-InboxRule", "UpdateInboxRules"],
  "mailbox-changed": ["Set-Mailbox"],
  "mailbox-access-given": [
    "Add-MailboxPermission",
    "Add-RecipientPermission",
    "AddFolderPermissions",
    "UpdateCalendarDelegation",
  ],
};

const ACTS = new Map(
  Object.entries(ACTIVITIES).flatMap(([act, names]) =>
    names.map((name) => [name.toLowerCase(), act] as const),
  ),
);

export function actOf(activity: string, reason: string): Act | undefined {
  const act = ACTS.get(activity.trim().replace(/\.$/, "").toLowerCase());
  const isPass = act === "security-info-added" && /temporary access pass/i.test(reason);
  return isPass ? "temporary-access-pass" : isAct(act) ? act : undefined;
}

function isAct(act: string | undefined): act is Act {
  return act !== undefined && Object.hasOwn(ACTIVITIES, act);
}
