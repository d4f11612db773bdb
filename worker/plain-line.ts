/** Stands where a line break stood in a text that must stay on one line. */
const LINE_BREAK_SIGN = "⏎";
export const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/;

/**
 * A text that somebody else wrote, on one line and with every character named that can't be seen. Not escaped for any
 * markup: that is for whoever shows it.
 */
export function plainLine(text: string): string {
  const oneLine = text
    .split(LINE_BREAK)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(` ${LINE_BREAK_SIGN} `);
  return nameUnseen(oneLine.replaceAll("\t", " "));
}

// Drawn as nothing, or drawn elsewhere than it stands: controls, bidirectional overrides, zero-width characters,
// lone surrogates, private use; then letters and marks that are blank although Unicode doesn't call them so.
// Not the joiner inside an emoji (👩‍💻), which is how that emoji is spelled.
const UNSEEN =
  /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u2800|\u3164|\uffa0|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|\u200d(?!\p{Extended_Pictographic})/gu;

/** Names what a reader would not see: `⟨U+202E⟩`. */
export function nameUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return `⟨U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
