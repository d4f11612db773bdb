import { expect, test } from "vitest";
import { useAssistant } from "./use-assistant.ts";

const { claude, ask } = useAssistant({ tolerant: true });

test("a model that was retired is named, with what to do", async () => {
  const { outcome } = await ask("what?", { settings: { model: "claude-sonnet-4-5-20250929" } });
  expect(outcome).toMatchObject({
    error: { code: "CLAUDE_MODEL_UNKNOWN", message: expect.stringContaining("claude-sonnet-4-5-20250929") },
  });
});

test("a wrong key is refused by the stand-in itself", async () => {
  const { outcome } = await ask("what?", { settings: { apiKey: "sk-ant-wrong" } });
  expect(outcome).toMatchObject({ error: { code: "CLAUDE_KEY_REJECTED" } });
  expect(claude().requests).toEqual([]);
});
