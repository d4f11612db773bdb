import type { Message } from "@microsoft/microsoft-graph-types";
import { type Account, guid, plainTime } from "./tenant.ts";

/** What `Mail.ReadBasic.All` shows of a mail: its text is not among it. */
export type MailHeader = Message & {
  id: string;
  subject: string;
  sentDateTime: string;
  receivedDateTime: string;
};

interface MailFacts {
  atMs: number;
  subject: string;
  /** Address, and a name where it has one. */
  from: { address: string; name?: string };
  to: string[];
  isRead?: boolean;
  hasAttachments?: boolean;
}

export function mail({
  atMs,
  subject,
  from,
  to,
  isRead = true,
  hasAttachments = false,
}: MailFacts): MailHeader {
  const id = guid(`mail ${atMs} ${subject} ${to.join()}`);
  const sender = { emailAddress: { name: from.name ?? from.address, address: from.address } };
  return {
    id: `AAMkADRmMWI5ODVk${Buffer.from(id).toString("base64url")}AAA=`,
    createdDateTime: plainTime(atMs),
    lastModifiedDateTime: plainTime(atMs),
    internetMessageId: `<${id}@prod.outlook.example>`,
    subject,
    sender,
    from: sender,
    toRecipients: to.map((address) => ({ emailAddress: { name: address, address } })),
    ccRecipients: [],
    bccRecipients: [],
    sentDateTime: plainTime(atMs),
    receivedDateTime: plainTime(atMs + 2_000),
    isRead,
    hasAttachments,
    importance: "normal",
    conversationId: `AAQkADRm${id}`,
  };
}

export function sentBy({ upn, displayName }: Account, facts: Omit<MailFacts, "from">): MailHeader {
  return mail({ ...facts, from: { address: upn, name: displayName } });
}
