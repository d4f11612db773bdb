import { isRecord } from "./json-value.ts";

/** Parameters as they go into a URL: what is named twice has several values. */
export type Params = ReadonlyMap<string, readonly string[]>;

export type ParsedInput<T> = { kind: "parsed"; value: T } | { kind: "invalid"; reason: string };

const MAX_PARAMS = 50;
const MAX_VALUE_LENGTH = 2000;
const EXPECTED_PARAMS =
  'Expected params as name=value pairs, such as limit=5&status=open, or as a JSON object, such as {"limit": 5}';

/** A query string (with or without `?`) or a JSON object, as text or already parsed. */
export function parseParams(
  given: string | Readonly<Record<string, unknown>> | undefined,
): ParsedInput<Params> {
  if (given === undefined) return { kind: "parsed", value: new Map() };
  if (typeof given !== "string") return paramsOf(given);

  const text = given.trim();
  if (!text.startsWith("{") && !text.startsWith("[")) return parseQuery(text);
  const json = parseJsonText(text);
  if (json.kind === "invalid") return invalid(`${EXPECTED_PARAMS}; ${json.reason}.`);
  if (!isRecord(json.value)) return invalid(`${EXPECTED_PARAMS}; got a JSON array.`);
  return paramsOf(json.value);
}

function parseQuery(text: string): ParsedInput<Params> {
  const pairs = text
    .replace(/^\?/, "")
    .split("&")
    .filter((pair) => pair.trim() !== "");
  const lonely = pairs.find((pair) => pair.indexOf("=") < 1);
  if (lonely !== undefined)
    return invalid(`${EXPECTED_PARAMS}; got ${quote(lonely)} without a name and a value.`);
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(pairs.map((pair) => pair.trim()).join("&"))) {
    values.set(name.trim(), [...(values.get(name.trim()) ?? []), value]);
  }
  return limited(values);
}

function paramsOf(record: Readonly<Record<string, unknown>>): ParsedInput<Params> {
  const values = new Map<string, string[]>();
  for (const [name, value] of Object.entries(record)) {
    // As a filter that was left empty; there is no null in a URL.
    if (value === null) continue;
    const list = Array.isArray(value) ? value : [value];
    if (!list.every(isScalar)) return invalid(`${EXPECTED_PARAMS}; ${quote(name)} holds another object.`);
    values.set(name, list.map(String));
  }
  return limited(values);
}

function limited(values: Params): ParsedInput<Params> {
  if (values.size > MAX_PARAMS) return invalid(`Expected at most ${MAX_PARAMS} params, got ${values.size}.`);
  for (const [name, list] of values) {
    if (list.some((value) => value.length > MAX_VALUE_LENGTH)) {
      return invalid(`Expected ${quote(name)} to have at most ${MAX_VALUE_LENGTH} characters.`);
    }
  }
  return { kind: "parsed", value: values };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The body of a call: text is parsed as JSON, anything else is taken as it is. Nothing, or a blank text, is no body. */
export function parseBody(given: unknown): ParsedInput<{ json: unknown } | undefined> {
  if (given === undefined) return { kind: "parsed", value: undefined };
  if (typeof given !== "string") return { kind: "parsed", value: { json: given } };
  if (given.trim() === "") return { kind: "parsed", value: undefined };

  const json = parseJsonText(given.trim());
  if (json.kind === "parsed") return { kind: "parsed", value: { json: json.value } };
  return invalid(`Expected body as JSON, such as {"name": "Contoso"}; ${json.reason}.`);
}

function parseJsonText(text: string): ParsedInput<unknown> {
  try {
    return { kind: "parsed", value: JSON.parse(text) };
  } catch (thrown) {
    // V8 says where, and quotes what stands there, which may be a secret.
    const at = thrown instanceof Error ? /at position (\d+)/.exec(thrown.message)?.[1] : undefined;
    const hint = /[“”‘’]/.test(text)
      ? ' (curly quotes must be ")'
      : /'/.test(text)
        ? ' (quotes must be ")'
        : "";
    if (at === undefined) return invalid(`it is not JSON${hint}`);
    return invalid(`it stops being JSON at character ${Number(at) + 1}${hint}`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(reason: string): { kind: "invalid"; reason: string } {
  return { kind: "invalid", reason };
}
