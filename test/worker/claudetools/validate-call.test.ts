import { expect, test } from "vitest";
import type { Endpoint } from "../../../src/claudetools/catalogue.ts";
import { validateCall } from "../../../worker/claudetools/validate-call.ts";

const orNull = (schema: object) => ({ anyOf: [schema, { type: "null" }] });
const query = (name: string, schema: Record<string, unknown>) => ({
  name,
  in: "query" as const,
  required: false,
  schema,
});

const endpoint: Endpoint = {
  ...{ method: "POST", path: "/api/x/{id}", summary: "", level: "admin" },
  parameters: [
    { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } },
    query("since", orNull({ type: "string", format: "date" })),
    query("active", orNull({ type: "boolean" })),
    query("page", orNull({ type: "integer", minimum: 1 })),
    query("ratio", { type: "number" }),
    query("tag", orNull({ type: "array", items: { type: "integer" } })),
    query("code", { type: "string" }),
  ],
  body: {
    required: true,
    schema: {
      ...{ type: "object", required: ["name"], additionalProperties: false },
      properties: {
        name: { type: "string", minLength: 1 },
        contact: orNull({ type: "object", properties: { email: { type: "string", format: "email" } } }),
        hours: { type: "array", items: { type: "number" } },
      },
    },
  },
};

interface Input {
  id?: string;
  query?: Record<string, string[]>;
  body?: unknown;
}

function problems({
  id = "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21",
  query = {},
  body = { name: "x" },
}: Input): string[] {
  const call = {
    pathValues: new Map([["id", id]]),
    query: new Map(Object.entries(query)),
    body: { json: body },
  };
  return validateCall(endpoint, call).map(({ field, message }) => `${field} ${message}`);
}

test.for<[what: string, input: Input]>([
  ["nothing but what is required", {}],
  ["true as text", { query: { active: ["true"] } }],
  ["one as truth", { query: { active: ["1"] } }],
  ["a number as text", { query: { page: ["2"], ratio: ["0.5"] } }],
  ["a text that looks like a number", { query: { code: ["007"] } }],
  ["a value twice, where a list is taken", { query: { tag: ["1", "2"] } }],
  ["a value once, where a list is taken", { query: { tag: ["1"] } }],
  ["a date", { query: { since: ["2026-11-22"] } }],
  ["null where it may be", { body: { name: "x", contact: null } }],
])("%s is right", ([, input]) => {
  expect(problems(input)).toEqual([]);
});

test.for<[what: string, input: Input, said: string[]]>([
  ["an id that is no UUID", { id: "7" }, ["id is no uuid"]],
  ["a word for a number", { query: { page: ["two"] } }, ["page expected a whole number, got text"]],
  ["half a number", { query: { page: ["1.5"] } }, ["page expected a whole number, got a number"]],
  ["a number too low", { query: { page: ["0"] } }, ["page 0 is less than 1"]],
  ["a word for truth", { query: { active: ["maybe"] } }, ["active expected true or false, got text"]],
  ["a wrong element of a list", { query: { tag: ["1", "b"] } }, ["tag.1 expected a whole number, got text"]],
  [
    "a value twice, where one is taken",
    { query: { page: ["1", "2"] } },
    ["page expected a whole number, got a list"],
  ],
  ["a day that no month has", { query: { since: ["2026-02-30"] } }, ["since is no date"]],
  ["a missing field", { body: {} }, ["body.name is required"]],
  ["a field too many", { body: { name: "x", "na/me": 1 } }, ["body.na/me is not known"]],
  [
    "a wrong field below another",
    { body: { name: "x", contact: { email: "me" } } },
    ["body.contact.email is no email"],
  ],
  ["a wrong element", { body: { name: "x", hours: [1, "2"] } }, ["body.hours.1 expected a number, got text"]],
  ["a list for an object", { body: [] }, ["body expected an object, got a list"]],
  ["two things at once", { id: "7", body: {} }, ["id is no uuid", "body.name is required"]],
])("%s is named", ([, input, said]) => {
  expect(problems(input)).toEqual(said);
});
