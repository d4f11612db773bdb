import { defangAnswer } from "../assistant/defang-answer.ts";
import type { Sink } from "../assistant/events.ts";
import type { Progress, Step } from "../report.ts";

export interface AnswerView {
  /** For the assistant. */
  emit: Sink;
  /** Something to be said before there is an answer. */
  say(title: string): void;
  /** The tools so far, in their order. */
  steps(): Step[];
}

interface AnswerViewOptions {
  show: (progress: Progress) => void;
  /** Of this process. */
  secrets: readonly string[];
}

export const THINKING = "Thinking";

/** What a person sees while a question is worked on: one line for each tool, and the answer as it grows. */
export function createAnswerView({ show, secrets }: AnswerViewOptions): AnswerView {
  const rows = new Map<string, Step>();
  let title = THINKING;
  let text = "";

  function put(id: string, row: Step): void {
    rows.set(id, row);
  }

  function showAll(): void {
    show({
      title,
      steps: [...rows.values()],
      draft: { hasBegun: text.trim() !== "", text: () => defangAnswer(text, { secrets }) },
    });
  }

  const emit: Sink = (event) => {
    switch (event.kind) {
      case "text":
        text += event.delta;
        // Whatever it waited for is over.
        title = THINKING;
        break;
      case "text-reset":
        text = "";
        break;
      case "note":
        title = event.text;
        break;
      case "tool-started":
        title = THINKING;
        put(event.id, { label: labelOf(event), state: "running" });
        break;
      case "tool-progress": {
        const row = rows.get(event.id);
        if (row) put(event.id, { ...row, detail: event.text });
        break;
      }
      case "tool-ended": {
        const { count, durationMs, state } = event;
        put(event.id, {
          label: labelOf(event),
          state: state === "ok" ? "ok" : state === "failed" ? "failed" : "skipped",
          durationMs,
          ...(count !== undefined && { detail: count === 1 ? "1 record" : `${count} records` }),
        });
        break;
      }
      case "call-refused":
        put(event.id, { label: event.name, state: "failed", detail: "refused" });
        break;
      case "usage":
        return;
    }
    showAll();
  };

  return {
    emit,
    say(words) {
      title = words;
      showAll();
    },
    steps: () => [...rows.values()],
  };
}

function labelOf({ name, target }: { name: string; target: string }): string {
  return target === "" ? name : `${name} ${target}`;
}
