/**
 * The text of an artifact. Windows PowerShell writes UTF-16 by default, with a byte order mark when it redirects
 * (`>`) and at times without one, so both are told apart from UTF-8 here. Never throws: what cannot be decoded
 * becomes U+FFFD, and then isn't JSON.
 * @see https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_character_encoding
 */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";

  // JSON begins with ASCII characters, so in UTF-16 without a mark every second byte of its beginning is zero.
  // https://www.rfc-editor.org/rfc/rfc4627#section-3
  const [first, second, third, fourth] = bytes;
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return "utf-16be";
  return "utf-8";
}
