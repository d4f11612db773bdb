/** What an app registration is for. Each tier has its own, so that no program holds more than it needs. */
export const TIERS = [
  "INVESTIGATOR",
  "EXCHANGE_OPERATOR",
  "USER_MANAGER",
  "TENANT_ADMIN",
  "DEFENDER",
] as const;
export type Tier = (typeof TIERS)[number];
