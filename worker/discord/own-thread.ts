import type { Store } from "../../src/store/store.ts";
import { conversationKey } from "../assistant/memory.ts";

/** In the store: the bot has answered a message in this thread. */
export const ownThreadKey = (threadId: string) => `thread:${threadId}`;

/** From the last answer on. */
export const THREAD_KEPT_MS = 30 * 24 * 60 * 60_000;

/** Whether what is said there may be for the bot: it has answered there, or remembers a conversation that began with `/ask`. */
export async function isOwnThread(channelId: string, store: Pick<Store, "getMany">): Promise<boolean> {
  const marks = await store.getMany([ownThreadKey(channelId), conversationKey(channelId)]);
  return marks.some((mark) => mark !== undefined);
}
