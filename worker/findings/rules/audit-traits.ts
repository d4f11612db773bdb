import type { AuditEvent } from "../audit-event.ts";
import type { Evidence } from "../evidence.ts";
import { isSince, type Window } from "../finding.ts";
import type { Act } from "../indicators/audit-activities.ts";

type Who = { id: string | undefined; upn: string | undefined };

/** Whether a person in the log is the account under investigation. */
export function isAccount({ id, upn }: Who, { account, upn: ours }: Evidence): boolean {
  if (id !== undefined && account?.id !== undefined) return id === account.id;
  return upn !== undefined && upn.toLowerCase() === ours?.toLowerCase();
}

/** Events of one kind that succeeded in the window. */
export function eventsOf({ audits }: Evidence, acts: readonly Act[], window: Window): AuditEvent[] {
  return audits.filter(
    ({ act, succeeded, at }) => act !== undefined && acts.includes(act) && succeeded && isSince(window, at),
  );
}

/** Whoever did it, for a sentence. */
export function actorOf({ actor }: AuditEvent): string {
  return actor.upn ?? actor.app ?? "somebody who is not named";
}

/** When something was done, and from where. */
export function happening({ at, actor }: AuditEvent): { at: number | undefined; ip: string | undefined } {
  return { at, ip: actor.ip };
}

export function idsOf(items: readonly { id: string }[]): string {
  return items
    .map(({ id }) => id)
    .toSorted()
    .join();
}
