import type { DirectoryAudit, TargetResource } from "@microsoft/microsoft-graph-types";
import { type Account, guid, preciseTime } from "./tenant.ts";

interface AuditFacts {
  atMs: number;
  activity: string;
  category: "UserManagement" | "ApplicationManagement" | "RoleManagement" | "Device" | "GroupManagement";
  service?: string;
  /** A person, or the name of an app. */
  by: { account: Account; ip: string } | { app: string };
  targets: TargetResource[];
  details?: Record<string, string>;
  reason?: string;
}

/** A row of the audit log, with all the nulls that the real one has. */
export function audit({
  atMs,
  activity,
  category,
  service = "Core Directory",
  by,
  targets,
  details = {},
  reason = "",
}: AuditFacts): DirectoryAudit {
  const id = guid(`audit ${atMs} ${activity} ${targets.map((target) => target.id).join()}`);
  return {
    id: `Directory_${id}_${atMs}`,
    category,
    correlationId: guid(`correlation ${id}`),
    result: "success",
    resultReason: reason,
    activityDisplayName: activity,
    activityDateTime: preciseTime(atMs),
    loggedByService: service,
    operationType: activity.split(" ")[0] ?? "",
    initiatedBy:
      "app" in by
        ? {
            user: null,
            app: {
              appId: null,
              displayName: by.app,
              servicePrincipalId: guid(by.app),
              servicePrincipalName: null,
            },
          }
        : {
            user: {
              id: by.account.id,
              displayName: null,
              userPrincipalName: by.account.upn,
              ipAddress: by.ip,
            },
            app: null,
          },
    targetResources: targets,
    additionalDetails: Object.entries(details).map(([key, value]) => ({ key, value })),
  };
}

export function userTarget(
  { id, upn }: Account,
  modified: Record<string, { before: unknown; after: unknown }> = {},
): TargetResource {
  return {
    id,
    displayName: null,
    type: "User",
    userPrincipalName: upn,
    groupType: null,
    modifiedProperties: modifiedProperties(modified),
  };
}

export function appTarget(
  id: string,
  displayName: string,
  modified: Record<string, { before: unknown; after: unknown }> = {},
): TargetResource {
  return {
    id,
    displayName,
    type: "ServicePrincipal",
    userPrincipalName: null,
    groupType: null,
    modifiedProperties: modifiedProperties(modified),
  };
}

/** Values are JSON in a string, so that words stand in two pairs of quotes. */
function modifiedProperties(modified: Record<string, { before: unknown; after: unknown }>) {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return Object.entries(modified).map(([displayName, { before, after }]) => ({
    displayName,
    oldValue: json(before),
    newValue: json(after),
  }));
}
