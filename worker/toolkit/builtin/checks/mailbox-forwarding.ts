import { z } from "zod";
import { asCollection } from "../artifacts.ts";
import type { Collected } from "../collect-pages.ts";
import type { Check, CheckContext } from "./check.ts";
import { readTogether } from "./read-parts.ts";

const ELSEWHERE = "Look at the mailbox in the Exchange admin center.";
const MAILBOX_PROPERTIES = [
  "ExternalDirectoryObjectId",
  "UserPrincipalName",
  "PrimarySmtpAddress",
  "RecipientTypeDetails",
  "ForwardingAddress",
  "ForwardingSmtpAddress",
  "DeliverToMailboxAndForward",
  "GrantSendOnBehalfTo",
  "HiddenFromAddressListsEnabled",
];

/**
 * What only Exchange knows: whether the mailbox itself forwards, and inbox rules that Outlook and Graph do not show.
 * @see https://learn.microsoft.com/powershell/module/exchange/get-mailbox
 * @see https://learn.microsoft.com/powershell/module/exchange/get-inboxrule
 */
export const mailboxForwarding: Check = {
  id: "mailbox_forwarding",
  optional: true,
  run: (context: CheckContext) =>
    readTogether(
      [
        {
          artifact: "exchange-mailbox.json",
          noun: "mailbox's own forwarding",
          elsewhere: ELSEWHERE,
          read: () =>
            context.exchange.invoke({
              cmdlet: "Get-Mailbox",
              parameters: { Identity: context.upn },
              select: MAILBOX_PROPERTIES,
            }),
        },
        { noun: "hidden inbox rules", elsewhere: ELSEWHERE, read: () => hiddenRules(context) },
      ],
      context.save,
    ),
};

const RuleRow = z.object({ RuleIdentity: z.union([z.string(), z.number()]) });

/** Asked for with and without the hidden ones: no property of a rule says that it is hidden. */
async function hiddenRules({ exchange, upn, save }: CheckContext): Promise<Collected> {
  const read = (hidden: Record<string, boolean>) =>
    exchange.invoke({ cmdlet: "Get-InboxRule", parameters: { Mailbox: upn, ...hidden } });
  const [all, shown] = await Promise.all([read({ IncludeHidden: true }), read({})]);
  const known = new Set(shown.value.map(identity));
  const hidden = { ...all, value: all.value.filter((row) => !known.has(identity(row))) };
  // An empty list in Exchange's form does not say of what.
  if (hidden.value.length > 0) await save("exchange-hidden-rules.json", asCollection(hidden));
  return hidden;
}

/** A row without one equals no other, and so counts as hidden: better a rule twice than one not at all. */
function identity(row: unknown): unknown {
  const parsed = RuleRow.safeParse(row);
  return parsed.success ? String(parsed.data.RuleIdentity) : row;
}
