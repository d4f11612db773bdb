import { readFile } from "node:fs/promises";
import { posix, win32 } from "node:path";
import { AppError } from "../../src/errors.ts";

interface AgeIdentityOptions {
  env: Readonly<NodeJS.ProcessEnv>;
  platform?: NodeJS.Platform;
}

const IDENTITY = /^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/;

/**
 * The age keys that sops itself would use: `SOPS_AGE_KEY`, the file that `SOPS_AGE_KEY_FILE` names, and the key file in
 * the account's own configuration. All that are found are tried, as sops does. Read anew each time, so that a key put
 * in place later is seen.
 * @throws {AppError} `VAULT_NO_AGE_KEY`
 * @see https://getsops.io/docs/#encrypting-using-age
 */
export async function findAgeIdentities({
  env,
  platform = process.platform,
}: AgeIdentityOptions): Promise<string[]> {
  const named = env.SOPS_AGE_KEY_FILE;
  const usual = usualKeyFile(env, platform);
  const texts = [
    env.SOPS_AGE_KEY ?? "",
    named ? await readNamed(named) : "",
    usual === undefined ? "" : await readFile(usual, "utf8").catch(() => ""),
  ];
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  const identities = [...new Set(lines.filter((line) => IDENTITY.test(line)))];
  if (identities.length > 0) return identities;
  throw new AppError(
    "VAULT_NO_AGE_KEY",
    "Expected an age key (AGE-SECRET-KEY-1...) to open the vault with, found none. Set SOPS_AGE_KEY_FILE to the key file, or put it where sops looks: sops/age/keys.txt in ~/.config, on Windows in %APPDATA%, of the account that runs this.",
  );
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new AppError(
      "VAULT_NO_AGE_KEY",
      `Expected SOPS_AGE_KEY_FILE to be a file that can be read (${code}). Correct it, or let the account that runs this read it.`,
      { cause },
    );
  }
}

function usualKeyFile(env: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): string | undefined {
  if (platform === "win32") {
    return env.APPDATA ? win32.join(env.APPDATA, "sops", "age", "keys.txt") : undefined;
  }
  const inHome = platform === "darwin" ? ["Library", "Application Support"] : [".config"];
  const folder = env.XDG_CONFIG_HOME || (env.HOME ? posix.join(env.HOME, ...inHome) : undefined);
  return folder === undefined ? undefined : posix.join(folder, "sops", "age", "keys.txt");
}
