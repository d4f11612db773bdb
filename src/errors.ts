interface AppErrorOptions {
  /** May the queue try the same thing again? Nothing else asks. Default: no. */
  retryable?: boolean;
  cause?: unknown;
}

/**
 * What a person can be told about. `code` is stable and tested; `message` is written for the person who
 * asked and may be shown in Discord as it is (after escaping): what was expected, what came, what to do next.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, userMessage: string, { retryable = false, cause }: AppErrorOptions = {}) {
    super(userMessage, { cause });
    this.code = code;
    this.retryable = retryable;
  }

  get userMessage(): string {
    return this.message;
  }
}

/** Turns what was caught into an `Error`; JavaScript can throw anything. */
export function coerceError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
