import { redact } from "../../src/redact.ts";
import { isRecord, type JsonValue } from "./json-value.ts";
import { isSecretName, isTellingName } from "./secret-names.ts";

export interface Redacted {
  value: JsonValue;
  /** How many values were taken out, in whole or in part. */
  redactedCount: number;
  /** How many strings were cut to `maxStringLength`. */
  shortenedCount: number;
}

interface RedactRecordOptions {
  /** Strings beyond it are cut, and say so. At least 100. Default: as long as they are. */
  maxStringLength?: number;
  /** Exact secrets of this process, removed wherever they stand. */
  known?: readonly string[];
}

const REDACTED = "[redacted]";
const MAX_DEPTH = 40;
const TOO_DEEP = "[nested too deeply]";

/**
 * What a person in Discord or the model may see of a record: nothing that is a secret by the name of its field or by
 * its shape, and no character that can't be seen. Values are told apart by what an API gives, parsed JSON. What was
 * redacted once stays as it is.
 */
export function redactRecord(
  record: unknown,
  { maxStringLength = Number.POSITIVE_INFINITY, known = [] }: RedactRecordOptions = {},
): Redacted {
  let redactedCount = 0;
  let shortenedCount = 0;

  function text(given: string): string {
    const visible = stripUnseen(given);
    const clean = redactShapes(visible, known);
    if (clean !== visible) redactedCount += 1;
    const short = shorten(clean, maxStringLength);
    if (short !== clean) shortenedCount += 1;
    return short;
  }

  function takeOut(value: unknown): JsonValue {
    if (value !== REDACTED) redactedCount += 1;
    return REDACTED;
  }

  /** @param isSecret - It stands in, or below, a field whose name says so. */
  function walk(value: unknown, isSecret: boolean, depth: number): JsonValue {
    // True, false and nothing say whether there is a secret, not what it is: `mfa_enabled`, `has_password`.
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return isSecret && value !== "" ? takeOut(value) : text(value);
    if (typeof value === "number") return isSecret ? takeOut(value) : value;
    // JSON.parse takes a million brackets; walking them would end the process.
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    if (Array.isArray(value)) return value.map((element) => walk(element, isSecret, depth + 1));
    if (!isRecord(value)) return null;

    const namesSecret = holdsNamedSecret(value, known);
    return Object.fromEntries(
      Object.entries(value).map(([givenKey, element]) => {
        const key = text(givenKey);
        const isOwn = isSecretName(key) || (namesSecret && VALUE_FIELD.test(key));
        return [key, walk(element, isOwn || (isSecret && !isTellingName(key)), depth + 1)];
      }),
    );
  }

  return { value: walk(record, false, 0), redactedCount, shortenedCount };
}

/** `{ "name": "DB_PASSWORD", "value": "…" }`: the name of the field is itself a value. */
function holdsNamedSecret(record: Record<string, unknown>, known: readonly string[]): boolean {
  return Object.entries(record).some(([key, value]) => {
    if (!NAMING_FIELD.test(key) || typeof value !== "string") return false;
    // As it will be shown, so that a second look decides like the first. A sentence such as a task's title is no name.
    const name = redactShapes(stripUnseen(value), known);
    return name.trim().split(/\s+/).length <= 3 && isSecretName(name);
  });
}
const NAMING_FIELD =
  /^((field|key|setting|variable|property)_?name|name|key|k|field|label|setting|variable|property|type)$/i;
const VALUE_FIELD = /^((current|old|new|default|field)_?)?(val(ue)?|v|data|text|content)$/i;

/** Until nothing changes, because what one pattern takes out may uncover what another looks for. */
function redactShapes(text: string, known: readonly string[]): string {
  let [before, after] = [text, redact(text, known)];
  for (let rounds = 0; after !== before && rounds < 5; rounds++) {
    [before, after] = [after, redact(after, known)];
  }
  return after;
}

// Controls but line break and tab; everything that only formats (zero-width, bidirectional, tags, soft hyphen);
// variation selectors; halves of characters; and letters that are blank although Unicode doesn't call them so.
// Taken out, not named as in worker/discord/escape.ts: the model must not read hidden text, whatever it is called.
const UNSEEN =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]|[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu;

/** Also what stands inside a word: `pass\u200bword` is a password. */
export function stripUnseen(text: string): string {
  return text.replace(UNSEEN, "");
}

const MIN_STRING_LENGTH = 100;

function shorten(text: string, maxLength: number): string {
  const limit = Math.max(maxLength, MIN_STRING_LENGTH);
  if (text.length <= limit) return text;
  // The blank and the semicolon keep what follows out of a `password=` that the cut may have left at the end.
  const note = ` ; … (${text.length} characters, the rest was cut)`;
  const end = limit - note.length;
  const mark = text.lastIndexOf(REDACTED, end);
  const isInsideMark = mark !== -1 && mark < end && end < mark + REDACTED.length;
  // A cut between the halves of a character would leave half of it.
  return `${text.slice(0, isInsideMark ? mark : end).replace(/[\ud800-\udbff]$/, "")}${note}`;
}
