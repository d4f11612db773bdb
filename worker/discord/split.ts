/** @see https://discord.com/developers/docs/resources/message#create-message */
const CONTENT_MAX = 2000;

const FENCE = "```";
const CLOSING = `\n${FENCE}`;
// A longer "language" is text that stands behind three backticks.
const LANGUAGE = /^[\w+#.-]{0,20}(?=\n)/;

/**
 * Cuts a text into messages of at most `max` UTF-16 units: at a line's end where there is one, else between
 * words, else between characters; never inside a surrogate pair, a backslash escape or three backticks. A code
 * block that is cut is closed and opened again, with its language. Nothing is lost but the white space at a cut.
 */
export function splitText(text: string, max = CONTENT_MAX): string[] {
  const messages: string[] = [];
  let rest = text;
  let language: string | undefined;

  while (rest.trim() !== "") {
    const opening = language === undefined ? "" : `${FENCE}${language}\n`;
    const cut = findCut(rest, { room: max - opening.length - CLOSING.length, language });
    const after = languageAfter(rest.slice(0, cut), language);
    const piece = rest.slice(0, cut).replace(/\n$/, "");

    if (piece.trim() !== "") {
      messages.push(`${opening}${piece}${after === undefined ? "" : CLOSING}`);
    }
    rest = rest.slice(cut);
    language = after;
  }
  return messages.filter(hasContent);
}

/** Discord refuses a message of white space, and a code block with nothing in it is three stray backticks. */
function hasContent(message: string): boolean {
  return !/^\s*```[\w+#.-]{0,20}\s*```\s*$/.test(message);
}

function findCut(text: string, { room, language }: { room: number; language: string | undefined }): number {
  if (text.length <= room) return text.length;

  let lineEnd = text.lastIndexOf("\n", room - 1) + 1;
  while (lineEnd > 0 && opensBlock(text.slice(0, lineEnd), language)) {
    lineEnd = lineEnd > 1 ? text.lastIndexOf("\n", lineEnd - 2) + 1 : 0;
  }
  if (lineEnd > 0) return lineEnd;

  const wordEnd = text.lastIndexOf(" ", room - 1) + 1;
  if (wordEnd > room / 2) return wordEnd;

  return charEnd(text, { room, language });
}

/** Whether all that a piece would end with is the opening line of a code block. */
function opensBlock(piece: string, language: string | undefined): boolean {
  return languageAfter(piece, language) !== undefined && /```[\w+#.-]{0,20}\n$/.test(piece);
}

/** The last place up to `room` that splits no unit; always after at least one. */
function charEnd(text: string, { room, language }: { room: number; language: string | undefined }): number {
  let end = 0;
  for (const unit of units(text, language)) {
    if (end > 0 && end + unit.length > room) break;
    end += unit.length;
  }
  return end;
}

/** The language of the code block that is open at the end of `piece`; `undefined` outside of one. */
function languageAfter(piece: string, language: string | undefined): string | undefined {
  let open = language;
  for (const unit of units(piece, language)) {
    if (!unit.startsWith(FENCE)) continue;
    open = open === undefined ? unit.slice(FENCE.length).trimEnd() : undefined;
  }
  return open;
}

/** What must not be cut: a fence with its language, an escaped character, a character. */
function* units(text: string, language: string | undefined): Generator<string> {
  let inside = language !== undefined;
  let position = 0;
  while (position < text.length) {
    const unit = unitAt(text, position, inside);
    if (unit.startsWith(FENCE)) inside = !inside;
    yield unit;
    position += unit.length;
  }
}

function unitAt(text: string, position: number, inside: boolean): string {
  if (text.startsWith(FENCE, position)) {
    if (inside) return FENCE;
    const language = LANGUAGE.exec(text.slice(position + FENCE.length, position + FENCE.length + 21));
    return language ? `${FENCE}${language[0]}\n` : FENCE;
  }
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  // Inside a code block a backslash is a backslash.
  if (character !== "\\" || inside) return character;
  const escaped = text.codePointAt(position + 1);
  return escaped === undefined ? character : character + String.fromCodePoint(escaped);
}
