import {
  type APIModalInteractionResponse,
  ComponentType,
  InteractionResponseType,
  TextInputStyle,
} from "discord-api-types/payloads/v10";
import type { Level } from "../access.ts";
import { Snowflake, type Work } from "../jobs/contract.ts";
import { encodeCustomId } from "./custom-id.ts";

/** What Discord shows as a window with fields. @see https://discord.com/developers/docs/components/using-modal-components */
export type Form = APIModalInteractionResponse["data"];

/** What was sent: the value in the form's custom id, and the texts by the ids of their fields. */
interface Submission {
  value: string;
  fields: ReadonlyMap<string, string>;
}

/** What a form of ours does when it is sent. It comes from another release if it cannot be read: `undefined`. */
interface FormEntry {
  access: Level;
  toWork(submission: Submission): Work | undefined;
}

const QUESTION = "question";
/** Discord takes no longer text in a field. */
const QUESTION_MAX = 4000;

/** "Reply": goes on with a conversation, where the bot cannot read the messages of a thread. */
export function replyForm(conversation: string): Form {
  return {
    custom_id: encodeCustomId("reply", conversation),
    title: "Reply to ClaudeTools",
    components: [
      {
        type: ComponentType.Label,
        label: "Your question",
        component: {
          type: ComponentType.TextInput,
          custom_id: QUESTION,
          style: TextInputStyle.Paragraph,
          max_length: QUESTION_MAX,
          required: true,
        },
      },
    ],
  };
}

/** By the same keys as the buttons that open them. */
export const forms: Record<"reply", FormEntry> = {
  reply: {
    access: "tech",
    toWork({ value, fields }) {
      const question = fields.get(QUESTION)?.trim() ?? "";
      if (question === "") return undefined;
      const thread = Snowflake.safeParse(value);
      return { kind: "ask", question, ...(thread.success && { threadId: thread.data }) };
    },
  },
};

export const openForm = (data: Form): APIModalInteractionResponse => ({
  type: InteractionResponseType.Modal,
  data,
});
