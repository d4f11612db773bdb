import type { Check, CheckContext } from "./check.ts";
import { messagesIn } from "./messages.ts";
import { readTogether } from "./read-parts.ts";

const SELECT = [
  "subject",
  "sender",
  "from",
  "toRecipients",
  "sentDateTime",
  "receivedDateTime",
  "isRead",
  "hasAttachments",
  "internetMessageId",
];

/** Mail of the window that is in Deleted Items, and what was deleted from there and can still be recovered. */
export const deletedItems: Check = {
  id: "deleted_items",
  windowed: true,
  run: (context: CheckContext) =>
    readTogether(
      [
        messagesIn(context, {
          folder: "deleteditems",
          time: "receivedDateTime",
          select: SELECT,
          artifact: "deleted-items.json",
          noun: "deleted mails",
        }),
        messagesIn(context, {
          folder: "recoverableitemsdeletions",
          time: "receivedDateTime",
          select: SELECT,
          artifact: "recoverable-items.json",
          noun: "mails deleted for good",
        }),
      ],
      context.save,
    ),
};
