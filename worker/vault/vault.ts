import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { AppError } from "../../src/errors.ts";
import { nativePath } from "../toolkit/paths.ts";
import { findAgeIdentities } from "./age-identities.ts";
import { decryptWithSops } from "./sops-program.ts";

/** Secrets that lie encrypted in files. Nothing is kept: each call reads anew, so a repaired vault is seen at once. */
export interface Vault {
  /**
   * The encrypted files of a folder, such as `msp-tools/syncro.sops.yaml`, in alphabetical order.
   * @throws {AppError} `VAULT_NOT_FOUND` if there is no such folder, or nothing encrypted in it.
   */
  list(folder: string): Promise<string[]>;
  /**
   * What a file holds, decrypted in memory.
   * @param file - Below the vault's folder, with forward slashes.
   * @throws {AppError} with a code that begins with `VAULT_`; the message names the file and what to do.
   */
  read(file: string): Promise<unknown>;
}

export interface OpenVaultOptions {
  /** `VAULT_PATH`: the vault's folder, or a repository that has it as `vault`. */
  path: string;
  /** Where the age keys are looked for: age-identities.ts. */
  env: Readonly<NodeJS.ProcessEnv>;
  /** The fallback for what cannot be decrypted here. Default: `sops`, on the PATH. */
  sopsProgram?: string;
}

// Not `.sops.yaml`, which is the configuration of sops itself.
const ENCRYPTED_FILE = /^.+\.sops\.ya?ml$/i;
/** Other keys than age keys (PGP, a key service) or rarer forms of the file: sops itself may manage. */
const FOR_SOPS_ITSELF = new Set(["VAULT_NO_AGE_KEY", "VAULT_WRONG_KEY", "VAULT_UNSUPPORTED"]);

/** Opens nothing yet; a vault that is away now may be there when it is read. */
export function openVault({ path, env, sopsProgram }: OpenVaultOptions): Vault {
  const folder = nativePath(path);

  async function root(): Promise<string> {
    const inside = join(folder, "vault");
    return (await isFolder(inside)) ? inside : folder;
  }

  return {
    async list(folder) {
      const names = await readdir(join(await root(), folder)).catch((cause: unknown) => {
        throw notFound(folder, `there is no folder ${folder} (${codeOf(cause)})`, cause);
      });
      const files = names.filter((name) => ENCRYPTED_FILE.test(name)).sort();
      if (files.length === 0) throw notFound(folder, `the folder ${folder} holds none`);
      return files.map((name) => posix.join(folder, name));
    },

    async read(file) {
      const absolute = join(await root(), file);
      const text = await readFile(absolute, "utf8").catch((cause: unknown) => {
        throw new AppError(
          "VAULT_UNREADABLE",
          `${file} of the vault cannot be read (${codeOf(cause)}). Let the account that runs this read it.`,
          { cause },
        );
      });
      try {
        const identities = await findAgeIdentities({ env });
        // Loaded here, because most programs of the toolkit have no vault to open and should start quickly.
        const { decryptSops } = await import("./decrypt-sops.ts");
        return await decryptSops(text, { name: file, identities });
      } catch (thrown) {
        if (!(thrown instanceof AppError && FOR_SOPS_ITSELF.has(thrown.code))) throw thrown;
        const result = await decryptWithSops(absolute, {
          name: file,
          env,
          ...(sopsProgram === undefined ? {} : { program: sopsProgram }),
        });
        if (result.kind === "no-program") throw thrown;
        return result.content;
      }
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function notFound(folder: string, found: string, cause?: unknown): AppError {
  return new AppError(
    "VAULT_NOT_FOUND",
    `Expected encrypted files (${folder}/*.sops.yaml) in the vault, but ${found}. Set VAULT_PATH to the vault's folder or to the repository that has it as "vault", and check that its drive is there.`,
    { cause },
  );
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
}
