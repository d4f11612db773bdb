import { z } from "zod";
import { type Endpoint, Method } from "../../src/claudetools/catalogue.ts";
import { AppError } from "../../src/errors.ts";
import { redact } from "../../src/redact.ts";
import { cutSchema, resolveReference } from "./cut-schema.ts";
import { isRecord } from "./json-value.ts";
import { stripUnseen } from "./redact-record.ts";
import { checkRoute } from "./route-policy.ts";

/** `skipped`: operations that could not be read, and references that lead nowhere; for the log. */
export type ParsedOpenApi =
  | {
      kind: "parsed";
      openapi: string;
      title: string;
      apiVersion: string;
      endpoints: Endpoint[];
      skipped: string[];
    }
  | { kind: "unusable"; problem: AppError };

const Document = z.object({
  openapi: z.string(),
  info: z
    .object({ title: z.string().catch(""), version: z.string().catch("") })
    .catch({ title: "", version: "" }),
  paths: z.record(z.string(), z.unknown()),
});

const Operation = z.object({
  summary: z.string().optional().catch(undefined),
  tags: z.array(z.string()).optional().catch(undefined),
  parameters: z.array(z.unknown()).default([]),
  // Without `optional` an absent key fails the whole object.
  requestBody: z.unknown().optional(),
});

const Parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  schema: z.unknown().optional(),
});

const RequestBody = z.object({
  required: z.boolean().default(false),
  content: z.record(z.string(), z.unknown()),
});

/**
 * What the bot may call, out of the API's own description of itself. Endpoints that the route policy refuses are left out.
 * OpenAPI 3.1 is what FastAPI writes today, 3.0 what it wrote before 0.99.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function parseOpenApi(document: unknown): ParsedOpenApi {
  const version = isRecord(document) ? (document.openapi ?? document.swagger) : undefined;
  if (typeof version === "string" && !/^3\.[01]\./.test(version)) {
    return unusable(
      "OPENAPI_VERSION",
      `Expected an OpenAPI document of version 3.0 or 3.1 from ClaudeTools, got version ${JSON.stringify(stripUnseen(version).slice(0, 20))}.`,
    );
  }
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join(".") || "the whole of it";
    return unusable(
      "OPENAPI_BROKEN",
      `The OpenAPI document of ClaudeTools cannot be read, beginning with ${where}.`,
    );
  }

  const skipped: string[] = [];
  const endpoints = Object.entries(parsed.data.paths).flatMap(([path, item]) =>
    Method.options.flatMap((method) => {
      const operation = isRecord(item) ? item[method.toLowerCase()] : undefined;
      if (!isRecord(item) || operation === undefined) return [];
      const level = lowestLevel(method, path);
      if (level === undefined) return [];
      const line = `${method} ${path}`;
      const endpoint = parseOperation(operation, { document, shared: item.parameters, line, skipped });
      return endpoint === undefined ? [] : [{ method, path, level, ...endpoint }];
    }),
  );
  if (endpoints.length === 0) {
    return unusable(
      "OPENAPI_EMPTY",
      "The OpenAPI document of ClaudeTools names no endpoint that the bot may call.",
    );
  }
  const { openapi, info } = parsed.data;
  return { kind: "parsed", openapi, title: info.title, apiVersion: info.version, endpoints, skipped };
}

function lowestLevel(method: Method, template: string): Endpoint["level"] | undefined {
  const path = template.replace(/\{[^/{}]+\}/g, "1");
  const verdict = checkRoute({ method, path }, { origin: "http://localhost", level: "admin" });
  return verdict.kind === "allowed" ? verdict.rule.level : undefined;
}

interface OperationContext {
  document: unknown;
  /** Parameters that the path declares for all its methods. */
  shared: unknown;
  line: string;
  skipped: string[];
}

function parseOperation(
  given: unknown,
  { document, shared, line, skipped }: OperationContext,
): Omit<Endpoint, "method" | "path" | "level"> | undefined {
  const resolve = (value: unknown) =>
    isRecord(value) && typeof value.$ref === "string" ? resolveReference(document, value.$ref) : value;
  const onBrokenReference = (reference: string) => skipped.push(`${line}: ${reference.slice(0, 100)}`);
  const cut = (schema: unknown) => cutSchema(schema, { document, onBrokenReference });

  const operation = Operation.safeParse(given);
  const parameters = z
    .array(Parameter)
    .safeParse(
      [...(Array.isArray(shared) ? shared : []), ...(operation.data?.parameters ?? [])].map(resolve),
    );
  const body = RequestBody.optional().safeParse(resolve(operation.data?.requestBody));
  const json = body.data?.content["application/json"];
  // A file upload or a form: nothing that can be typed into Discord.
  const takesNoJson = body.data !== undefined && !isRecord(json);
  if (!operation.success || !parameters.success || !body.success || takesNoJson) {
    skipped.push(line);
    return undefined;
  }

  const { summary = "", tags } = operation.data;
  return {
    summary: shownText(summary),
    ...(tags?.[0] === undefined ? {} : { tag: shownText(tags[0]) }),
    // Headers and cookies are ours to set.
    parameters: parameters.data.flatMap(({ name, in: place, required, schema }) =>
      place === "path" || place === "query" ? [{ name, in: place, required, schema: cut(schema) }] : [],
    ),
    ...(body.data && isRecord(json)
      ? { body: { required: body.data.required, schema: cut(json.schema) } }
      : {}),
  };
}

const MAX_SUMMARY_LENGTH = 100;

/** It stands in autocompletion, where nothing is escaped or redacted any more. */
function shownText(text: string): string {
  return redact(stripUnseen(text)).slice(0, MAX_SUMMARY_LENGTH);
}

function unusable(code: string, what: string): ParsedOpenApi {
  const reason = `${what} Endpoints are checked against the copy from before, if there is one. Look at /openapi.json of the API.`;
  return { kind: "unusable", problem: new AppError(code, reason) };
}
