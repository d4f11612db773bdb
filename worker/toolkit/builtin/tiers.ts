/** What an app registration is for. Each tier has its own, so that no program holds more than it needs. */
export const TIERS = [
  "INVESTIGATOR",
  "EXCHANGE_OPERATOR",
  "USER_MANAGER",
  "TENANT_ADMIN",
  "DEFENDER",
] as const;
export type Tier = (typeof TIERS)[number];

// Microsoft's own names of the resources, also where their addresses are set to others.
export const GRAPH_SCOPE = "https://graph.microsoft.com/.default";
const EXCHANGE_SCOPE = "https://outlook.office365.com/.default";

type ResourceName = "graph" | "exchange";

interface Resource {
  /** The same in every tenant. @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
  appId: string;
  displayName: string;
  scope: string;
}

export const RESOURCES: Record<ResourceName, Resource> = {
  graph: {
    appId: "00000003-0000-0000-c000-000000000000",
    displayName: "Microsoft Graph",
    scope: GRAPH_SCOPE,
  },
  exchange: {
    appId: "00000002-0000-0ff1-ce00-000000000000",
    displayName: "Office 365 Exchange Online",
    scope: EXCHANGE_SCOPE,
  },
};
