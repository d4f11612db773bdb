import { expect, test } from "vitest";
import { EXPLANATION_SCHEMA, parseExplanation } from "../../../worker/assistant/explain.ts";
import { documentWith, hidesMail } from "../findings/documents.ts";

const document = documentWith("likely", { findings: [hidesMail] });
const { id } = hidesMail;
const answer = (text: string, finding_ids: string[] = [id]) =>
  JSON.stringify({ sentences: [{ text, finding_ids }] });

test("a sentence that rests on a finding is kept, with the ids that exist", () => {
  expect(parseExplanation(answer("The rule hides mail.", [id, "nothing"]), document)).toEqual([
    { text: "The rule hides mail.", findingIds: [id] },
  ]);
});

test.for<[what: string, json: string]>([
  ["no finding", answer("It is bad.", [])],
  ["a finding that is not of this case", answer("It is bad.", ["ffffffff"])],
  ["a link", answer("See https://evil.example for more.")],
  ["an invite", answer("Join discord.gg/abc.")],
  ["a mention", answer("Tell <@1> about it.")],
  ["a ping of everybody", answer("Tell @everyone about it.")],
  ["an all-clear", answer("The rule is harmless.")],
  ["another all-clear", answer("There is no evidence of a break-in.")],
  ["a novel", answer("word ".repeat(100))],
  ["nothing", answer(" ")],
  ["no JSON", "The rule hides mail."],
  ["another shape", '{"sentences":"x"}'],
])("a sentence with %s is dropped", ([, json]) => {
  expect(parseExplanation(json, document)).toEqual([]);
});

test("five sentences at most are kept", () => {
  const sentences = Array.from({ length: 9 }, (_, index) => ({
    text: `Sentence ${index}.`,
    finding_ids: [id],
  }));
  expect(parseExplanation(JSON.stringify({ sentences }), document)).toHaveLength(5);
});

test("the schema is one that structured outputs take: every object closed, nothing about lengths", () => {
  expect(JSON.stringify(EXPLANATION_SCHEMA)).not.toMatch(/min|max|pattern/);
  expect(JSON.stringify(EXPLANATION_SCHEMA).match(/"additionalProperties":false/g)).toHaveLength(2);
});
