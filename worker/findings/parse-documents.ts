/** One JSON value of an artifact, and where it stands: "$", or "$[n]" for the n-th of several (JSON lines). */
interface JsonDocument {
  path: string;
  value: unknown;
}

export interface ParsedText {
  documents: JsonDocument[];
  /** What was lost: the end of a cut file, or a record that isn't JSON. The documents are then not everything. */
  losses: string[];
  /** Text between the documents, such as a script's progress lines. Nothing was lost, but nothing was read. */
  hasOtherText: boolean;
}

/**
 * Reads JSON as scripts leave it: one value, JSON lines, values one after another, progress lines in between, and a
 * file whose end is missing because the script was killed. Of a cut list the complete records are kept; the record
 * that was cut is dropped, since half a record could pass for a harmless one. What begins in the middle of a line of
 * text is not read: it may be a name that somebody wrote, which the script prints.
 * @param text - Decoded; a byte order mark is gone already.
 */
export function parseDocuments(text: string): ParsedText {
  if (nestsTooDeeply(text))
    return { documents: [], losses: ["it is nested too deeply"], hasOtherText: false };
  const whole = parseJson(text);
  if (whole.kind === "value") {
    return { documents: [{ path: "$", value: whole.value }], losses: [], hasOtherText: false };
  }

  const values: unknown[] = [];
  const losses: string[] = [];
  const { spans, cut, hasOtherText, hasQuotedJson } = findSpans(text);
  if (hasQuotedJson) losses.push("JSON in the middle of a line of text was not read");
  for (const { start, end } of spans) {
    const parsed = parseJson(text.slice(start, end));
    if (parsed.kind === "value") values.push(parsed.value);
    // "[INFO] done" is a progress line and not a lost record.
    else if (text[start] === "{") losses.push("a record is not valid JSON");
  }
  if (cut !== undefined) {
    losses.push("the end of the file is missing");
    // Of JSON lines, the line that was cut is one record, and goes.
    if (values.length === 0) {
      const salvaged = parseJson(cut);
      if (salvaged.kind === "value") values.push(salvaged.value);
    }
  }
  const only = values.length === 1;
  return {
    documents: values.map((value, index) => ({ path: only ? "$" : `$[${index}]`, value })),
    losses: [...new Set(losses)],
    hasOtherText: hasOtherText || spans.length > values.length,
  };
}

/** Graph nests to five or so. JSON.parse manages any depth, at some forty bytes of memory for each bracket. */
const MAX_NESTING = 1_000;

function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && depth > 0) depth--;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}

function parseJson(text: string): { kind: "value"; value: unknown } | { kind: "broken" } {
  try {
    return { kind: "value", value: JSON.parse(text) };
  } catch {
    return { kind: "broken" };
  }
}

/** An array or object that is still open; `lastEnd` is where its last complete element or member ended. */
interface Frame {
  opener: "{" | "[";
  lastEnd: number;
}

/**
 * Finds the outermost objects and arrays by their brackets, in one pass. `cut` is the last one if it never closes,
 * shortened to its complete records and closed.
 */
function findSpans(text: string): {
  spans: { start: number; end: number }[];
  cut: string | undefined;
  hasOtherText: boolean;
  /** A brace follows text in the same line. */
  hasQuotedJson: boolean;
} {
  const spans: { start: number; end: number }[] = [];
  const open: Frame[] = [];
  let start = 0;
  let inString = false;
  let hasOtherText = false;
  let hasQuotedJson = false;
  let lineHasText = false;

  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
      continue;
    }
    if (lineHasText) {
      if (character === "{") hasQuotedJson = true;
      lineHasText = character !== "\n";
      continue;
    }
    switch (character) {
      case "{":
      case "[":
        if (open.length === 0) start = at;
        open.push({ opener: character, lastEnd: at + 1 });
        break;
      case "}":
      case "]": {
        if (open.length === 0) {
          hasOtherText = lineHasText = true;
          break;
        }
        open.pop();
        const parent = open.at(-1);
        if (parent === undefined) spans.push({ start, end: at + 1 });
        else parent.lastEnd = at + 1;
        break;
      }
      case ",": {
        const frame = open.at(-1);
        if (frame !== undefined) frame.lastEnd = at;
        break;
      }
      case '"':
        // A quotation mark in a progress line opens nothing: people write "it's 5\" wide".
        if (open.length > 0) inString = true;
        else hasOtherText = lineHasText = true;
        break;
      default:
        if (open.length === 0 && character !== undefined && !/[\s\uFEFF]/.test(character))
          hasOtherText = lineHasText = true;
    }
  }
  const cut = open.length === 0 ? undefined : closeCut(text, start, open);
  return { spans, cut, hasOtherText, hasQuotedJson };
}

function closeCut(text: string, start: number, open: Frame[]): string {
  // The outermost list holds the records; lists further in belong to the record that was cut.
  const list = open.findIndex((frame) => frame.opener === "[");
  const kept = open.slice(0, list === -1 ? 1 : list + 1);
  const end = kept.at(-1)?.lastEnd ?? start;
  const closers = kept.map((frame) => (frame.opener === "{" ? "}" : "]")).reverse();
  return text.slice(start, end) + closers.join("");
}
