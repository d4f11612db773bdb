import { plainLine } from "../plain-line.ts";
import { escapeLine } from "./escape.ts";

/**
 * Escapes a text and keeps at most `max` UTF-16 units of it; what is left out is counted. The source is cut
 * before it is escaped, so that no escape is cut in two. UTF-16, because Discord doesn't say what it counts,
 * and no other count of the same text is larger.
 */
export function fitText(text: string, max: number): string {
  if (text.length <= max) {
    const whole = escapeLine(text);
    if (whole.length <= max) return whole;
  }

  const room = max - more(text.length).length;
  let end = charStart(text, Math.min(room, text.length - 1));
  let kept = escapeLine(text.slice(0, end));
  while (kept.length > room) {
    // The longest that one unit can become is 9: a control character that is named.
    end = charStart(text, end - Math.ceil((kept.length - room) / 9));
    kept = escapeLine(text.slice(0, end));
  }
  return `${kept}${more(text.length - end)}`;
}

const more = (characters: number) => `… (${characters.toLocaleString("en")} more characters)`;

/** `index`, or one less if that is the middle of a surrogate pair. */
export function charStart(text: string, index: number): number {
  const inPair = /[\ud800-\udbff]/.test(text.charAt(index - 1)) && /[\udc00-\udfff]/.test(text.charAt(index));
  return inPair ? index - 1 : index;
}

/** At most `max` UTF-16 units of a text where Discord reads no markup, so that an escape would be seen as one. */
export function fitPlain(text: string, max: number): string {
  const whole = plainLine(text);
  return whole.length <= max ? whole : `${whole.slice(0, charStart(whole, max - 1))}…`;
}

/**
 * The most that each may take so that all together stay within `room`: whoever wants less leaves the rest to
 * the others. With 25 sections it is never below 150, which is more than a heading and a count.
 */
export function fairShare(wanted: readonly number[], room: number): number {
  let left = room;
  for (const [index, want] of [...wanted].sort((a, b) => a - b).entries()) {
    const share = Math.floor(left / (wanted.length - index));
    if (want > share) return share;
    left -= want;
  }
  return room;
}

export interface FitLinesOptions {
  /** Of all lines together, in UTF-16 units. */
  max: number;
  /** Of one line: otherwise the first long one takes the place of all others. */
  lineMax: number;
  /** What follows "and 12 more" when lines are left out. */
  hint?: string;
}

/** Escapes lines, joins as many as fit and counts the others. `max` must have room for the count alone. */
export function fitLines(lines: readonly string[], { max, lineMax, hint = "" }: FitLinesOptions): string {
  const said = lines.filter((line) => line.trim() !== "");
  const kept: string[] = [];
  let length = 0;

  for (const [index, line] of said.entries()) {
    const fitted = fitText(line, Math.min(lineMax, max));
    const reserve = index === said.length - 1 ? 0 : leftOut(said.length, kept.length, hint).length + 1;
    if (length + fitted.length + reserve > max) break;
    kept.push(fitted);
    length += fitted.length + 1;
  }
  if (kept.length === said.length) return kept.join("\n");
  return [...kept, leftOut(said.length - kept.length, kept.length, hint)].join("\n");
}

function leftOut(count: number, kept: number, hint: string): string {
  if (kept > 0) return `and ${count} more${hint}`;
  return `${count} ${count === 1 ? "line" : "lines"}${hint}`;
}
