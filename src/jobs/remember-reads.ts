import type { Outlook } from "./queue.ts";

/** Somebody who types asks several times a second, for what changes every few minutes. */
const REMEMBERED_MS = 5_000;

/** The same outlook, whose `read` is not asked again for what it answered within the last seconds. */
export function rememberReads(outlook: Outlook, { now }: { now: () => number }): Outlook {
  const seen = new Map<string, { answer: Awaited<ReturnType<Outlook["read"]>>; until: number }>();
  return {
    ...outlook,
    async read(keys) {
      const name = JSON.stringify(keys);
      const known = seen.get(name);
      if (known !== undefined && now() < known.until) return known.answer;
      const answer = await outlook.read(keys);
      if (answer.kind === "read") seen.set(name, { answer, until: now() + REMEMBERED_MS });
      return answer;
    },
  };
}
