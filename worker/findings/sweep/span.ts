/** The first and the last moment of a group, in milliseconds since 1970. */
export interface Span {
  first: number;
  last: number;
}

export function emptySpan(): Span {
  return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
}

export function stretch(span: Span, at: number | undefined): void {
  if (at === undefined) return;
  span.first = Math.min(span.first, at);
  span.last = Math.max(span.last, at);
}

/** As ISO times; null if nothing in the group had a time. */
export function spanTimes({ first, last }: Span): { first: string | null; last: string | null } {
  return { first: toTime(first), last: toTime(last) };
}

export function toTime(at: number | undefined): string | null {
  return at !== undefined && Number.isFinite(at) ? new Date(at).toISOString() : null;
}
