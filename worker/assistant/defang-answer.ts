import { redact } from "../../src/redact.ts";
import { defang } from "../discord/escape.ts";
import { strip } from "./untrusted.ts";

const FENCE = "```";

// Code is looked at for what may not leave at all, but keeps its form; elsewhere Markdown is at work. An unclosed fence reaches to the end.
const CODE = /```[\s\S]*?(?:```|$)|``[^\n]+?``|`[^`\n]+`/g;

// What Discord's client turns into a link, wherever it begins: `_https://…_` and `1https://…` are links too. Up to the next space, as there.
const LINK = /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>]{1,2000})/gi;
// Hosts without a scheme that are drawn as something to click, or soon get one from a careful reader.
const BARE_LINK = /((?:www\.|discord(?:app)?\.(?:gg|com\/+invite|me|io|li)\/)[^\s<>]{1,2000})/gi;
// Punctuation at the end of a sentence is none of the link before it.
const TRAILING = /[.,;:!?)\]}'"*_~|]+$/;

// `@everyone`, `<@1>`, `<@&1>`, `<#1>`, `</name:1>`, `<id:guide>`. A timestamp (`<t:1:R>`) is harmless and useful.
const MASS_MENTION = /@(?=everyone|here)/gi;
const MENTION = /<(?=[@#/]|id:)/gi;

/**
 * Makes what the model wrote fit for Discord: its Markdown stays, but nothing in it can ping, lead to a host that is not ours, or be unfurled. Discord
 * requests the page of every link that it draws, so that a link alone carries data out. Pure, and the same for a text that is still growing.
 * Splitting is another job (`splitText`).
 * @param ourHosts - Exact host names that may be linked to, such as the dashboard's.
 * @param secrets - Of this process.
 */
export function defangAnswer(
  text: string,
  { ourHosts = [], secrets = [] }: { ourHosts?: readonly string[]; secrets?: readonly string[] } = {},
): string {
  const visible = redact(strip(text), secrets);
  let safe = "";
  let end = 0;
  for (const { 0: code, index } of visible.matchAll(CODE)) {
    safe += defangProse(visible.slice(end, index), ourHosts) + defangCode(code, ourHosts);
    end = index + code.length;
  }
  safe += defangProse(visible.slice(end), ourHosts);
  return closeFence(safe);
}

function defangProse(text: string, ourHosts: readonly string[]): string {
  const quote = (link: string) => {
    const trailing = TRAILING.exec(link)?.[0] ?? "";
    const target = link.slice(0, link.length - trailing.length).replaceAll("`", "'");
    return `\`${defang(target)}\`${trailing}`;
  };
  const safe = text
    // The words of a masked link can say one host while it leads to another.
    .replaceAll("](", "] (")
    .replace(SMALL_PRINT, "\\-#")
    .replace(LINK, (link) => (isOurs(link, ourHosts) ? link : quote(link)))
    .replace(BARE_LINK, quote);
  return silence(safe);
}

/** A code block is one careless quote away from being text. */
function defangCode(code: string, ourHosts: readonly string[]): string {
  const safe = code
    .replace(LINK, (link) => (isOurs(link, ourHosts) ? link : defang(link)))
    .replace(BARE_LINK, defang);
  return silence(safe);
}

// The small print is ours: what a tool did, what an answer has cost, that it is complete.
const SMALL_PRINT = /(?<![^\s>])-#(?=\s)/g;

/** A zero-width space of ours keeps apart what would ping. */
function silence(text: string): string {
  return text.replace(MASS_MENTION, "@\u200b").replace(MENTION, "<\u200b");
}

// A host and then its path, and nothing that one parser takes for a slash or a user name and another doesn't (`https://ours\@evil`), or
// that Markdown may cut in two (`||https://ours/||https://evil||`).
const PLAIN_LINK = /^https:\/\/([a-z0-9.-]+(?::\d+)?)(?:[/?#](?:(?!:\/\/)[^\\`@])*)?$/;

function isOurs(link: string, ourHosts: readonly string[]): boolean {
  const host = PLAIN_LINK.exec(link.replace(TRAILING, ""))?.[1];
  return host !== undefined && ourHosts.includes(host);
}

function closeFence(text: string): string {
  const isOpen = (text.split(FENCE).length - 1) % 2 === 1;
  return isOpen ? `${text.endsWith("\n") ? text : `${text}\n`}${FENCE}` : text;
}
