import type { Check, CheckContext } from "./check.ts";
import { messagesIn } from "./messages.ts";
import { readTogether } from "./read-parts.ts";

/** To whom the account sent mail, when, and under what subject. */
export const sentItems: Check = {
  id: "sent_items",
  windowed: true,
  run: (context: CheckContext) =>
    readTogether(
      [
        messagesIn(context, {
          folder: "sentitems",
          time: "sentDateTime",
          select: [
            "subject",
            "sender",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
            "sentDateTime",
            "hasAttachments",
            "internetMessageId",
          ],
          artifact: "sent-items.json",
          noun: "sent mails",
        }),
      ],
      context.save,
    ),
};
