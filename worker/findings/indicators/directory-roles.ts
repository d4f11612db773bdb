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

/**
 * Ids of those roles, which are the same in every tenant, for lists that have no names.
 * @see https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference
 */
export const ROLE_TEMPLATES: ReadonlyMap<string, string> = new Map([
  ["62e90394-69f5-4237-9190-012177145e10", "Global Administrator"],
  ["e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"],
  ["7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"],
  ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"],
  ["158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"],
  ["8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator"],
  ["b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"],
  ["194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"],
  ["29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"],
  ["fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"],
  ["c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator"],
  ["729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"],
  ["966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator"],
]);

/** Whether a role is in one of these lists, however the log writes its name. */
export function isRoleIn(roles: readonly string[], role: string): boolean {
  // The well-known names in the log have no blanks: "CompanyAdministrators" in some, "UserAdministrator" in others.
  const plain = (name: string) => name.replace(/\s/g, "").toLowerCase();
  return roles.some((each) => plain(each) === plain(role) || `${plain(each)}s` === plain(role));
}
