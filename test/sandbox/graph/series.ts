type Row = Record<string, unknown>;

/** Rows that are made when they are asked for, and never held. */
export interface SignInSeries {
  length: number;
  row: (index: number) => object;
}

/** The rows of one page, from `from` on, and where the next page begins; `undefined` at the end. */
export function readSeries(
  { length, row }: SignInSeries,
  { from, count, test }: { from: number; count: number; test: (row: Row) => boolean },
): { rows: Row[]; next: number | undefined } {
  const rows: Row[] = [];
  for (let index = from; index < length; index++) {
    if (rows.length === count) return { rows, next: index };
    const made = { ...row(index) };
    if (test(made)) rows.push(made);
  }
  return { rows, next: undefined };
}
