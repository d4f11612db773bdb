import { Validator } from "@cfworker/json-schema";
import type { Endpoint } from "../../src/claudetools/catalogue.ts";
import { editDistance } from "../../src/claudetools/rank-endpoints.ts";
import { isRecord } from "./json-value.ts";
import type { Params } from "./parse-input.ts";

/** `field` as a person writes it: `limit`, `body.contact.email`. */
export interface FieldProblem {
  field: string;
  message: string;
}

interface Call {
  /** What stands in the path in place of `{name}`. */
  pathValues: ReadonlyMap<string, string>;
  query: Params;
  body: { json: unknown } | undefined;
}

/**
 * What the API would not accept, found before anything is sent; empty if all is well. Stricter than FastAPI in one
 * point: it passes over a filter that it doesn't know, and whoever mistyped one would get everything.
 */
export function validateCall(endpoint: Endpoint, { pathValues, query, body }: Call): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const known = endpoint.parameters.filter((parameter) => parameter.in === "query");
  for (const { name, in: place, required, schema } of endpoint.parameters) {
    const pathValue = pathValues.get(name);
    const values = place === "path" ? (pathValue === undefined ? undefined : [pathValue]) : query.get(name);
    if (values === undefined) {
      if (required) problems.push({ field: name, message: "is required" });
      continue;
    }
    const value = fromText(values, schema);
    problems.push(
      ...check(value, schema).map(({ path, message }) => ({ field: [name, ...path].join("."), message })),
    );
  }
  for (const name of query.keys()) {
    if (!known.some((parameter) => parameter.name === name)) {
      problems.push({
        field: name,
        message: unknownParameter(
          name,
          known.map((parameter) => parameter.name),
        ),
      });
    }
  }
  return [...problems, ...validateBody(endpoint, body)];
}

function unknownParameter(name: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({
      candidate,
      far: editDistance(name.slice(0, 100).toLowerCase(), candidate.toLowerCase()),
    }))
    .toSorted((a, b) => a.far - b.far)[0];
  if (nearest === undefined) return "is not known: this endpoint takes no params";
  if (nearest.far <= 2) return `is not known (did you mean ${nearest.candidate}?)`;
  return `is not known; this endpoint takes ${known.slice(0, 10).join(", ")}`;
}

/** The names that the API reads in a body; it passes over all others. */
export function bodyFieldsOf({ body }: Endpoint): string[] {
  return branches(body?.schema ?? {}).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

function validateBody({ method, body: expected }: Endpoint, body: Call["body"]): FieldProblem[] {
  if (body === undefined) return expected?.required ? [{ field: "body", message: "is required" }] : [];
  if (expected === undefined)
    return [{ field: "body", message: `is not taken by this endpoint (${method})` }];
  return check(body.json, expected.schema).map(({ path, message }) => ({
    field: ["body", ...path].join("."),
    message,
  }));
}

/** In a URL everything is text; FastAPI reads it by the schema, so it is read so here. */
function fromText(values: readonly string[], schema: Record<string, unknown>): unknown {
  const types = typesOf(schema);
  const [first = ""] = values;
  if (types.has("array")) {
    const items = arrayItems(schema);
    return values.map((value) => fromText([value], items));
  }
  if (values.length > 1) return [...values];
  if (
    (types.has("integer") || types.has("number")) &&
    /^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?\s*$/.test(first)
  ) {
    return Number(first);
  }
  if (types.has("boolean")) {
    if (/^(true|1|yes|on|t|y)$/i.test(first)) return true;
    if (/^(false|0|no|off|f|n)$/i.test(first)) return false;
  }
  return first;
}

function typesOf(schema: Record<string, unknown>): ReadonlySet<unknown> {
  return new Set(branches(schema).flatMap(({ type }) => (Array.isArray(type) ? type : [type])));
}

function arrayItems(schema: Record<string, unknown>): Record<string, unknown> {
  const items = branches(schema).find((branch) => branch.items !== undefined)?.items;
  return isRecord(items) ? items : {};
}

/** The schema and what it offers as alternatives, as FastAPI writes `int | None`. */
function branches(schema: Record<string, unknown>): Record<string, unknown>[] {
  const below = ["anyOf", "oneOf", "allOf"].flatMap((keyword) => schema[keyword] ?? []);
  return [schema, ...below.filter(isRecord).flatMap(branches)];
}

interface Violation {
  path: string[];
  message: string;
}

/** Says that something below it is wrong, and not what. */
const CONTAINERS = new Set([
  "properties",
  "items",
  "prefixItems",
  "allOf",
  "anyOf",
  "oneOf",
  "$ref",
  "additionalProperties",
]);

function check(value: unknown, schema: Record<string, unknown>): Violation[] {
  // Without code generation, so it also runs where `eval` is forbidden. All errors, not the first alone.
  const { errors } = new Validator(schema, "2020-12", false).validate(value);
  const leaves = errors.filter(({ keyword }) => !CONTAINERS.has(keyword));
  // Of alternatives, "must be null" is what nobody wants to read.
  const useful = leaves.filter(
    ({ keyword, error }) => !(keyword === "type" && /Expected "null"/.test(error)),
  );
  const violations = (useful.length > 0 ? useful : leaves).map(({ keyword, instanceLocation, error }) => ({
    path: pointer(instanceLocation),
    ...inWords(keyword, error),
  }));
  const lines = violations.map(({ path, name, message }) => ({
    path: name ? [...path, name] : path,
    message,
  }));
  return lines.filter(
    (line, index) =>
      lines.findIndex((other) => other.message === line.message && other.path.join() === line.path.join()) ===
      index,
  );
}

function pointer(location: string): string[] {
  return location
    .split("/")
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The validator's sentences speak of instances and schemas; these speak of what was typed. */
function inWords(keyword: string, error: string): { name?: string | undefined; message: string } {
  const sentence = error.slice(0, MAX_MESSAGE_LENGTH).replace(/\.$/, "");
  switch (keyword) {
    case "required":
      return { name: /"([^"]*)"/.exec(error)?.[1], message: "is required" };
    case "type": {
      const [, got = "something else", expected = "another type"] =
        /type "([^"]*)".*Expected (.*)$/.exec(sentence) ?? [];
      return { message: `expected ${typeWords(expected)}, got ${typeWords(got)}` };
    }
    case "enum":
      return {
        message: `is none of ${/\[(.*)\]/.exec(sentence)?.[1]?.replaceAll('","', '", "') ?? "what it takes"}`,
      };
    case "const":
      return { message: `is not ${sentence.replace(/^Instance does not match /, "")}` };
    case "format":
      return { message: `is no ${/"([^"]*)"/.exec(error)?.[1]}` };
    case "false":
      return { message: "is not known" };
    default:
      return { message: sentence };
  }
}
const MAX_MESSAGE_LENGTH = 300;

/** JSON Schema's names of types, for somebody who types into a chat. */
function typeWords(names: string): string {
  return names.replaceAll('"', "").replace(/\w+/g, (name) => TYPE_WORDS[name] ?? name);
}
const TYPE_WORDS: Readonly<Record<string, string>> = {
  ...{ integer: "a whole number", number: "a number", string: "text", boolean: "true or false" },
  ...{ array: "a list", object: "an object", null: "nothing" },
};
