import { CheckError } from "./check-error.ts";
import type { GraphClient } from "./graph-client.ts";
import type { Limits } from "./limits.ts";
import type { Permission } from "./tiers.ts";

/**
 * What a permission is good for, found out by the smallest read that needs it.
 * - `works`: it was used. `granted`: consented, and only a change could use it.
 * - `missing`: not consented. `refused`: consented, and refused nevertheless.
 * - `unproven`: it could not be tried.
 */
export type PermissionState =
  | { state: "works" | "granted" }
  | { state: "missing" | "refused" | "unproven"; reason: string; howToFix: string };

interface ProveOptions {
  /** With a token of the tier that the permission is for. */
  graph: GraphClient;
  limits: Limits;
  /** `undefined` if the consent could not be read; then a refusal is taken for a missing permission. */
  isGranted: boolean | undefined;
  /** Accounts that may have a mailbox. */
  userIds: readonly string[];
  resourceName: string;
}

/** Never throws for what the tenant says; only for mistakes of this program. */
export async function provePermission(
  permission: Permission,
  { isGranted, resourceName, ...options }: ProveOptions,
): Promise<PermissionState> {
  if (isGranted === false) return missing(permission, resourceName);
  const { proof } = permission;
  if (proof.kind === "unproven") return unproven(`${capital(proof.why)}.`, "Try it by hand.");
  if (proof.kind === "change") {
    if (isGranted) return { state: "granted" };
    return unproven("Only a change could use it, and the consent could not be read.", READ_CONSENT);
  }
  try {
    await tryRead(permission, options);
    return { state: "works" };
  } catch (thrown) {
    if (!(thrown instanceof CheckError)) throw thrown;
    const { status, message: reason, howToFix } = thrown;
    if (status !== "no_permission") return unproven(reason, howToFix);
    if (isGranted === undefined) return missing(permission, resourceName);
    return {
      state: "refused",
      reason: `It is consented to, and refused nevertheless: ${reason}`,
      howToFix:
        "A consent takes some minutes to be known everywhere: wait and run this again. If it stays, look for an application access policy of Exchange or a Conditional Access policy for workload identities.",
    };
  }
}

const READ_CONSENT = "Have the INVESTIGATOR app consented to with Directory.Read.All, and run this again.";

/** @throws {CheckError} */
async function tryRead(
  { value: permission, proof }: Permission,
  { graph, limits, userIds }: Pick<ProveOptions, "graph" | "limits" | "userIds">,
): Promise<void> {
  if (proof.kind === "read") {
    await graph.get(proof.path, { limit: limits[proof.limit ?? "directory"], permission });
    return;
  }
  if (proof.kind !== "read-of-user") return;
  let last = new CheckError("NO_ACCOUNT", "There was no account to try it with.", {
    status: "missing",
    howToFix: READ_CONSENT,
  });
  for (const id of userIds) {
    try {
      await graph.get(proof.path(id), { limit: limits[proof.limit ?? "directory"], permission });
      return;
    } catch (thrown) {
      // Somebody else may have a mailbox.
      if (!(thrown instanceof CheckError) || thrown.status !== "no_mailbox") throw thrown;
      last = thrown;
    }
  }
  throw last;
}

function missing({ value }: Permission, resourceName: string): PermissionState {
  return {
    state: "missing",
    reason: "It is not consented to.",
    howToFix: `Add ${value} of ${resourceName} (application permission) to the app registration, then open the consent URL.`,
  };
}

function unproven(reason: string, howToFix: string): PermissionState {
  return { state: "unproven", reason, howToFix };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
