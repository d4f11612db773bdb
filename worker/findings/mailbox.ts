import { z } from "zod";
import { isOutside, parseRecipients } from "./addresses.ts";
import { flag, strings, text } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** Where a whole mailbox's mail goes, which Graph doesn't tell: Exchange's `Get-Mailbox`. */
export interface Mailbox {
  upn: string | undefined;
  /** An address in full; it may lie outside. */
  forwardsTo: string | undefined;
  forwardsOutside: boolean;
  /** An entry of the directory, possibly a contact that stands for an address outside. */
  forwardsToEntry: string | undefined;
  /** Whether the owner still gets the mail. `undefined` is "not in the evidence". */
  keepsCopy: boolean | undefined;
  sendOnBehalf: string[];
  source: Source;
}

/** @see https://learn.microsoft.com/en-us/powershell/module/exchange/get-mailbox */
const ExchangeMailbox = z.object({
  userPrincipalName: text,
  primarySmtpAddress: text,
  forwardingSmtpAddress: text,
  forwardingAddress: text,
  deliverToMailboxAndForward: flag,
  grantSendOnBehalfTo: strings,
});

export function toMailbox({ value, source }: EvidenceRecord, domains: readonly string[]): Mailbox {
  const mailbox = ExchangeMailbox.parse(value);
  const [target] = parseRecipients(mailbox.forwardingSmtpAddress ?? "");
  const forwardsTo = target?.kind === "address" ? target.address : undefined;
  return {
    upn: mailbox.userPrincipalName ?? mailbox.primarySmtpAddress,
    forwardsTo,
    forwardsOutside: forwardsTo !== undefined && isOutside(forwardsTo, domains),
    forwardsToEntry: mailbox.forwardingAddress?.trim() || undefined,
    keepsCopy: mailbox.deliverToMailboxAndForward,
    sendOnBehalf: mailbox.grantSendOnBehalfTo,
    source,
  };
}

/** Another's access to the mailbox. Exchange writes no time with it. */
export interface MailboxPermission {
  mailbox: string | undefined;
  /** Who may. */
  holder: string;
  rights: string[];
  source: Source;
}

/** @see https://learn.microsoft.com/en-us/powershell/module/exchange/get-mailboxpermission */
const Permission = z.object({
  identity: text,
  user: text,
  trustee: text,
  accessRights: strings,
  accessControlType: text,
  isInherited: flag,
  deny: flag,
});

/** `undefined` for what every mailbox has: its owner's own right, Exchange's inherited ones, and refusals. */
export function toMailboxPermission({ value, source }: EvidenceRecord): MailboxPermission | undefined {
  const permission = Permission.parse(value);
  const holder = permission.user ?? permission.trustee;
  if (holder === undefined || permission.isInherited === true || permission.deny === true) return undefined;
  if (permission.accessControlType?.toLowerCase() === "deny") return undefined;
  if (/^NT AUTHORITY\\|^S-1-5-/i.test(holder)) return undefined;
  // Windows PowerShell writes the list as "{FullAccess, ReadPermission}".
  const rights = permission.accessRights.flatMap((right) => right.replace(/[{}]/g, "").split(/[,\s]+/));
  return { mailbox: permission.identity, holder, rights: rights.filter(Boolean), source };
}
