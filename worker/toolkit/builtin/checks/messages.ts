import { segment } from "../graph-client.ts";
import type { CheckContext } from "./check.ts";
import type { Part } from "./read-parts.ts";

/** Enough for 10,000 mails: an account that sends more in a week is told by its first thousand. */
const MAX_PAGES = 10;

interface MessageFolder {
  /** One of Graph's names of folders that every mailbox has. @see https://learn.microsoft.com/graph/api/resources/mailfolder */
  folder: "sentitems" | "deleteditems" | "recoverableitemsdeletions";
  /** What the window is held against; the newest come first. */
  time: "sentDateTime" | "receivedDateTime";
  select: readonly string[];
  artifact: string;
  noun: string;
}

/**
 * The headers of a folder's mails, never their text: the permission does not reach it, and it is nobody's business.
 * @see https://learn.microsoft.com/graph/api/mailfolder-list-messages
 */
export function messagesIn(
  { graph, limits, upn, window }: CheckContext,
  { folder, time, select, artifact, noun }: MessageFolder,
): Part {
  const query = [
    `$select=${select.join(",")}`,
    `$filter=${encodeURIComponent(`${time} ge ${window.since}`)}`,
    `$orderby=${encodeURIComponent(`${time} desc`)}`,
    "$top=1000",
  ].join("&");
  return {
    artifact,
    noun,
    elsewhere: "Look at the older ones with a message trace in the Exchange admin center.",
    read: () =>
      graph.collect(`/v1.0/users/${segment(upn)}/mailFolders/${folder}/messages?${query}`, {
        limit: limits.outlook,
        permission: "Mail.ReadBasic.All",
        maxPages: MAX_PAGES,
      }),
  };
}
