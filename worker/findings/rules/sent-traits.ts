import type { Evidence } from "../evidence.ts";
import { isSince, type Window } from "../finding.ts";
import type { Message } from "../message.ts";
import { groupBy, MINUTE } from "./sign-in-traits.ts";

/** What the account sent in the window, from the sent items and from the bin, oldest first. */
export function allSent(evidence: Evidence, window: Window): Message[] {
  return [...evidence.sent, ...deletedSent(evidence)]
    .filter(({ at }) => isSince(window, at))
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

/** Mail that the account itself sent and that lies in its deleted items. */
export function deletedSent({ deleted, addresses }: Evidence): Message[] {
  return deleted.filter(({ from }) => from !== undefined && addresses.includes(from));
}

/** A person writes, or answers to all, less than this many mails outside in ten minutes. */
const BURST_MAILS = 20;
/** Or one mail, or a few, to this many people outside. */
const BURST_RECIPIENTS = 50;
const BURST_SPAN = 10 * MINUTE;

/**
 * The ten minutes in which the account sent most mail outside, if that is more than a person does.
 * @param sent - With times, oldest first.
 */
export function burstOf(sent: readonly Message[]): Message[] | undefined {
  const outside = sent.filter((message) => message.outside.length > 0);
  let best: Message[] = [];
  let first = 0;
  let recipients = 0;
  let most = 0;
  outside.forEach((message, index) => {
    recipients += message.outside.length;
    while ((message.at ?? 0) - (outside[first]?.at ?? 0) > BURST_SPAN) {
      recipients -= outside[first]?.outside.length ?? 0;
      first++;
    }
    const mails = index + 1 - first;
    if ((mails >= BURST_MAILS || recipients >= BURST_RECIPIENTS) && recipients > most) {
      most = recipients;
      best = outside.slice(first, index + 1);
    }
  });
  return best.length === 0 ? undefined : best;
}

/** Mails outside under one subject, to this many people, are a campaign of some kind. */
const REPEATED_RECIPIENTS = 10;
const REPEATED_MAILS = 5;

/** Mails under the subject that went to most people outside, if that is more than a conversation. */
export function repeatedSubject(sent: readonly Message[]): Message[] | undefined {
  const outside = sent.filter(({ outside, subject }) => outside.length > 0 && plain(subject) !== "");
  const groups = [...groupBy(outside, ({ subject }) => plain(subject)).values()].map((group) => ({
    group,
    people: new Set(group.flatMap((message) => message.outside)).size,
  }));
  const [most] = groups
    .filter(({ group, people }) => group.length >= REPEATED_MAILS && people >= REPEATED_RECIPIENTS)
    .sort((a, b) => b.people - a.people);
  return most?.group;
}

/** Without "Re:" and its kin, and as everybody reads it. */
function plain(subject: string): string {
  return subject
    .replace(/^\s*((re|fwd?|aw|wg|tr)\s*:\s*)+/i, "")
    .trim()
    .toLowerCase();
}
