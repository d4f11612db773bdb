import { LINE_BREAK, nameUnseen, plainLine } from "../plain-line.ts";

// Bounded, because without a bound a long word costs its length squared.
const SCHEME = /([a-z][a-z0-9+.-]{0,20}):\/\//gi;
// Bracketed too, because people and mail gateways copy addresses out of Discord.
const DOT_IN_HOST = /(?<=:\]?\/\/[^\s/?#]{0,253})\./g;
// Discord draws a join button for these without any scheme before them.
// https://support.discord.com/hc/en-us/articles/208866998-Invites-101
const INVITE_HOST = /(discord(?:app)?)\.(gg|com\/+invite|me|io|li)/gi;
const WWW_HOST = /(?<![a-z0-9])www\.(?=[^\s.])/gi;

// Emphasis, spoilers, code, links, and what opens a mention, a timestamp, a custom emoji or a navigation link.
const ALWAYS_MARKUP = /[\\*~|`[\]<]/g;
// Discord closes emphasis with `_` only at the end of a word, so `adele_vance` needs no backslash.
const UNDERSCORE_AT_WORD_EDGE = /(?<![a-z0-9])_|_(?![a-z0-9])/gi;
// The second character of `<@1>`, `<#1>`, `</name:1>`: Discord's server finds pings without looking at backslashes.
const AFTER_ANGLE_BRACKET = /(?<=<)[@#:/&]/g;
const EMOJI_SHORTCODE = /:(?=[\w+-]{0,32}[a-z_][\w+-]{0,32}:)/gi;
// Quote, heading, subtext, list. https://support.discord.com/hc/en-us/articles/210298617
const LINE_START = /^[>#+-]/;
const NUMBERED_LIST = /^\d+(?=[.)](?:\s|$))/;

/**
 * Makes a text that somebody else wrote harmless in a message or an embed, on one line. A person reads the same
 * words; nothing in it is markup, a mention or a link, and characters that can't be seen are named (`⟨U+202E⟩`).
 *
 * Character by character and not with `escapeMarkdown` of `@discordjs/formatters` 0.6.2: measured, that leaves
 * the second of two masked links in a line alive, no longer escapes emphasis after `<a:`, doesn't know quotes,
 * subtext and mentions, and needs 7 s for 40 kB of `_a`.
 * @see https://discord.com/developers/docs/reference#message-formatting
 */
export function escapeLine(text: string): string {
  return escapeMarkup(defang(plainLine(text)));
}

// https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters
const ESCAPE = "\u001b";
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g");

/**
 * Makes a text harmless inside a code block, and drops terminal colours. There nothing is markup except the three backticks that end it.
 * Links are defanged here too: a code block is one careless quote away from being text.
 */
export function escapeForCodeBlock(text: string): string {
  const lines = text.replace(COLOUR, "").replaceAll("\r\n", "\n").replaceAll("\t", "    ").split(LINE_BREAK);
  const visible = lines.map(nameUnseen).join("\n");
  // Backslashes mean nothing inside, so a zero-width space of ours keeps three backticks apart.
  return defang(visible).replace(/`(?=``)/g, "`\u200b");
}

/** Makes links unclickable: `hxxps://evil[.]example`. */
export function defang(text: string): string {
  return text
    .replace(SCHEME, (_, scheme: string) => {
      const isWeb = /^https?$/i.test(scheme);
      return isWeb ? `${scheme.replace(/t/g, "x").replace(/T/g, "X")}://` : `${scheme}[:]//`;
    })
    .replace(DOT_IN_HOST, "[.]")
    .replace(INVITE_HOST, "$1[.]$2")
    .replace(WWW_HOST, (host) => `${host.slice(0, -1)}[.]`);
}

function escapeMarkup(text: string): string {
  return (
    text
      .replace(EMOJI_SHORTCODE, "\u0000:")
      .replace(AFTER_ANGLE_BRACKET, "\u0000$&")
      .replace(UNDERSCORE_AT_WORD_EDGE, "\u0000_")
      .replace(LINE_START, "\u0000$&")
      .replace(NUMBERED_LIST, "$&\u0000")
      .replace(ALWAYS_MARKUP, "\u0000$&")
      // Two steps, so that no rule sees a backslash that another one wrote. NUL can't be in the text: it was named.
      .replace(/\0+/g, "\\")
      .replace(/@(?=everyone|here)/gi, "@\u200b")
  );
}
