import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import type { Collected } from "../collect-pages.ts";
import type { CheckResult, Save } from "./check.ts";

/** One of the lists that a check reads. */
export interface Part {
  /** The file that it is left in; without one, `read` sees to that. */
  artifact?: string;
  /** For sentences: "Only the newest 20 … were read." */
  noun: string;
  /** Where a person finds what was not read. */
  elsewhere: string;
  read: () => Promise<Collected & { note?: CheckError }>;
}

export interface PartsResult extends CheckResult {
  /** Of all parts. */
  rows: unknown[];
}

type Outcome =
  | { kind: "read"; part: Part; list: Awaited<ReturnType<Part["read"]>> }
  | { kind: "failed"; part: Part; error: CheckError };

/**
 * Reads all parts at the same time. What one of them lacks is told, and costs the others nothing.
 * @throws {CheckError} if not one of them could be read.
 */
export async function readTogether(parts: readonly Part[], save: Save): Promise<PartsResult> {
  return conclude(await Promise.all(parts.map((part) => readPart(part, save))));
}

/**
 * Reads one part after the other, for parts behind a limit that they would only wait for together. A missing licence
 * concerns all of them, so it is not asked about twice.
 * @throws {CheckError} if not one of them could be read.
 */
export async function readInTurn(parts: readonly Part[], save: Save): Promise<PartsResult> {
  const outcomes: Outcome[] = [];
  for (const part of parts) {
    const outcome = await readPart(part, save);
    outcomes.push(outcome);
    if (outcome.kind === "failed" && outcome.error.status === "not_licensed") break;
  }
  return conclude(outcomes);
}

async function readPart(part: Part, save: Save): Promise<Outcome> {
  try {
    const list = await part.read();
    if (part.artifact !== undefined) await save(part.artifact, asCollection(list));
    return { kind: "read", part, list };
  } catch (thrown) {
    if (!(thrown instanceof CheckError)) throw thrown;
    return { kind: "failed", part, error: thrown };
  }
}

function conclude(outcomes: readonly Outcome[]): PartsResult {
  const lists = outcomes.filter((outcome) => outcome.kind === "read");
  const failed = outcomes.filter((outcome) => outcome.kind === "failed");
  if (lists.length === 0) throw together(failed.map(({ error }) => error));

  const rows = lists.flatMap(({ list }) => list.value);
  const problems = [
    ...failed.map(({ part, error }) => about(`The ${part.noun} could not be read.`, error)),
    ...lists.flatMap(({ list }) => list.problem ?? []),
  ];
  const notes = [
    ...lists.flatMap(({ part, list }) => (list.truncated && !list.problem ? [onlyNewest(part, list)] : [])),
    ...lists.flatMap(({ list }) => list.note ?? []),
  ];
  return {
    rows,
    records: rows.length,
    truncated: failed.length > 0 || lists.some(({ list }) => list.truncated),
    ...(problems.length > 0 ? { problem: together(problems) } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** The same error, after a sentence that says what it cost. */
export function about(sentence: string, error: CheckError): CheckError {
  return new CheckError(error.code, `${sentence} ${error.message}`, error);
}

/** Several errors as one, with each cause and each cure said once. */
export function together(errors: readonly CheckError[]): CheckError {
  const [first] = errors;
  if (first === undefined) throw new TypeError("Expected at least one error.");
  const once = (texts: string[]) => [...new Set(texts)].filter(Boolean).join(" ");
  return new CheckError(first.code, once(errors.map(({ message }) => message)), {
    status: first.status,
    howToFix: once(errors.map(({ howToFix }) => howToFix)),
    cause: first.cause,
  });
}

function onlyNewest({ noun, elsewhere }: Part, { value }: Collected): CheckError {
  return new CheckError(
    "PAGE_CAP",
    `Only the newest ${value.length} ${noun} were read; the window holds more.`,
    {
      status: "error",
      howToFix: elsewhere,
    },
  );
}
