import { z } from "zod";
import { isOutside } from "./addresses.ts";
import { strings, text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** A mail's envelope. Nobody here reads bodies. */
export interface Message {
  id: string;
  subject: string;
  /** In lower case; `undefined` if the toolkit did not ask for it. */
  from: string | undefined;
  recipients: string[];
  /** Those of them that leave the tenant. */
  outside: string[];
  at: number | undefined;
  source: Source;
}

const person = z.object({ emailAddress: z.object({ address: text }) });
const people = z
  .array(person)
  .catch([])
  .transform((list) => list.flatMap(({ emailAddress }) => emailAddress.address?.toLowerCase() ?? []));

/** @see https://learn.microsoft.com/en-us/graph/api/resources/message */
const GraphMessage = z.object({
  id: text,
  internetMessageId: text,
  subject: text,
  from: person.optional().catch(undefined),
  sender: person.optional().catch(undefined),
  toRecipients: people,
  ccRecipients: people,
  bccRecipients: people,
  sentDateTime: time,
  receivedDateTime: time,
});

export function toMessage({ value, source }: EvidenceRecord, domains: readonly string[]): Message {
  const message = GraphMessage.parse(value);
  const recipients = [
    ...new Set([...message.toRecipients, ...message.ccRecipients, ...message.bccRecipients]),
  ];
  return {
    // The id changes when a message moves to another folder; this one doesn't.
    id: message.internetMessageId ?? message.id ?? `${source.artifact} ${source.path}`,
    subject: message.subject ?? "",
    from: (message.from ?? message.sender)?.emailAddress.address?.toLowerCase(),
    recipients,
    outside: recipients.filter((address) => isOutside(address, domains)),
    at: message.sentDateTime ?? message.receivedDateTime,
    source,
  };
}

/** @see https://learn.microsoft.com/en-us/powershell/module/exchange/get-messagetrace */
const Trace = z.object({
  messageId: text,
  messageTraceId: text,
  senderAddress: text,
  recipientAddress: strings,
  subject: text,
  received: time,
});

/** One row of a trace: a message to one of its recipients. Rows of one message have one id. */
export function fromTrace({ value, source }: EvidenceRecord, domains: readonly string[]): Message {
  const row = Trace.parse(value);
  const recipients = row.recipientAddress.flatMap((list) => list.toLowerCase().split(";")).filter(Boolean);
  return {
    id: row.messageId ?? row.messageTraceId ?? `${source.artifact} ${source.path}`,
    subject: row.subject ?? "",
    from: row.senderAddress?.toLowerCase(),
    recipients,
    outside: recipients.filter((address) => isOutside(address, domains)),
    at: row.received,
    source,
  };
}
