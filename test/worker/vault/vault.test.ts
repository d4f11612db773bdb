import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type OpenVaultOptions, openVault } from "../../../worker/vault/vault.ts";
import { type AgeKey, createAgeKey, encryptSops } from "./encrypt-sops.ts";

let root: string;
let key: AgeKey;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vault-"));
  key = await createAgeKey();
});
afterEach(() => rm(root, { recursive: true }));

async function write(file: string, text: string): Promise<string> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

function open(options: Partial<OpenVaultOptions> = {}) {
  return openVault({
    path: root,
    env: { SOPS_AGE_KEY: key.identity },
    sopsProgram: "/nowhere/sops",
    ...options,
  });
}

test.for([
  ["the vault's own folder", "msp-tools/m365.sops.yaml"],
  ["a repository that holds it", "vault/msp-tools/m365.sops.yaml"],
])("VAULT_PATH may be %s", async ([, file = ""]) => {
  await write(file, await encryptSops({ secret: "s" }, { recipients: [key.recipient] }));
  await write(join(dirname(file), ".sops.yaml"), "creation_rules: []");
  await write(join(dirname(file), "README.md"), "not a secret");
  const vault = open();
  expect(await vault.list("msp-tools")).toEqual(["msp-tools/m365.sops.yaml"]);
  expect(await vault.read("msp-tools/m365.sops.yaml")).toEqual({ secret: "s" });
});

test("a vault that comes back is seen without opening it again", async () => {
  const vault = open();
  await expect(vault.list("msp-tools")).rejects.toMatchObject({ code: "VAULT_NOT_FOUND" });
  await write("msp-tools/a.sops.yml", await encryptSops({ a: "1" }, { recipients: [key.recipient] }));
  expect(await vault.list("msp-tools")).toEqual(["msp-tools/a.sops.yml"]);
});

test("a file that cannot be read is named, without where it lies", async () => {
  const reading = open().read("msp-tools/gone.sops.yaml");
  await expect(reading).rejects.toMatchObject({
    code: "VAULT_UNREADABLE",
    message: expect.stringContaining("msp-tools/gone.sops.yaml of the vault cannot be read (ENOENT)"),
  });
  await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining(root) });
});

describe("the sops program as fallback", { skip: process.platform === "win32" }, () => {
  /** A stand-in that notes how it was called, in a file beside itself. */
  async function fakeSops(ending: string): Promise<string> {
    const path = await write(
      "bin/sops",
      `#!/bin/sh\nprintf '%s\\n' "$@" > "${root}/arguments"\nenv > "${root}/environment"\n${ending}\n`,
    );
    await chmod(path, 0o755);
    return path;
  }
  const answer = `printf '{"client_secret":"canary-secret"}'`;

  test("decrypts what is not encrypted for our key, and no secret is among its arguments", async () => {
    const other = await createAgeKey();
    await write("msp-tools/a.sops.yaml", await encryptSops({ a: "1" }, { recipients: [other.recipient] }));
    const before = await readdir(join(root, "msp-tools"));
    vi.stubEnv("CLAUDETOOLS_API_KEY", "canary-token");
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = {
      PATH: process.env.PATH,
      SOPS_AGE_KEY: key.identity,
      DISCORD_TOKEN: "canary-token",
      GNUPGHOME: "/gnupg",
    };
    const vault = open({ env, sopsProgram: await fakeSops(answer) });
    expect(await vault.read("msp-tools/a.sops.yaml")).toEqual({ client_secret: "canary-secret" });

    const given = (await readFile(join(root, "arguments"), "utf8")).trim().split("\n");
    expect(given).toEqual([
      "--decrypt",
      "--input-type",
      "yaml",
      "--output-type",
      "json",
      join(root, "msp-tools/a.sops.yaml"),
    ]);
    const seen = await readFile(join(root, "environment"), "utf8");
    expect(seen).toContain(`SOPS_AGE_KEY=${key.identity}`);
    expect(seen).toContain("GNUPGHOME=/gnupg");
    expect(seen).not.toContain("canary-token");
    expect(await readdir(join(root, "msp-tools"))).toEqual(before);
  });

  test("is asked when there is no age key at all", async () => {
    await write("msp-tools/a.sops.yaml", await encryptSops({ a: "1" }, { recipients: [key.recipient] }));
    const vault = open({ env: { PATH: process.env.PATH, HOME: root }, sopsProgram: await fakeSops(answer) });
    expect(await vault.read("msp-tools/a.sops.yaml")).toEqual({ client_secret: "canary-secret" });
  });

  test("is not asked about a file that was tampered with", async () => {
    const text = await encryptSops({ a_unencrypted: "1" }, { recipients: [key.recipient] });
    await write("msp-tools/a.sops.yaml", text.replace('"1"', '"2"'));
    const vault = open({ sopsProgram: await fakeSops(answer) });
    await expect(vault.read("msp-tools/a.sops.yaml")).rejects.toMatchObject({ code: "VAULT_TAMPERED" });
    await expect(readFile(join(root, "arguments"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.for([
    ["exit 128", "VAULT_WRONG_KEY"],
    ["exit 51", "VAULT_TAMPERED"],
    ["exit 1", "VAULT_SOPS_FAILED"],
    ["kill -9 $$", "VAULT_SOPS_FAILED"],
    [`printf 'canary-secret is no JSON'`, "VAULT_SOPS_FAILED"],
  ])("its ending `%s` becomes words of ours: %s", async ([ending = "", code]) => {
    await write("msp-tools/a.sops.yaml", await encryptSops({ a: "1" }, { recipients: [key.recipient] }));
    const sopsProgram = await fakeSops(`echo "canary-secret ${root}" >&2; ${ending}`);
    const reading = open({ env: { PATH: process.env.PATH, HOME: root }, sopsProgram }).read(
      "msp-tools/a.sops.yaml",
    );
    await expect(reading).rejects.toMatchObject({ code });
    const error: unknown = await reading.catch((thrown: unknown) => thrown);
    expect(`${String(error)} ${String(error instanceof Error && error.cause)}`).not.toMatch(
      /canary-secret|\/tmp/,
    );
  });

  test("without the program, what we could not do ourselves is what is said", async () => {
    const other = await createAgeKey();
    await write("msp-tools/a.sops.yaml", await encryptSops({ a: "1" }, { recipients: [other.recipient] }));
    await expect(open().read("msp-tools/a.sops.yaml")).rejects.toMatchObject({ code: "VAULT_WRONG_KEY" });
  });
});
