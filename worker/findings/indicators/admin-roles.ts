/**
 * Directory roles by the id of their template, which is the same in every tenant. "tenant": whoever holds it can make
 * themselves anything. "people": it resets passwords, or reads and changes what belongs to others.
 * @see https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference
 */
export const ADMIN_ROLES: ReadonlyMap<string, { name: string; reach: "tenant" | "people" }> = new Map([
  ["62e90394-69f5-4237-9190-012177145e10", { name: "Global Administrator", reach: "tenant" }],
  ["e8611ab8-c189-46e8-94e1-60213ab1f814", { name: "Privileged Role Administrator", reach: "tenant" }],
  [
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    { name: "Privileged Authentication Administrator", reach: "tenant" },
  ],
  ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", { name: "Application Administrator", reach: "tenant" }],
  ["158c047a-c907-4556-b7ef-446551a6b5f7", { name: "Cloud Application Administrator", reach: "tenant" }],
  ["8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", { name: "Hybrid Identity Administrator", reach: "tenant" }],
  ["8329153b-31d0-4727-b945-745eb3bc5f31", { name: "Domain Name Administrator", reach: "tenant" }],
  ["b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", { name: "Conditional Access Administrator", reach: "tenant" }],
  ["194ae4cb-b126-40b2-bd5b-6091b380977d", { name: "Security Administrator", reach: "tenant" }],
  ["29232cdf-9323-42fd-ade2-1d097af3e4de", { name: "Exchange Administrator", reach: "people" }],
  ["fe930be7-5e62-47db-91af-98c3a49a38b1", { name: "User Administrator", reach: "people" }],
  ["c4e39bd9-1100-46d3-8c65-fb160da0071f", { name: "Authentication Administrator", reach: "people" }],
  ["729827e3-9c14-49f7-bb1b-9608f156bbb8", { name: "Helpdesk Administrator", reach: "people" }],
  ["966707d0-3269-4727-9be2-8c3a10f19b9d", { name: "Password Administrator", reach: "people" }],
  ["f28a1f50-f6e7-4571-818b-6a12f2af6b6c", { name: "SharePoint Administrator", reach: "people" }],
]);

export function adminRoleNamed(name: string): { name: string; reach: "tenant" | "people" } | undefined {
  const wanted = name.toLowerCase();
  // "Company Administrator" is what older records and PowerShell call the first of them.
  if (wanted === "company administrator") return { name: "Global Administrator", reach: "tenant" };
  return [...ADMIN_ROLES.values()].find((role) => role.name.toLowerCase() === wanted);
}
