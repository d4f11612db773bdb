import { expect, test } from "vitest";
import { parseOpenApi } from "../../../worker/claudetools/parse-openapi.ts";
import { createOpenApi } from "../../sandbox/claudetools/openapi.ts";

function parsed(document: unknown) {
  const result = parseOpenApi(document);
  if (result.kind === "unusable") throw result.problem;
  return result;
}

function document(operation: object, components: object = {}) {
  const paths = { "/api/clients": { post: { summary: "Create", ...operation } } };
  return { openapi: "3.1.0", info: { title: "T", version: "1" }, paths, components };
}

function bodySchema(schema: object, { schemas = {}, openapi = "3.1.0" } = {}) {
  const requestBody = { content: { "application/json": { schema } } };
  return parsed({ ...document({ requestBody }, { schemas }), openapi }).endpoints[0]?.body?.schema;
}

test("FastAPI's own document gives every endpoint that the bot may call, and no other", () => {
  const { endpoints, title, apiVersion, skipped } = parsed(createOpenApi());
  expect({ title, apiVersion, skipped }).toEqual({
    title: "ClaudeTools API",
    apiVersion: "1.4.2",
    skipped: [],
  });
  const lines = endpoints.map(({ method, path }) => `${method} ${path}`);
  expect(lines.length).toBeGreaterThan(80);
  expect(lines).toEqual(
    expect.arrayContaining(["GET /api/clients", "GET /api/credentials", "DELETE /api/clients/{client_id}"]),
  );
  expect(
    lines.filter((line) => /auth|decrypted|(POST|PUT|DELETE) \/api\/(credentials|users)/.test(line)),
  ).toEqual([]);
});

test("a secret in a summary is not completed while somebody types", () => {
  const given = document({ summary: "Try Bearer canary-canary", tags: ["api_key=canary"] });
  expect(JSON.stringify(parsed(given).endpoints)).not.toContain("canary");
});

test("an endpoint keeps what a call is checked against, and who may make it", () => {
  const { endpoints } = parsed(createOpenApi());
  expect(
    endpoints.find(({ method, path }) => `${method} ${path}` === "PUT /api/clients/{client_id}"),
  ).toEqual({
    method: "PUT",
    path: "/api/clients/{client_id}",
    summary: "Update Client",
    tag: "clients",
    level: "admin",
    parameters: [{ name: "client_id", in: "path", required: true, schema: { type: "integer" } }],
    body: {
      required: true,
      schema: {
        type: "object",
        properties: expect.objectContaining({
          name: { anyOf: [{ type: "string", maxLength: 200, minLength: 1 }, { type: "null" }] },
          contact_email: { anyOf: [{ type: "string", format: "email" }, { type: "null" }] },
        }),
      },
    },
  });
});

test("the whole of it is small enough for autocompletion", () => {
  expect(JSON.stringify(parsed(createOpenApi()).endpoints).length).toBeLessThan(80_000);
});

test("version 3.0 says null and exclusive limits in its own way", () => {
  const schema = {
    type: "integer",
    minimum: 1,
    exclusiveMinimum: true,
    exclusiveMaximum: false,
    nullable: true,
  };
  expect(bodySchema(schema, { openapi: "3.0.3" })).toEqual({
    anyOf: [{ type: "integer", exclusiveMinimum: 1 }, { type: "null" }],
  });
});

test("a reference is put in place of itself", () => {
  const schemas = {
    A: { type: "object", properties: { b: { $ref: "#/components/schemas/B" } } },
    B: { type: "string" },
  };
  expect(bodySchema({ $ref: "#/components/schemas/A" }, { schemas })).toEqual({
    type: "object",
    properties: { b: { type: "string" } },
  });
});

test("a model that holds itself ends where it begins again", () => {
  const schemas = { Node: { type: "object", properties: { next: { $ref: "#/components/schemas/Node" } } } };
  expect(bodySchema({ $ref: "#/components/schemas/Node" }, { schemas })).toEqual({
    type: "object",
    properties: { next: {} },
  });
});

test("models that multiply are cut before they fill the memory", () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 30 }, (_, level) => [
      `M${level}`,
      {
        type: "object",
        properties: Object.fromEntries(
          ["a", "b", "c", "d"].map((name) => [name, { $ref: `#/components/schemas/M${level + 1}` }]),
        ),
      },
    ]),
  );
  expect(JSON.stringify(bodySchema({ $ref: "#/components/schemas/M0" }, { schemas })).length).toBeLessThan(
    50_000,
  );
});

test.for([
  "#/components/schemas/Missing",
  "#/__proto__",
  "https://evil.example/schema.json",
  "../secrets.json#/x",
])("a reference to %s leads nowhere: anything is valid there, and the log is told", ($ref) => {
  const requestBody = { content: { "application/json": { schema: { $ref } } } };
  const { endpoints, skipped } = parsed(document({ requestBody }));
  expect(endpoints[0]?.body?.schema).toEqual({});
  expect(skipped).toEqual([`POST /api/clients: ${$ref}`]);
});

test("keywords of a wrong type are left out, since the validator would fall over them", () => {
  const schema = {
    type: 5,
    enum: 7,
    required: "x",
    minimum: "1",
    pattern: "(a+)+$",
    properties: { a: { anyOf: 5 } },
  };
  expect(bodySchema(schema)).toEqual({ properties: { a: {} } });
});

test("a broken operation costs itself alone", () => {
  const broken = {
    ...createOpenApi(),
    paths: { ...createOpenApi().paths, "/api/sites": { get: { parameters: [{ name: 5 }] } } },
  };
  const { endpoints, skipped } = parsed(broken);
  expect(skipped).toEqual(["GET /api/sites"]);
  expect(endpoints.length).toBeGreaterThan(80);
});

test("an upload can't be typed, so it is no endpoint", () => {
  const requestBody = { content: { "multipart/form-data": { schema: {} } } };
  expect(parseOpenApi(document({ requestBody })).kind).toBe("unusable");
});

test.for<[what: string, document: unknown, code: string, says: string]>([
  ["Swagger 2.0", { swagger: "2.0", paths: {} }, "OPENAPI_VERSION", 'got version "2.0"'],
  ["a version of the future", { openapi: "4.0.0", paths: {} }, "OPENAPI_VERSION", 'got version "4.0.0"'],
  ["no document", "hello", "OPENAPI_BROKEN", "the whole of it"],
  ["a document without paths", { openapi: "3.1.0", paths: 5 }, "OPENAPI_BROKEN", "beginning with paths"],
  ["a document without a version", { paths: {} }, "OPENAPI_BROKEN", "beginning with openapi"],
  [
    "somebody else's document",
    { openapi: "3.1.0", paths: { "/pets": { get: {} } } },
    "OPENAPI_EMPTY",
    "no endpoint",
  ],
])("%s is said in words", ([, given, code, says]) => {
  const result = parseOpenApi(given);
  if (result.kind !== "unusable") throw new Error("expected it to be unusable");
  expect(result.problem.code).toBe(code);
  expect(result.problem.userMessage).toContain(says);
});
