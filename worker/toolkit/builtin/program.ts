import { AppError, coerceError } from "../../../src/errors.ts";
import { redact } from "../../../src/redact.ts";
import { CheckError } from "./check-error.ts";

/** What a program of the toolkit sees of the world; passed in, so that tests need no process. */
export interface ProgramIo {
  args: readonly string[];
  env: Record<string, string | undefined>;
  /** One line on stdout. */
  print: (line: string) => void;
  /** One line on stderr. */
  complain: (line: string) => void;
  /** Aborts when whoever started the program asks it to end. */
  signal: AbortSignal;
}

/** 0: something was found out. 1: nothing was, and it has been said why. 2: called wrongly. */
export type ExitCode = 0 | 1 | 2;

export type Program = (io: ProgramIo) => Promise<ExitCode>;

/** Called wrongly: arguments or environment. The message says what was expected. */
export class UsageError extends AppError {
  constructor(message: string) {
    super("USAGE", message);
  }
}

/** Wraps a program's work: `--help`, and errors as words and an exit code in place of a stack. */
export function defineProgram(usage: string, work: Program): Program {
  return async (io) => {
    if (io.args.includes("--help")) {
      io.print(usage);
      return 0;
    }
    try {
      return await work(io);
    } catch (thrown) {
      const secrets = Object.entries(io.env).flatMap(([name, value]) =>
        /SECRET|TOKEN|KEY|PASSWORD/.test(name) && value ? [value] : [],
      );
      const { message } = coerceError(thrown);
      io.complain(redact(thrown instanceof CheckError ? `${message} ${thrown.howToFix}` : message, secrets));
      if (!(thrown instanceof UsageError)) return 1;
      io.complain(usage.split("\n")[0] ?? "");
      return 2;
    }
  };
}

/** Runs a program as this process. The first SIGTERM or SIGINT lets it write down what it has; a second one kills. */
export async function runAsProcess(program: Program): Promise<void> {
  const stopper = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stopper.abort());
  process.exitCode = await program({
    args: process.argv.slice(2),
    env: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    signal: stopper.signal,
  });
}
