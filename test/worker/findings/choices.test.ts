import { expect, test } from "vitest";
import { choicesOf } from "../../../worker/findings/choices.ts";
import { documentWith, hidesMail } from "./documents.ts";

const findings = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...hidesMail,
    id: `f${index}`,
    severity: index === count - 1 ? ("critical" as const) : ("low" as const),
  }));

test("every finding is a choice, the gravest first", () => {
  expect(choicesOf(documentWith("likely", { findings: findings(3) }), "ix-1")).toMatchObject({
    action: "finding",
    caseId: "ix-1",
    prompt: "Open a finding",
    options: [
      { label: "Critical: Inbox rule hides mail about money", value: "f2" },
      { label: "Low: Inbox rule hides mail about money", value: "f0" },
      { value: "f1" },
    ],
  });
});

test("of more than 25 the gravest are there, and it says so", () => {
  const choices = choicesOf(documentWith("likely", { findings: findings(31) }), "ix-1");
  expect(choices?.options).toHaveLength(25);
  expect(choices?.options[0]?.value).toBe("f30");
  expect(choices?.prompt).toContain("the gravest 25 of 31");
});

test("without findings there is nothing to choose", () => {
  expect(choicesOf(documentWith("no_evidence"), "ix-1")).toBeUndefined();
});
