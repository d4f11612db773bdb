import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitText } from "../../../worker/discord/split.ts";

const fences = (text: string) => text.split("```").length - 1;

describe("splitText", () => {
  test("leaves a short text alone", () => {
    expect(splitText("one\n```js\ntwo\n```")).toEqual(["one\n```js\ntwo\n```"]);
  });

  test("has nothing to say for white space", () => {
    expect(splitText(" \n ")).toEqual([]);
    expect(splitText("```\n\n```")).toEqual([]);
  });

  test("cuts between lines", () => {
    expect(splitText("aaaa\nbbbb\ncccc", 14)).toEqual(["aaaa\nbbbb", "cccc"]);
  });

  test("cuts between words where a line is too long", () => {
    expect(splitText("aaaa bbbb cccc", 14)).toEqual(["aaaa bbbb ", "cccc"]);
  });

  test("closes a code block and opens it again in its language", () => {
    expect(splitText("```json\n1111\n2222\n3333\n```", 24)).toEqual([
      "```json\n1111\n2222\n```",
      "```json\n3333\n```",
    ]);
  });

  test("does not open a block at the end of a message", () => {
    expect(splitText("some words\n```\n123456\n```", 20)).toEqual(["some words", "```\n123456\n```"]);
  });

  test("keeps surrogate pairs and escapes whole", () => {
    const text = "\\*😀".repeat(2_000);
    const messages = splitText(text);
    expect(messages.join("")).toBe(text);
    for (const message of messages) expect(message).not.toMatch(/\p{Cs}|\\$/u);
  });

  const block = fc
    .array(
      fc.string({
        unit: fc.constantFrom("a", "bc", " ", "😀", "\\", "`", "é", "x".repeat(70)),
        maxLength: 60,
      }),
    )
    .map((lines) => lines.join("\n").replace(/`{3,}/g, "``"));
  const text = fc
    .array(fc.tuple(block, fc.boolean(), fc.constantFrom("", "json", "c++")))
    .map((parts) =>
      parts
        .map(([body, isCode, language]) =>
          isCode ? `\`\`\`${language}\n${body}\n\`\`\`` : body.replaceAll("`", ""),
        )
        .join("\n"),
    );

  test("every message fits, says something, and has its code blocks closed", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 60, max: 300 }), (whole, max) => {
        for (const message of splitText(whole, max)) {
          expect(message.length).toBeLessThanOrEqual(max);
          expect(message.trim()).not.toBe("");
          expect(fences(message) % 2).toBe(0);
          expect(message).not.toMatch(/\p{Cs}/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("loses nothing but white space", () => {
    const bare = (some: string) => some.replace(/```[\w+#.-]*(?=\n)|```|\s/g, "");
    fc.assert(
      fc.property(text, fc.integer({ min: 60, max: 300 }), (whole, max) => {
        expect(bare(splitText(whole, max).join("\n"))).toBe(bare(whole));
      }),
      { numRuns: 500 },
    );
  });
});
