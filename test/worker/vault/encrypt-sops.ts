import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { stringify } from "yaml";

export interface AgeKey {
  identity: string;
  recipient: string;
}

export async function createAgeKey(): Promise<AgeKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

interface EncryptSopsOptions {
  recipients: readonly string[];
  /** Merged into the metadata, which may so claim what is not true. */
  metadata?: Record<string, unknown>;
  /** Which values are encrypted. Default: all but those below a key that ends in `_unencrypted`. */
  isEncrypted?: (path: readonly string[]) => boolean;
  macOnlyEncrypted?: boolean;
}

/**
 * A file as sops 3.9 writes it: every value on its own with AES-256-GCM, its path as additional data, a nonce of 32
 * bytes; a SHA-512 over all values, encrypted with the time of the change; the key of the file encrypted with age.
 * @see https://github.com/getsops/sops/blob/main/sops.go
 */
export async function encryptSops(
  content: Record<string, unknown>,
  {
    recipients,
    metadata = {},
    isEncrypted = (path) => !path.some((key) => key.endsWith("_unencrypted")),
    macOnlyEncrypted = false,
  }: EncryptSopsOptions,
): Promise<string> {
  const dataKey = randomBytes(32);
  const mac = createHash("sha512");
  if (macOnlyEncrypted) {
    mac.update(Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex"));
  }

  function encrypt(node: unknown, path: readonly string[]): unknown {
    if (node === null) return null;
    if (Array.isArray(node)) return node.map((item) => encrypt(item, path));
    if (typeof node === "object") {
      return Object.fromEntries(
        Object.entries(node).map(([key, value]) => [key, encrypt(value, [...path, key])]),
      );
    }
    const text = typeof node === "boolean" ? (node ? "True" : "False") : String(node);
    const encrypted = isEncrypted(path);
    if (encrypted || !macOnlyEncrypted) mac.update(text);
    return encrypted ? seal(text, sopsType(node), `${path.join(":")}:`) : node;
  }

  function seal(text: string, type: string, aad: string): string {
    if (text === "") return "";
    const iv = randomBytes(32);
    const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
    cipher.setAAD(Buffer.from(aad));
    const data = Buffer.concat([cipher.update(text), cipher.final()]).toString("base64");
    const tag = cipher.getAuthTag().toString("base64");
    return `ENC[AES256_GCM,data:${data},iv:${iv.toString("base64")},tag:${tag},type:${type}]`;
  }

  const values = encrypt(content, []);
  const lastmodified = "2026-11-22T09:00:00Z";
  const age = await Promise.all(
    recipients.map(async (recipient) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return { recipient, enc: armor.encode(await encrypter.encrypt(dataKey)) };
    }),
  );
  return stringify({
    ...Object(values),
    sops: {
      age,
      lastmodified,
      mac: seal(mac.digest("hex").toUpperCase(), "str", lastmodified),
      unencrypted_suffix: "_unencrypted",
      ...(macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
      version: "3.9.4",
      ...metadata,
    },
  });
}

function sopsType(value: unknown): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return "str";
}
