import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool, toolsFor } from "../../../worker/assistant/tool.ts";
import { testTools } from "./test-tools.ts";

const rename = defineTool({
  name: "rename",
  description: "Renames a client.",
  input: z.object({ id: z.int(), name: z.string().default("unnamed") }),
  access: "tech",
  parallel: false,
  target: ({ name }) => name,
  confirm: ({ id, name }) => `PUT /api/clients/${id} ${name}`,
  run: async () => ({ source: "test", data: null }),
});

function prepare(input: unknown) {
  const prepared = rename.prepare(input);
  if (prepared.kind === "invalid") throw new Error(prepared.problem);
  return prepared.call;
}

test("the model is told exactly what may be in the input", () => {
  expect(rename.inputSchema).toMatchObject({
    ...{ type: "object", required: ["id"], additionalProperties: false },
    properties: { id: { type: "integer" }, name: { type: "string" } },
  });
});

test("a target is one that can be shown: no hidden characters, not endless", () => {
  expect(prepare({ id: 7, name: `a\u202eb${"c".repeat(500)}` }).target).toBe(`ab${"c".repeat(118)}`);
});

test("what is to be approved keeps what can't be seen, since that would be carried out too", () => {
  expect(prepare({ id: 7, name: "a\u202eb" }).prompt).toBe("PUT /api/clients/7 a\u202eb");
  expect(prepare({ id: 7 }).prompt).toBe("PUT /api/clients/7 unnamed");
});

test("a problem with the input is told by field", () => {
  expect(rename.prepare({ id: "seven" })).toEqual({
    kind: "invalid",
    problem: expect.stringMatching(/expected number, received string[\s\S]+at id/),
  });
});

test("a technician's tools are without those of administrators, in one order", () => {
  const names = (level: "tech" | "admin") => toolsFor(level, testTools()).map(({ name }) => name);
  expect(names("tech")).toEqual(["broken", "export_all", "failing", "list_clients"]);
  expect(names("admin")).toEqual(["broken", "delete_client", "export_all", "failing", "list_clients"]);
});
