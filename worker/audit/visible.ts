// Drawn as nothing or elsewhere than it stands, in a terminal as well as in Discord.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** On one line, with a sign in the place of every character that can't be seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, "\ufffd");
}
