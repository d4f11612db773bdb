import { expect, test } from "vitest";
import { createAnswerView } from "../../../worker/handlers/answer-view.ts";
import type { Progress } from "../../../worker/report.ts";

const call = { id: "1", name: "run_breach_check", target: "adele@contoso.com" };

test.for([
  "Claude did not answer; trying again in 1 s (2 of 3).",
  "Another question is being answered first",
])('what keeps a question waiting ("%s") is said until it goes on', (words) => {
  const shown: Progress[] = [];
  const view = createAnswerView({ show: (progress) => void shown.push(progress), secrets: [] });
  view.emit({ kind: "note", text: words });
  expect(shown.at(-1)?.title).toBe(words);
  view.emit({ kind: "tool-started", ...call });
  expect(shown.at(-1)).toMatchObject({ title: "Thinking", steps: [{ state: "running" }] });
  view.say(words);
  view.emit({ kind: "text", delta: "Adele" });
  view.emit({ kind: "text-reset" });
  expect(shown.at(-1)?.title).toBe("Thinking");
});
