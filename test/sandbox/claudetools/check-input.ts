import { MAX_LIMIT } from "./openapi.ts";
import type { Field, Router } from "./routers.ts";

/** One row of a 422 as pydantic 2 writes it. @see https://docs.pydantic.dev/latest/errors/validation_errors/ */
export interface FieldError {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

export function checkId(name: string, value: string): FieldError[] {
  return /^-?\d+$/.test(value) ? [] : [intParsing(["path", name], value)];
}

/** Unknown parameters are passed over, as FastAPI does. */
export function checkQuery({ fields }: Router, query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, low, high] of [
    ["skip", 0, Number.POSITIVE_INFINITY],
    ["limit", 1, MAX_LIMIT],
  ] as const) {
    const input = query.get(name);
    if (input === null) continue;
    const loc = ["query", name];
    if (!/^-?\d+$/.test(input)) errors.push(intParsing(loc, input));
    else if (Number(input) < low) errors.push(limitError("greater_than_equal", "ge", low, loc, input));
    else if (Number(input) > high) errors.push(limitError("less_than_equal", "le", high, loc, input));
  }
  for (const [name, { type, isFilter }] of Object.entries(fields)) {
    const input = query.get(name);
    if (input === null || !isFilter) continue;
    if (type === "integer" && !/^-?\d+$/.test(input)) errors.push(intParsing(["query", name], input));
    if (typeof type !== "string" && !type.includes(input))
      errors.push(enumError(["query", name], input, type));
  }
  return errors;
}

export function checkBody(
  { fields }: Router,
  body: unknown,
  { isUpdate }: { isUpdate: boolean },
): FieldError[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    const msg = "Input should be a valid dictionary or object to extract fields from";
    return [{ type: "model_attributes_type", loc: ["body"], msg, input: body }];
  }
  const given = new Map<string, unknown>(Object.entries(body));
  return Object.entries(fields).flatMap(([name, field]): FieldError[] => {
    if (field.isReadOnly) return [];
    const input = given.get(name);
    const loc = ["body", name];
    if (input === undefined) {
      const isMissing = field.required && !isUpdate;
      return isMissing ? [{ type: "missing", loc, msg: "Field required", input: body }] : [];
    }
    if (input === null) return field.required && !isUpdate ? [typeError(loc, field, input)] : [];
    return checkValue(loc, field, input);
  });
}

function checkValue(loc: string[], field: Field, input: unknown): FieldError[] {
  const { type, maxLength } = field;
  if (typeof type !== "string") return type.includes(String(input)) ? [] : [enumError(loc, input, type)];
  const expected = { integer: "number", number: "number", boolean: "boolean" }[String(type)] ?? "string";
  if (typeof input !== expected) return [typeError(loc, field, input)];
  if (typeof input === "string" && maxLength !== undefined && input.length > maxLength) {
    const msg = `String should have at most ${maxLength} characters`;
    return [{ type: "string_too_long", loc, msg, input, ctx: { max_length: maxLength } }];
  }
  if (input === "" && maxLength !== undefined) {
    const msg = "String should have at least 1 character";
    return [{ type: "string_too_short", loc, msg, input, ctx: { min_length: 1 } }];
  }
  return [];
}

function typeError(loc: string[], { type }: Field, input: unknown): FieldError {
  const kind = { integer: "int", number: "float", boolean: "bool" }[String(type)] ?? "string";
  const word = { int: "integer", float: "number", bool: "boolean", string: "string" }[kind];
  return { type: `${kind}_type`, loc, msg: `Input should be a valid ${word}`, input };
}

function intParsing(loc: string[], input: string): FieldError {
  const msg = "Input should be a valid integer, unable to parse string as an integer";
  return { type: "int_parsing", loc, msg, input };
}

function limitError(type: string, key: string, limit: number, loc: string[], input: string): FieldError {
  const words = type.replaceAll("_", " ").replace("equal", "or equal to");
  return { type, loc, msg: `Input should be ${words} ${limit}`, input, ctx: { [key]: limit } };
}

function enumError(loc: string[], input: unknown, allowed: readonly string[]): FieldError {
  const quoted = allowed.map((word) => `'${word}'`);
  const expected = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
  return { type: "enum", loc, msg: `Input should be ${expected}`, input, ctx: { expected } };
}
