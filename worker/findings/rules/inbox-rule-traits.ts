import { quote } from "../finding.ts";
import type { InboxRule } from "../inbox-rule.ts";
import { ARCHIVE_FOLDERS, DISCARD_FOLDERS, isFolderIn, OBSCURE_FOLDERS } from "../indicators/folders.ts";
import { MAIL_WORDS, SENDERS } from "../indicators/mail-words.ts";

/** How an inbox rule keeps mail from its owner's eyes. */
export interface Hiding {
  /** "thorough": gone, or where nobody looks. "mild": in the archive, where people do look. */
  degree: "thorough" | "mild";
  place: "deleted" | "discarded" | "obscure" | "archive";
  /** Completes "Mail is …": "deleted", "moved to RSS Feeds". */
  fate: string;
}

export function hidingOf(inboxRule: InboxRule): Hiding | undefined {
  if (inboxRule.deletes) return { degree: "thorough", place: "deleted", fate: "deleted" };
  const { movesTo } = inboxRule;
  if (movesTo === undefined) return undefined;

  const fate = `moved to ${quote(movesTo)}`;
  if (isFolderIn(OBSCURE_FOLDERS, movesTo)) return { degree: "thorough", place: "obscure", fate };
  if (isFolderIn(DISCARD_FOLDERS, movesTo)) return { degree: "thorough", place: "discarded", fate };
  if (isFolderIn(ARCHIVE_FOLDERS, movesTo)) return { degree: "mild", place: "archive", fate };
  return undefined;
}

/** What the mail is about that an inbox rule looks for, and how much the word says. */
export interface Topic {
  topic: "money" | "security";
  weight: "telling" | "common";
  word: string;
}

export function topicOf({ keywords, senders }: InboxRule): Topic | undefined {
  return find(IN_TEXT, keywords) ?? find(IN_SENDER, senders);
}

/** Lists with telling words come first, so the most telling word is the one quoted. */
function find(lists: typeof IN_TEXT, texts: readonly string[]): Topic | undefined {
  for (const { topic, weight, pattern } of lists) {
    const word = texts.find((text) => pattern.test(text.normalize("NFC")));
    if (word !== undefined) return { topic, weight, word: quote(word) };
  }
  return undefined;
}

const IN_TEXT = MAIL_WORDS.map((list) => ({ ...list, pattern: patternOf(list.words) }));
const IN_SENDER = SENDERS.map((list) => ({ ...list, pattern: patternOf(list.words) }));

/** Any of the words, each at its beginning, and whole where it ends in ".". */
function patternOf(words: readonly string[]): RegExp {
  const alternatives = words.map((word) => {
    const literal = word.replace(/\.$/, "").normalize("NFC");
    return word.endsWith(".") ? `${literal}(?![\\p{L}\\p{N}])` : literal;
  });
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join("|")})`, "iu");
}

/**
 * Whether somebody avoided giving the rule a name: nothing but punctuation, spaces or invisible characters.
 * @see https://github.com/elastic/detection-rules (inbox rule name of punctuation only, medium)
 */
export function hasBlankName({ name }: InboxRule): boolean {
  return name !== undefined && /^[\p{P}\p{S}\p{Z}\p{C}]*$/u.test(name);
}

/** Names of up to three characters are typical of attackers and not rare otherwise ("HR"). */
export function hasShortName({ name }: InboxRule): boolean {
  return name !== undefined && [...name.trim()].length <= 3;
}

/** The rule as a sentence names it. */
export function nameOf({ name }: InboxRule): string {
  if (name === undefined) return "An inbox rule";
  return name.trim() === "" ? "The inbox rule without a name" : `The inbox rule "${quote(name)}"`;
}
