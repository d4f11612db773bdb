import { CheckError } from "./check-error.ts";
import type { ExchangeClient } from "./exchange-client.ts";
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

/** An account that may have a mailbox. */
export interface MailAccount {
  id: string;
  upn: string;
}

interface ProveOptions {
  /** With a token of the tier that the permission is for, as `exchangeFor`. */
  graph: GraphClient;
  exchangeFor: (upn: string) => ExchangeClient;
  limits: Limits;
  /** `undefined` if the consent could not be read; then a refusal is taken for a missing permission. */
  isGranted: boolean | undefined;
  accounts: readonly MailAccount[];
  resourceName: string;
}

/** Never throws for what the tenant says; only for mistakes of this program. */
export async function provePermission(
  permission: Permission,
  { isGranted, resourceName, ...options }: ProveOptions,
): Promise<PermissionState> {
  if (isGranted === false) return missing(permission, resourceName);
  const { proof } = permission;
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
        proof.kind === "exchange"
          ? howToFix
          : "A consent takes some minutes to be known everywhere: wait and run this again. If it stays, look for an application access policy of Exchange or a Conditional Access policy for workload identities.",
    };
  }
}

const READ_CONSENT = "Have the INVESTIGATOR app consented to with Directory.Read.All, and run this again.";

/** @throws {CheckError} */
async function tryRead(
  { value: permission, proof }: Permission,
  { graph, exchangeFor, limits, accounts }: Omit<ProveOptions, "isGranted" | "resourceName">,
): Promise<void> {
  switch (proof.kind) {
    case "read":
      await graph.get(proof.path, { limit: limits[proof.limit ?? "directory"], permission });
      return;
    case "read-of-user":
      return firstWithMailbox(accounts, ({ id }) =>
        graph.get(proof.path(id), { limit: limits[proof.limit ?? "directory"], permission }),
      );
    case "exchange":
      return firstWithMailbox(accounts, ({ upn }) =>
        exchangeFor(upn).invoke({ cmdlet: "Get-Mailbox", parameters: { Identity: upn }, select: ["Guid"] }),
      );
    case "change":
      return;
  }
}

/** An account without a mailbox says nothing about the permission, and another one may have one. */
async function firstWithMailbox(
  accounts: readonly MailAccount[],
  read: (account: MailAccount) => Promise<unknown>,
): Promise<void> {
  let last = new CheckError("NO_ACCOUNT", "There was no account to try it with.", {
    status: "missing",
    howToFix: READ_CONSENT,
  });
  for (const account of accounts) {
    try {
      await read(account);
      return;
    } catch (thrown) {
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
