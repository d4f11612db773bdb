import { createDecipheriv, createHash, type Hash } from "node:crypto";
import { armor, Decrypter, identityToRecipient } from "age-encryption";
import { isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap } from "yaml";
import { z } from "zod";
import { AppError } from "../../src/errors.ts";

const optionalText = z.string().nullish();

const Metadata = z.object({
  age: z.array(z.object({ recipient: z.string(), enc: z.string() })).nullish(),
  key_groups: z.array(z.unknown()).nullish(),
  lastmodified: z.string(),
  mac: z.string().default(""),
  mac_only_encrypted: z.boolean().nullish(),
  unencrypted_suffix: optionalText,
  encrypted_suffix: optionalText,
  unencrypted_regex: optionalText,
  encrypted_regex: optionalText,
  unencrypted_comment_regex: optionalText,
  encrypted_comment_regex: optionalText,
});
type Metadata = z.output<typeof Metadata>;

interface DecryptSopsOptions {
  /** For sentences. */
  name: string;
  /** age secret keys. */
  identities: readonly string[];
}

/**
 * Decrypts a YAML file of sops that is encrypted for an age recipient, and checks the code over all of its values: each
 * value is authenticated with its own path, but only that code tells of values that were added, removed or replaced by
 * plain text. Written here because the packages that read this format leave it unchecked (`sops-age` 4.0.2).
 * @throws {AppError} `VAULT_NOT_YAML`, `VAULT_NOT_ENCRYPTED`, `VAULT_WRONG_KEY`, `VAULT_TAMPERED`, or
 * `VAULT_UNSUPPORTED` for what only sops itself can read. None quotes anything of the file.
 * @see https://github.com/getsops/sops/blob/main/sops.go
 */
export async function decryptSops(text: string, { name, identities }: DecryptSopsOptions): Promise<unknown> {
  const root = parseYaml(text, name);
  const metadata = Metadata.safeParse(plain(root.get("sops", true)));
  if (!metadata.success) {
    throw new AppError(
      "VAULT_NOT_ENCRYPTED",
      `Expected ${name} to be encrypted with sops, but it has no sops metadata. If it holds secrets in the clear, encrypt it (sops --encrypt --in-place) and replace those secrets.`,
    );
  }
  const sops = metadata.data;
  const dataKey = await findDataKey(sops, { name, identities });
  const mac = createHash("sha512");
  if (sops.mac_only_encrypted) mac.update(MAC_ONLY_ENCRYPTED);

  const values = walk(root, [], {
    dataKey,
    mac,
    macOnlyEncrypted: sops.mac_only_encrypted === true,
    isEncrypted: encryptionRule(sops, name),
    name,
  });
  const stored = sops.mac && decryptValue(sops.mac, { dataKey, aad: sops.lastmodified, name }).text;
  if (stored !== mac.digest("hex").toUpperCase()) throw tampered(name);
  return values;
}

/** sha256 of "sops": begins the code where it covers the encrypted values only. */
const MAC_ONLY_ENCRYPTED = createHash("sha256").update("sops").digest();

function parseYaml(text: string, name: string): YAMLMap {
  const documents = parseAllDocuments(text, { intAsBigInt: true });
  if (!Array.isArray(documents) || documents.length > 1) throw unsupported(name, "has several documents");
  const [document] = documents;
  const [error] = document?.errors ?? [];
  if (error) {
    const line = error.linePos?.[0].line;
    throw new AppError(
      "VAULT_NOT_YAML",
      `Expected ${name} to be YAML, found a mistake${line ? ` in line ${line}` : ""} (${error.code}). Restore it from version control, or correct it with sops.`,
    );
  }
  const root = document?.contents;
  if (isMap(root)) return root;
  throw new AppError(
    "VAULT_NOT_YAML",
    `Expected ${name} to hold names and values, found something else. Restore it from version control.`,
  );
}

function plain(node: unknown): unknown {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map(({ key, value }) => [String(plain(key)), plain(value)]));
  }
  if (isSeq(node)) return node.items.map(plain);
  return isScalar(node) ? node.value : undefined;
}

async function findDataKey(sops: Metadata, { name, identities }: DecryptSopsOptions): Promise<Uint8Array> {
  if (sops.key_groups && sops.key_groups.length > 1) throw unsupported(name, "needs keys of several groups");
  const recipients = sops.age ?? [];
  for (const identity of identities) {
    const recipient = await identityToRecipient(identity).catch(() => undefined);
    const own = recipients.find((one) => one.recipient.trim() === recipient);
    if (!own) continue;
    try {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return await decrypter.decrypt(armor.decode(own.enc));
    } catch {
      // Not as a cause: what age says is about keys.
      throw tampered(name);
    }
  }
  throw new AppError(
    "VAULT_WRONG_KEY",
    `Expected an age key that opens ${name}: it is encrypted for ${recipients.length} age ${recipients.length === 1 ? "recipient" : "recipients"}, none of which is ours. Add our public key to .sops.yaml and run sops updatekeys, or set SOPS_AGE_KEY_FILE to the right key.`,
  );
}

