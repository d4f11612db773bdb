import { isRecord } from "./json-value.ts";

export type CutSchema = Record<string, unknown>;

interface CutOptions {
  /** The whole document, which references point into. */
  document: unknown;
  /** Called with each reference that leads nowhere. */
  onBrokenReference: (reference: string) => void;
}

/** Deeper, or more of it, than any form that a person fills in; what lies beyond is left to the API to check. */
const MAX_DEPTH = 8;
const MAX_NODES = 400;

const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown) => typeof value === "string";
const isList = (value: unknown) => Array.isArray(value) && value.length > 0;
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

/** What means the same in OpenAPI 3.0, 3.1 and JSON Schema 2020-12, if it is of its type: the validator relies on that. */
const COPIED: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => isText(value) || (isList(value) && isTexts(value)),
  enum: isList,
  const: () => true,
  required: isTexts,
  minimum: isNumber,
  maximum: isNumber,
  // In 3.0 a flag: see fromVersion30.
  exclusiveMinimum: (value) => isNumber(value) || typeof value === "boolean",
  exclusiveMaximum: (value) => isNumber(value) || typeof value === "boolean",
  multipleOf: (value) => isNumber(value) && value !== 0,
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  uniqueItems: (value) => typeof value === "boolean",
  // Checks nothing: it says how many rows come when nobody says how many.
  default: isNumber,
};
/**
 * Formats that FastAPI and JSON Schema read alike. Not `date-time`: FastAPI takes one without a zone. And no `pattern`:
 * those are Rust's regular expressions, and one that is slow in JavaScript would stop the worker.
 * @see https://docs.pydantic.dev/latest/api/standard_library_types/#datetimes
 */
const CHECKED_FORMATS = ["uuid", "email", "date", "ipv4", "ipv6"];

/**
 * A schema of an OpenAPI document (3.0 or 3.1) as plain JSON Schema 2020-12 without references, texts and examples, small
 * enough to be kept. Where it refers to itself, or is cut, everything is valid.
 * @see https://spec.openapis.org/oas/v3.0.4.html#schema-object
 */
export function cutSchema(schema: unknown, { document, onBrokenReference }: CutOptions): CutSchema {
  let nodes = 0;

  function cut(given: unknown, open: readonly string[], depth: number): CutSchema {
    nodes += 1;
    if (!isRecord(given) || depth > MAX_DEPTH || nodes > MAX_NODES) return given === false ? { not: {} } : {};

    const { $ref: reference } = given;
    if (typeof reference === "string") {
      if (open.includes(reference)) return {};
      const target = resolveReference(document, reference);
      if (target === undefined) onBrokenReference(reference);
      return cut(target, [...open, reference], depth);
    }

    const below = (value: unknown) => cut(value, open, depth + 1);
    const result: CutSchema = {};
    for (const [keyword, isRight] of Object.entries(COPIED)) {
      if (given[keyword] !== undefined && isRight(given[keyword])) result[keyword] = given[keyword];
    }
    if (typeof given.format === "string" && CHECKED_FORMATS.includes(given.format))
      result.format = given.format;
    if (isRecord(given.properties)) {
      const properties = Object.entries(given.properties).map(([name, value]) => [name, below(value)]);
      result.properties = Object.fromEntries(properties);
    }
    if (isRecord(given.items)) result.items = below(given.items);
    if (Array.isArray(given.prefixItems)) result.prefixItems = given.prefixItems.map(below);
    if (given.additionalProperties === false) result.additionalProperties = false;
    if (isRecord(given.additionalProperties)) result.additionalProperties = below(given.additionalProperties);
    for (const keyword of ["anyOf", "oneOf", "allOf"]) {
      const branches = given[keyword];
      if (Array.isArray(branches) && branches.length > 0) result[keyword] = branches.map(below);
    }
    return fromVersion30(given, result);
  }

  return cut(schema, [], 0);
}

/** What 3.0 says in its own way: `nullable`, and exclusive limits as flags. In 3.1 neither occurs. */
function fromVersion30(given: Record<string, unknown>, result: CutSchema): CutSchema {
  for (const [flag, limit] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof result[flag] !== "boolean") continue;
    if (result[flag] === true) result[flag] = result[limit];
    else delete result[flag];
    if (result[flag] !== undefined) delete result[limit];
  }
  return given.nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}

/** `#/components/schemas/ClientCreate`; references to other documents lead nowhere, since nothing is fetched for them. */
export function resolveReference(document: unknown, reference: string): unknown {
  if (!reference.startsWith("#/")) return undefined;
  const keys = reference
    .slice(2)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  let target = document;
  for (const key of keys) {
    // Own properties alone: `#/constructor` is a reference that leads nowhere.
    if (!isRecord(target) || !Object.hasOwn(target, key)) return undefined;
    target = target[key];
  }
  return target;
}
