import type { MailFolder, MessageRule, Recipient } from "@microsoft/microsoft-graph-types";
import { type Account, guid } from "./tenant.ts";

/** The part of `Get-Mailbox` that says where mail goes. @see https://learn.microsoft.com/powershell/module/exchange/set-mailbox */
export interface ExchangeForwarding {
  /** With the prefix that Exchange adds: `smtp:someone@example.com`. */
  ForwardingSmtpAddress: string | null;
  /** The name of a recipient in the tenant. */
  ForwardingAddress: string | null;
  /** `false` with an address: no copy is kept. */
  DeliverToMailboxAndForward: boolean;
  HiddenFromAddressListsEnabled: boolean;
  GrantSendOnBehalfTo: string[];
}

export const NO_FORWARDING: ExchangeForwarding = {
  ForwardingSmtpAddress: null,
  ForwardingAddress: null,
  DeliverToMailboxAndForward: false,
  HiddenFromAddressListsEnabled: false,
  GrantSendOnBehalfTo: [],
};

export function exchangeMailbox({ id, upn, displayName }: Account, forwarding: ExchangeForwarding) {
  return {
    ExternalDirectoryObjectId: id,
    UserPrincipalName: upn,
    PrimarySmtpAddress: upn,
    DisplayName: displayName,
    RecipientTypeDetails: "UserMailbox",
    ...forwarding,
  };
}

/** A row of `Get-InboxRule`, which has more. @see https://learn.microsoft.com/powershell/module/exchange/get-inboxrule */
export interface ExchangeRule {
  RuleIdentity: string;
  Identity: string;
  Name: string;
  Enabled: boolean;
  Priority: number;
  InError: boolean;
  SupportedByTask: boolean;
  Description: string;
  SubjectOrBodyContainsWords: string[] | null;
  SubjectContainsWords: string[] | null;
  FromAddressContainsWords: string[] | null;
  MoveToFolder: string | null;
  CopyToFolder: string | null;
  DeleteMessage: boolean;
  MarkAsRead: boolean;
  ForwardTo: string[] | null;
  ForwardAsAttachmentTo: string[] | null;
  RedirectTo: string[] | null;
  StopProcessingRules: boolean;
}

export function exchangeRule(
  upn: string,
  name: string,
  change: Partial<Omit<ExchangeRule, "RuleIdentity" | "Identity" | "Name">> = {},
): ExchangeRule {
  const identity = BigInt(`0x${guid(`exchange rule ${upn} ${name}`).slice(0, 8)}00000001`).toString();
  return {
    RuleIdentity: identity,
    Identity: `${upn.split("@")[0]}\\${identity}`,
    Name: name,
    Enabled: true,
    Priority: 1,
    InError: false,
    SupportedByTask: true,
    Description: "",
    SubjectOrBodyContainsWords: null,
    SubjectContainsWords: null,
    FromAddressContainsWords: null,
    MoveToFolder: null,
    CopyToFolder: null,
    DeleteMessage: false,
    MarkAsRead: false,
    ForwardTo: null,
    ForwardAsAttachmentTo: null,
    RedirectTo: null,
    StopProcessingRules: false,
    ...change,
  };
}

/** A rule of every mailbox that Outlook never shows and whose doings Exchange does not tell. */
export function junkRule(upn: string): ExchangeRule {
  return exchangeRule(upn, "Junk E-Mail Rule", { Priority: 0, SupportedByTask: false });
}

/** The same rule as Graph shows it, in Exchange's words. */
export function asExchangeRule(
  upn: string,
  { displayName, sequence, isEnabled, conditions, actions }: MessageRule,
  folders: readonly MailFolder[],
): ExchangeRule {
  const folderName = (id: string | null | undefined) =>
    folders.find((folder) => folder.id === id)?.displayName ?? null;
  const people = (recipients: Recipient[] | null | undefined) =>
    recipients?.map(({ emailAddress }) => `"${emailAddress?.name}" [SMTP:${emailAddress?.address}]`) ?? null;
  return exchangeRule(upn, displayName ?? "", {
    Enabled: isEnabled ?? true,
    Priority: sequence ?? 1,
    SubjectOrBodyContainsWords: conditions?.bodyOrSubjectContains ?? null,
    SubjectContainsWords: conditions?.subjectContains ?? null,
    FromAddressContainsWords: conditions?.senderContains ?? null,
    MoveToFolder: folderName(actions?.moveToFolder),
    CopyToFolder: folderName(actions?.copyToFolder),
    DeleteMessage: actions?.delete ?? false,
    MarkAsRead: actions?.markAsRead ?? false,
    ForwardTo: people(actions?.forwardTo),
    ForwardAsAttachmentTo: people(actions?.forwardAsAttachmentTo),
    RedirectTo: people(actions?.redirectTo),
    StopProcessingRules: actions?.stopProcessingRules ?? false,
  });
}
