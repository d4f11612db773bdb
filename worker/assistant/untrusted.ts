import { redact } from "../../src/redact.ts";

/** The most that one tool result may be, in bytes of UTF-8. A customer's whole database helps nobody and costs every later turn. */
const RESULT_MAX_BYTES = 20_000;
/** Deeper data is a mistake or an attack on the recursion. */
const DEPTH_MAX = 40;

// What Unicode lets a font draw as nothing (tags, variation selectors, zero-width and blank letters, bidirectional marks and
// overrides), separators and annotations, C0 and C1 but for line breaks and tabs, and halves of surrogate pairs: read by the
// model all the same. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
const UNSEEN = /\p{Default_Ignorable_Code_Point}|[\u2028\u2029\ufff9-\ufffb]|(?![\n\r\t])\p{Cc}|\p{Cs}/gu;

/** Removes what a person would not see and a model would obey. */
export function strip(text: string): string {
  return text.replace(UNSEEN, "");
}

interface Untrusted {
  /** Where it is from. */
  source: string;
  data: unknown;
}

/**
 * Data that others wrote, as the model may see it: JSON with a label, without invisible characters and secrets, at most `maxBytes` long. Of a list as
 * many whole records are kept as fit; anything else is cut as text.
 * @param secrets - Of this process, removed wherever they stand.
 */
export function wrapUntrusted(
  { source, data }: Untrusted,
  { secrets = [], maxBytes = RESULT_MAX_BYTES }: { secrets?: readonly string[]; maxBytes?: number } = {},
): string {
  const label = strip(source);
  const clean = cleanse(data, secrets, DEPTH_MAX);
  const whole = JSON.stringify({ source: label, data: clean });
  const sizeBytes = Buffer.byteLength(whole);
  if (sizeBytes <= maxBytes) return whole;

  const truncated = (shown: string) =>
    `Truncated: ${shown} shown, ${sizeBytes} bytes in all. Ask narrower: fewer fields, a filter, or the next page.`;
  const room = maxBytes - Buffer.byteLength(label) - 300;
  const listed = listIn(clean);
  if (listed) {
    const { list, around } = listed;
    const records = fitting(list, room - Buffer.byteLength(JSON.stringify(around([]))));
    if (records.length > 0) {
      const note = truncated(`the first ${records.length} of ${list.length} records are`);
      return JSON.stringify({ source: label, truncated: note, data: around(records) });
    }
  }
  const text = cut(JSON.stringify(clean), room);
  return JSON.stringify({
    source: label,
    truncated: truncated("only the beginning, as text, is"),
    data: text,
  });
}

/** The list that data is, or the only one that it holds beside its counts, as a page of an API does. */
function listIn(
  data: unknown,
): { list: readonly unknown[]; around(records: readonly unknown[]): unknown } | undefined {
  if (Array.isArray(data)) return { list: data, around: (records) => records };
  if (typeof data !== "object" || data === null) return undefined;
  const [only, ...more] = Object.entries(data).filter(([, field]) => Array.isArray(field));
  if (only === undefined || more.length > 0) return undefined;
  const [name, list] = only;
  return { list, around: (records) => ({ ...data, [name]: records }) };
}

/** The first records whose JSON takes at most `room` bytes. */
function fitting(records: readonly unknown[], room: number): unknown[] {
  let used = 0;
  const end = records.findIndex((record) => {
    used += Buffer.byteLength(JSON.stringify(record)) + 1;
    return used > room;
  });
  return records.slice(0, end === -1 ? records.length : end);
}

/** The longest beginning that takes at most `room` bytes once it is a JSON string, never half a character. */
function cut(text: string, room: number): string {
  let low = 0;
  let high = Math.min(text.length, room);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Buffer.byteLength(JSON.stringify(text.slice(0, middle))) <= room) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low).replace(/\p{Cs}$/u, "");
}

function cleanse(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === "string") return redact(strip(value), secrets);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return null;
  if (depth === 0) return "[nested too deeply]";
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((item) => cleanse(item, secrets, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([rawKey, field]) => {
      const key = redact(strip(rawKey), secrets);
      return [key, namesSecret(key) && isValue(field) ? "[redacted]" : cleanse(field, secrets, depth - 1)];
    }),
  );
}

/** Asks the redaction itself, so that there is one list of names that mean a secret. */
function namesSecret(key: string): boolean {
  return redact(`${key}=probe`) !== `${key}=probe`;
}

function isValue(field: unknown): boolean {
  return (typeof field === "string" && field !== "") || typeof field === "number";
}
