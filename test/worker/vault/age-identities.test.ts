import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findAgeIdentities } from "../../../worker/vault/age-identities.ts";

const [A, B, C] = ["A", "B", "C"].map((letter) => `AGE-SECRET-KEY-1${letter.repeat(58)}`);

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "age-"));
});
afterEach(() => rm(home, { recursive: true }));

async function write(file: string, text: string): Promise<string> {
  const path = join(home, file);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

test("all keys of the variable, of the named file and of the account's own file are found, each once", async () => {
  const named = await write("named.txt", `# created: 2026\r\n# public key: age1x\r\n${B}\r\n${A}\r\n`);
  await write(".config/sops/age/keys.txt", `${C}\n`);
  const env = { SOPS_AGE_KEY: `${A}\n`, SOPS_AGE_KEY_FILE: named, HOME: home };
  expect(await findAgeIdentities({ env, platform: "linux" })).toEqual([A, B, C]);
});

test("the account's own file lies where XDG_CONFIG_HOME says", async () => {
  await write("xdg/sops/age/keys.txt", `${A}`);
  const env = { XDG_CONFIG_HOME: join(home, "xdg"), HOME: home };
  expect(await findAgeIdentities({ env, platform: "linux" })).toEqual([A]);
});

test("on Windows it lies in APPDATA", { skip: process.platform !== "win32" }, async () => {
  await write("sops/age/keys.txt", `${A}`);
  expect(await findAgeIdentities({ env: { APPDATA: home }, platform: "win32" })).toEqual([A]);
});

test.for([
  ["nothing is set", {}],
  ["the key is something else", { SOPS_AGE_KEY: "age1canarypublic" }],
  ["the named file is not there", { SOPS_AGE_KEY_FILE: "/nowhere/keys.txt" }],
] as const)("when %s, the words say where a key belongs, and show none", async ([, env]) => {
  const finding = findAgeIdentities({ env: { HOME: home, ...env }, platform: "linux" });
  await expect(finding).rejects.toMatchObject({
    code: "VAULT_NO_AGE_KEY",
    message: expect.stringContaining("SOPS_AGE_KEY_FILE"),
  });
  await expect(finding).rejects.not.toMatchObject({ message: expect.stringMatching(/canary|nowhere/) });
});
