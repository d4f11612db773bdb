import type { Level } from "../access.ts";
import type { Catalogue, Endpoint, Method } from "./catalogue.ts";

/** The most choices that Discord shows. @see https://discord.com/developers/docs/interactions/application-commands#autocomplete */
const MAX_CHOICES = 25;

interface RankOptions {
  /** Only what this caller may call. */
  level: Level;
  /** Only this method, where the caller has chosen one. */
  method?: Method | undefined;
}

/**
 * The endpoints that fit what was typed so far, best first, 25 at most. Nothing typed: the shortest paths first.
 * @param query - Any case; words apart by blanks must all be found in path, summary or tag.
 */
export function rankEndpoints(
  query: string,
  catalogue: Pick<Catalogue, "endpoints">,
  options: RankOptions,
): Endpoint[] {
  const wanted = query.trim().toLowerCase();
  return catalogue.endpoints
    .filter((endpoint) => isOpenTo(endpoint, options))
    .map((endpoint) => ({ endpoint, rank: rank(endpoint, wanted) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .toSorted((a, b) => a.rank - b.rank || inReadingOrder(a.endpoint, b.endpoint))
    .slice(0, MAX_CHOICES)
    .map(({ endpoint }) => endpoint);
}

function isOpenTo(endpoint: Endpoint, { level, method }: RankOptions): boolean {
  if (endpoint.level === "admin" && level !== "admin") return false;
  return method === undefined || endpoint.method === method;
}

const NO_MATCH = 9;

function rank({ path: givenPath, summary, tag = "" }: Endpoint, wanted: string): number {
  const path = givenPath.toLowerCase();
  if (wanted === "") return 0;
  if (path === wanted || path === `${wanted}/`) return 0;
  if (path.startsWith(wanted)) return 1;
  const bare = path.replace(/^\/api\//, "");
  const bareWanted = wanted.replace(/^\/?(api\/)?/, "");
  if (bareWanted !== "" && bare.startsWith(bareWanted)) return 2;
  if (wanted !== "/" && bareWanted !== "" && path.includes(`/${bareWanted}`)) return 3;
  if (path.includes(wanted)) return 4;
  if (tag.toLowerCase().startsWith(wanted)) return 5;
  const everything = `${path} ${summary} ${tag}`.toLowerCase();
  if (everything.includes(wanted)) return 6;
  if (wanted.split(/[\s/_-]+/).every((word) => everything.includes(word))) return 7;
  return isSpelledIn(bareWanted, bare) ? 8 : NO_MATCH;
}

/** The letters stand in the text in their order, as one types in a hurry: `clsites` for `clients/{client_id}/sites`. */
function isSpelledIn(letters: string, text: string): boolean {
  if (letters.length < 3) return false;
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}

const METHOD_ORDER: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

function inReadingOrder(a: Endpoint, b: Endpoint): number {
  const depth = (endpoint: Endpoint) => endpoint.path.split("/").filter((part) => part !== "").length;
  return (
    depth(a) - depth(b) ||
    (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) ||
    METHOD_ORDER.indexOf(a.method) - METHOD_ORDER.indexOf(b.method)
  );
}

const MAX_SUGGESTIONS = 3;

/**
 * The paths that come nearest to one that does not exist, for "did you mean"; three at most, and none that is too far
 * off. What stands in the place of a parameter counts as equal.
 */
export function nearestEndpoints(
  path: string,
  catalogue: Pick<Catalogue, "endpoints">,
  options: RankOptions,
): string[] {
  const given = segments(path.toLowerCase());
  const farthest = Math.max(2, Math.floor(given.join("").length * 0.34));
  const distances = new Map<string, number>();
  for (const endpoint of catalogue.endpoints) {
    if (!isOpenTo(endpoint, options)) continue;
    distances.set(endpoint.path, distance(given, segments(endpoint.path.toLowerCase())));
  }
  return [...distances]
    .filter(([, far]) => far <= farthest)
    .toSorted(([pathA, a], [pathB, b]) => a - b || pathA.length - pathB.length || (pathA < pathB ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(([nearest]) => nearest);
}

function segments(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== "api");
}

function distance(given: readonly string[], known: readonly string[]): number {
  const length = Math.max(given.length, known.length);
  let sum = 0;
  for (let index = 0; index < length; index++) {
    const [a = "", b = ""] = [given[index], known[index]];
    if (a !== "" && b.startsWith("{")) continue;
    sum += b.startsWith("{") ? 1 : editDistance(a, b);
  }
  return sum;
}

/**
 * How many letters must be added, removed or changed to make one of the other; two neighbours that changed places count
 * as one. @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
export function editDistance(a: string, b: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
