/**
 * Roles whose holder can take over the tenant or other accounts, as Microsoft marks them "privileged".
 * @see https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/privileged-roles-permissions
 */
export const PRIVILEGED_ROLES: readonly string[] = [
  "Global Administrator",
  "Company Administrator",
  "Privileged Role Administrator",
  "Privileged Authentication Administrator",
  "Application Administrator",
  "Cloud Application Administrator",
  "Authentication Administrator",
  "Authentication Policy Administrator",
  "Conditional Access Administrator",
  "Security Administrator",
  "User Administrator",
  "Helpdesk Administrator",
  "Password Administrator",
  "Hybrid Identity Administrator",
  "Intune Administrator",
  "Exchange Administrator",
  "Partner Tier2 Support",
];

/** Who holds one of these needs nothing more. "Company Administrator" is the older name of the first in the log. */
export const ALMIGHTY_ROLES: readonly string[] = [
  "Global Administrator",
  "Company Administrator",
  "Privileged Role Administrator",
  "Privileged Authentication Administrator",
];
