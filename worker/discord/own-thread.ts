/** In the store: the bot has answered in this thread, so what is said there may be for it. */
export const ownThreadKey = (threadId: string) => `thread:${threadId}`;

/** From the last answer on. */
export const THREAD_KEPT_MS = 30 * 24 * 60 * 60_000;
