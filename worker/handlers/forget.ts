import type { Assistant } from "../assistant/assistant.ts";
import { ownConversation, privateConversation } from "./ask.ts";
import type { Handler } from "./handler.ts";

/** `/forget`: the assistant begins anew in this thread, or in what the person asked privately in this channel. */
export function createForget({ assistant }: { assistant: Assistant }): Handler<"forget"> {
  return {
    access: "tech",
    async run({ threadId }, { job }) {
      await assistant.forget(privateConversation(job.interaction));
      if (threadId !== undefined) {
        await assistant.forget(threadId);
        await assistant.forget(ownConversation(threadId, job.interaction.userId));
      }
      return {
        outcome: "Done",
        title: "Forgotten",
        tone: "neutral",
        lead:
          threadId === undefined
            ? "The assistant remembers nothing of what you asked privately in this channel. Each thread has a memory of its own: use /forget there to clear it."
            : "The assistant remembers nothing of this thread. The messages themselves stay where they are.",
        sections: [],
        files: [],
        buttons: [],
      };
    },
  };
}
