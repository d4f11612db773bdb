import { execa } from "execa";
import { AppError } from "../../src/errors.ts";
import { systemEnvironment } from "../toolkit/script-environment.ts";

export interface SopsProgramOptions {
  /** For sentences. */
  name: string;
  env: Readonly<NodeJS.ProcessEnv>;
  /** Default: `sops`, looked for on the PATH. */
  program?: string;
  platform?: NodeJS.Platform;
}

export type SopsProgramResult = { kind: "decrypted"; content: unknown } | { kind: "no-program" };

const TIMEOUT_MS = 30_000;

// What sops and the key services behind it read. Keys reach it through the environment, never as an argument, which
// every user of the machine can see.
const SOPS_VARIABLE = /^(SOPS_|AWS_|AZURE_|GOOGLE_)|^(XDG_CONFIG_HOME|GNUPGHOME)$/i;

/**
 * Decrypts with the `sops` program, to its stdout and never to a file.
 * @throws {AppError} `VAULT_WRONG_KEY`, `VAULT_TAMPERED`, `VAULT_SOPS_FAILED`. What sops says is not repeated: it may
 * quote paths and values.
 */
export async function decryptWithSops(
  path: string,
  { name, env, program = "sops", platform = process.platform }: SopsProgramOptions,
): Promise<SopsProgramResult> {
  const own = Object.entries(env).filter(([key, value]) => value && SOPS_VARIABLE.test(key));
  const run = await execa(program, ["--decrypt", "--input-type", "yaml", "--output-type", "json", path], {
    env: { ...systemEnvironment(env, platform), ...Object.fromEntries(own) },
    extendEnv: false,
    stdin: "ignore",
    timeout: TIMEOUT_MS,
    maxBuffer: 4 * 1024 * 1024,
    reject: false,
  });
  if (run.code === "ENOENT") return { kind: "no-program" };
  if (run.exitCode !== 0) throw failed(name, run.exitCode);
  try {
    return { kind: "decrypted", content: JSON.parse(run.stdout) };
  } catch {
    // Not as a cause: the message of a syntax error quotes the text, and that is the secrets.
    throw failed(name, run.exitCode);
  }
}

/** @see https://github.com/getsops/sops/blob/main/cmd/sops/codes/codes.go */
function failed(name: string, exitCode: number | undefined): AppError {
  if (exitCode === 128) {
    return new AppError(
      "VAULT_WRONG_KEY",
      `sops found no key that opens ${name}. Add ours to .sops.yaml and run sops updatekeys, or set SOPS_AGE_KEY_FILE to the right key.`,
    );
  }
  if (exitCode === 51 || exitCode === 24 || exitCode === 25) {
    return new AppError(
      "VAULT_TAMPERED",
      `sops refused ${name}: it was changed without sops, or damaged. Nothing of it is used. Restore it from version control, and find out who changed it.`,
    );
  }
  return new AppError(
    "VAULT_SOPS_FAILED",
    `sops could not decrypt ${name} (${exitCode === undefined ? "it was ended" : `exit code ${exitCode}`}). Run sops --decrypt on it by hand, with the account that runs this, to see why.`,
  );
}
