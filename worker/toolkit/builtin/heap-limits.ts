/**
 * Options of Node for a program of this toolkit. On a machine with much memory V8 collects late, and a sweep of 300,000 sign-ins,
 * which needs 150 MiB, grew to 290 (`npm run bench -- investigation`). What it holds stays far below this limit.
 * @see https://nodejs.org/api/cli.html#useful-v8-options
 */
export const HEAP_LIMITS: readonly string[] = ["--max-semi-space-size=4", "--max-old-space-size=512"];
