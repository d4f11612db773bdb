import { beforeAll, expect, test } from "vitest";
import { decryptSops } from "../../../worker/vault/decrypt-sops.ts";
import { type AgeKey, createAgeKey, encryptSops } from "./encrypt-sops.ts";

let ours: AgeKey;
let theirs: AgeKey;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([createAgeKey(), createAgeKey()]);
});

const content = {
  name: "Security Investigator",
  note_unencrypted: "for reading",
  credentials: { client_id: "id", client_secret: "canary-äöü-🔑", empty: "", none: null },
  hosts: ["one", "two"],
  port: 443,
  share: 0.25,
  active: true,
};

const decrypt = (text: string, identities = [ours.identity]) =>
  decryptSops(text, { name: "msp-tools/x.sops.yaml", identities });

test("every kind of value comes back, from a file for several recipients and with several keys to try", async () => {
  const text = await encryptSops(content, { recipients: [theirs.recipient, ours.recipient] });
  const other = await createAgeKey();
  expect(text).not.toContain("canary");
  expect(await decrypt(text, [other.identity, ours.identity])).toEqual(content);
});

test.for<
  [title: string, metadata: Record<string, unknown>, isEncrypted: (path: readonly string[]) => boolean]
>([
  ["a suffix of what is", { encrypted_suffix: "_s" }, (path) => path.some((key) => key.endsWith("_s"))],
  ["a pattern of what is", { encrypted_regex: "^sec" }, (path) => path.some((key) => /^sec/.test(key))],
  [
    "a pattern of what is not",
    { unencrypted_regex: "^pub" },
    (path) => !path.some((key) => /^pub/.test(key)),
  ],
  [
    "a suffix of what is not",
    { unencrypted_suffix: "_p" },
    (path) => !path.some((key) => key.endsWith("_p")),
  ],
])("a file that names %s encrypted is read", async ([, metadata, isEncrypted]) => {
  const mixed = { pub_a: "x", sec_b: "x", c_s: { deep: "x" }, d_p: { deep: 12, more: true, list: [1, 0.5] } };
  const text = await encryptSops(mixed, {
    recipients: [ours.recipient],
    isEncrypted,
    metadata: { unencrypted_suffix: undefined, ...metadata },
  });
  expect(await decrypt(text)).toEqual(mixed);
});

test("where the code covers encrypted values only, plain ones may be edited and others may not", async () => {
  const text = await encryptSops(content, { recipients: [ours.recipient], macOnlyEncrypted: true });
  const edited = text.replace("for reading", "edited by hand");
  expect(await decrypt(edited)).toMatchObject({ note_unencrypted: "edited by hand", port: 443 });
  const replaced = text.replace(/^port: .+$/m, "port: 444");
  await expect(decrypt(replaced)).rejects.toMatchObject({ code: "VAULT_TAMPERED" });
});

test.for<[title: string, change: (text: string) => string]>([
  ["a plain value that was edited", (text) => text.replace("for reading", "for writing")],
  ["a value that was added", (text) => `extra_unencrypted: x\n${text}`],
  ["a value that was taken out", (text) => text.replace(/^port: .+\n/m, "")],
  ["an encrypted value in plain text", (text) => text.replace(/^port: .+$/m, 'port: "444"')],
  ["an encrypted value that became a number", (text) => text.replace(/^port: .+$/m, "port: 444")],
  ["values that were exchanged", (text) => swap(text, "name", "port")],
  ["a damaged value", (text) => text.replace(/^(name: ENC\[AES256_GCM,data:)../m, "$1AA")],
  ["a shortened tag", (text) => text.replace(/^(port: .+,tag:)[^,]+/m, "$1AAAA")],
  ["another time of the change", (text) => text.replace("2026-11-22", "2026-11-23")],
  ["no code", (text) => text.replace(/^ {2}mac: .+$/m, '  mac: ""')],
  ["a damaged key of the file", (text) => text.replace(/^( +)YWdl/m, "$1YWdm")],
])("%s is refused as tampered", async ([, change]) => {
  const text = await encryptSops(content, { recipients: [ours.recipient] });
  const changed = change(text);
  expect(changed).not.toBe(text);
  await expect(decrypt(changed)).rejects.toMatchObject({
    code: "VAULT_TAMPERED",
    message: expect.stringMatching(/msp-tools\/x\.sops\.yaml .+Restore it/),
  });
});

function swap(text: string, one: string, other: string): string {
  const line = (key: string) => new RegExp(`^${key}: (.+)$`, "m").exec(text)?.[1] ?? "";
  const [first, second] = [line(one), line(other)];
  return text
    .replace(`${one}: ${first}`, `${one}: ${second}`)
    .replace(`${other}: ${second}`, `${other}: ${first}`);
}

test("a key that the file is not encrypted for is told apart from a damaged file", async () => {
  const text = await encryptSops(content, { recipients: [theirs.recipient] });
  await expect(decrypt(text)).rejects.toMatchObject({
    code: "VAULT_WRONG_KEY",
    message: expect.stringContaining("1 age recipient,"),
  });
});

test.for<[title: string, text: string, code: string]>([
  ["a file in the clear", "client_secret: canary-in-the-clear\n", "VAULT_NOT_ENCRYPTED"],
  ["broken YAML", 'client_secret: "canary\n  x: [', "VAULT_NOT_YAML"],
  ["a tab", "a:\n\tcanary: 1", "VAULT_NOT_YAML"],
  ["an empty file", "", "VAULT_NOT_YAML"],
  ["a list", "- canary", "VAULT_NOT_YAML"],
  ["two documents", "a: canary\n---\nb: 1\n", "VAULT_UNSUPPORTED"],
])("%s is refused in words that quote nothing of it", async ([, text, code]) => {
  const reading = decrypt(text);
  await expect(reading).rejects.toMatchObject({ code });
  await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining("canary") });
});

test.for<[title: string, metadata: Record<string, unknown>]>([
  ["several groups of keys", { key_groups: [{}, {}] }],
  ["comments that decide", { encrypted_comment_regex: "x" }],
  ["a pattern of Go's", { unencrypted_suffix: undefined, encrypted_regex: "(?i)^sec" }],
])("%s are for sops itself", async ([, metadata]) => {
  const text = await encryptSops(content, { recipients: [ours.recipient], metadata });
  await expect(decrypt(text)).rejects.toMatchObject({ code: "VAULT_UNSUPPORTED" });
});