interface WalkOptions {
  dataKey: Uint8Array;
  mac: Hash;
  macOnlyEncrypted: boolean;
  isEncrypted: (path: readonly string[]) => boolean;
  name: string;
}

/** The values in the order of the file, as the code covers them. The items of a list have the path of the list. */
function walk(node: unknown, path: readonly string[], options: WalkOptions): unknown {
  if (isMap(node)) {
    const entries = node.items.flatMap(({ key, value }): [string, unknown][] => {
      const word = isScalar(key) ? key.value : undefined;
      if (typeof word !== "string") throw unsupported(options.name, "has a key that is no text");
      if (path.length === 0 && word === "sops") return [];
      return [[word, walk(value, [...path, word], options)]];
    });
    return Object.fromEntries(entries);
  }
  if (isSeq(node)) return node.items.map((item) => walk(item, path, options));
  if (node === null) return null;
  if (!isScalar(node)) throw unsupported(options.name, "has an alias");
  return node.value === null ? null : leaf(node.value, path, options);
}

function leaf(value: unknown, path: readonly string[], options: WalkOptions): unknown {
  const { dataKey, mac, macOnlyEncrypted, isEncrypted, name } = options;
  if (!isEncrypted(path)) {
    if (!macOnlyEncrypted) mac.update(plainText(value, name));
    return typeof value === "bigint" ? Number(value) : value;
  }
  // A plain value where an encrypted one belongs was put there by somebody without the key.
  if (typeof value !== "string") throw tampered(name);
  const { text, type } = decryptValue(value, { dataKey, aad: `${path.join(":")}:`, name });
  mac.update(text);
  if (type === "bool") return text === "True";
  return ["int", "int64", "float"].includes(type) ? Number(text) : text;
}

/** As sops writes a plain value for the code. */
function plainText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  // Go writes floats without an exponent.
  if (typeof value === "number" && !/[a-z]/i.test(String(value))) return String(value);
  throw unsupported(name, "has a plain value of an unusual kind");
}

const ENCRYPTED = /^ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:(\w+)\]$/;

interface DecryptValueOptions {
  dataKey: Uint8Array;
  /** What is authenticated beside the value: its path. */
  aad: string;
  name: string;
}

/** @see https://github.com/getsops/sops/blob/main/aes/cipher.go */
function decryptValue(value: string, { dataKey, aad, name }: DecryptValueOptions) {
  if (value === "") return { text: "", type: "str" };
  const [, data, iv, tag, type] = ENCRYPTED.exec(value) ?? [];
  if (!data || !iv || !tag || !type) throw tampered(name);
  try {
    const decipher = createDecipheriv("aes-256-gcm", dataKey, Buffer.from(iv, "base64"), {
      // Shorter ones would be taken as well, and can be guessed.
      authTagLength: 16,
    });
    decipher.setAAD(Buffer.from(aad)).setAuthTag(Buffer.from(tag, "base64"));
    const text = decipher.update(data, "base64", "utf8") + decipher.final("utf8");
    return { text, type };
  } catch {
    throw tampered(name);
  }
}

/** Which values the file says are encrypted: by one rule, and without one by the usual suffix. */
function encryptionRule(sops: Metadata, name: string): (path: readonly string[]) => boolean {
  if (sops.unencrypted_comment_regex || sops.encrypted_comment_regex) {
    throw unsupported(name, "is encrypted by its comments");
  }
  const { encrypted_suffix: suffix, encrypted_regex: regex, unencrypted_regex: plainRegex } = sops;
  if (suffix) return (path) => path.some((key) => key.endsWith(suffix));
  if (regex) return matches(regex, name);
  if (plainRegex) {
    const isPlain = matches(plainRegex, name);
    return (path) => !isPlain(path);
  }
  const plainSuffix = sops.unencrypted_suffix || "_unencrypted";
  return (path) => !path.some((key) => key.endsWith(plainSuffix));
}

function matches(source: string, name: string): (path: readonly string[]) => boolean {
  try {
    const regex = new RegExp(source, "u");
    return (path) => path.some((key) => regex.test(key));
  } catch {
    // Go's own syntax, such as (?i).
    throw unsupported(name, "is encrypted by a pattern of Go's");
  }
}

function unsupported(name: string, what: string): AppError {
  return new AppError(
    "VAULT_UNSUPPORTED",
    `${name} ${what}, which only sops itself can read. Install sops where this runs, so that it is on the PATH, or encrypt the file for age in the usual way.`,
  );
}

function tampered(name: string): AppError {
  return new AppError(
    "VAULT_TAMPERED",
    `${name} does not match its own authentication code: it was changed without sops, or damaged. Nothing of it is used. Restore it from version control, and find out who changed it.`,
  );
}
