import { z } from "zod";
import { CheckError } from "./check-error.ts";
import type { Account } from "./checks/check.ts";

const User = z.object({ onPremisesSyncEnabled: z.boolean().nullish() });

/** The same refusal, with the cause named where the account itself tells it. */
export function explainMissingMailbox(error: CheckError, account: Account): CheckError {
  const guest = guestOf(account.upn);
  if (guest !== undefined) {
    return new CheckError("GUEST_MAILBOX", "The account is a guest: its mailbox is in its home tenant.", {
      status: "no_mailbox",
      howToFix: `Run the check in the home tenant, on ${guest}.`,
      cause: error,
    });
  }
  const user = account.kind === "found" ? User.safeParse(account.user).data : undefined;
  if (user?.onPremisesSyncEnabled !== true) return error;
  const reason = `${error.message} The account is synchronised from on premises, where its mailbox probably is.`;
  return new CheckError(error.code, reason, error);
}

/** What is not seen of a guest, whichever checks are complete. */
export function guestNote(upn: string): CheckError | undefined {
  const guest = guestOf(upn);
  if (guest === undefined) return undefined;
  return new CheckError(
    "GUEST",
    "The account is a guest: its password, mailbox and sign-ins elsewhere belong to its home tenant and were not seen.",
    { status: "skipped", howToFix: `Run the check in the home tenant, on ${guest}.` },
  );
}

/**
 * The address behind a guest's sign-in name: `jane_fabrikam.com#EXT#@contoso.onmicrosoft.com` is jane@fabrikam.com.
 * @see https://learn.microsoft.com/entra/external-id/user-properties
 */
function guestOf(upn: string): string | undefined {
  const [, name, domain] = /^(.+)_([^_]+)#EXT#@/i.exec(upn) ?? [];
  return name === undefined || domain === undefined ? undefined : `${name}@${domain}`;
}
