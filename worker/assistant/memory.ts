import type Anthropic from "@anthropic-ai/sdk";
import * as z from "zod";
import type { Store } from "../../src/store/store.ts";

/** Ten questions and their answers: the last 20 messages. */
const EXCHANGES_MAX = 10;
/** Of one question or answer, in UTF-16 units. */
const TEXT_MAX = 8_000;
/** Of all together; the oldest go first. */
const TOTAL_MAX = 60_000;
/** Since the last question. */
const KEEP_MS = 7 * 24 * 60 * 60_000;

/** What one finished question leaves behind. */
const Exchange = z.object({ question: z.string().min(1), answer: z.string().min(1) });
type Exchange = z.infer<typeof Exchange>;
const Exchanges = z.array(Exchange);

/** Where it lies in the store, as JSON. */
export const conversationKey = (threadKey: string) => `conversation:${threadKey}`;

export interface Memory {
  /** Alternating, beginning with a question, ending with an answer: to be followed by the next question. */
  recall(threadKey: string): Promise<Anthropic.MessageParam[]>;
  /** Of two questions at once in one thread the later one may be forgotten; they are meant to wait for each other. */
  remember(threadKey: string, exchange: Exchange): Promise<void>;
  forget(threadKey: string): Promise<void>;
}

/**
 * What Claude remembers of a thread: the texts of finished questions, and neither tool results nor thinking. That keeps every history legal, keeps customers'
 * data (and whatever was hidden in it) out of later questions, and a window over raw blocks would break the binding of the thinking blocks.
 */
export function createMemory({ store }: { store: Store }): Memory {
  async function read(threadKey: string): Promise<Exchange[]> {
    const text = await store.get(conversationKey(threadKey));
    if (text === undefined) return [];
    // What an older release wrote in another shape counts as forgotten.
    return Exchanges.safeParse(JSON.parse(text)).data ?? [];
  }

  return {
    async recall(threadKey) {
      return (await read(threadKey)).flatMap(({ question, answer }): Anthropic.MessageParam[] => [
        { role: "user", content: question },
        { role: "assistant", content: answer },
      ]);
    },
    async remember(threadKey, { question, answer }) {
      // An empty text would make every later request of the thread illegal.
      if (question.trim() === "" || answer.trim() === "") return;
      const exchanges = [...(await read(threadKey)), { question: cut(question), answer: cut(answer) }];
      await store.set(conversationKey(threadKey), JSON.stringify(latest(exchanges)), { ttlMs: KEEP_MS });
    },
    forget: (threadKey) => store.delete(conversationKey(threadKey)),
  };
}

function latest(exchanges: readonly Exchange[]): Exchange[] {
  let kept = exchanges.slice(-EXCHANGES_MAX);
  while (kept.length > 1 && sizeOf(kept) > TOTAL_MAX) kept = kept.slice(1);
  return kept;
}

function sizeOf(exchanges: readonly Exchange[]): number {
  return exchanges.reduce((sum, { question, answer }) => sum + question.length + answer.length, 0);
}

function cut(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  return `${text.slice(0, TEXT_MAX).replace(/\p{Cs}$/u, "")} [cut]`;
}
