import type { Recognition } from "./recognise.ts";

/**
 * Whether each list is there up to its last page. Each page but the last names the next one. A check may consist of several
 * lists, and whose page a file is shows only in its name: pages of one list differ in a number, as in `signins-2.json`.
 */
export function hasLastPages(pages: Recognition["lists"]): boolean {
  const whole = new Map<string, boolean>();
  for (const { source, hasNextPage } of pages) {
    const list = withoutNumbers(source.artifact) + withoutNumbers(source.path);
    whole.set(list, !hasNextPage || whole.get(list) === true);
  }
  return [...whole.values()].every(Boolean);
}

function withoutNumbers(name: string): string {
  return name.toLowerCase().replace(/[-_. ]?(?:page|part|p)?[-_. ]?\d+/g, "");
}
