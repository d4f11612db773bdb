import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFile,
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ArtifactLimits,
  snapshotArtifacts,
  takeArtifacts,
  writeManifest,
} from "../../../worker/toolkit/artifacts.ts";

const tenantId = "11111111-aaaa-4bbb-8ccc-222222222222";
const MAKES_FIFO = fileURLToPath(new URL("../../fixtures/scripts/makes-fifo.sh", import.meta.url));
let root: string;
let artifactsDir: string;
let caseFolder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "artifacts-"));
  artifactsDir = join(root, "remediation-tool");
  caseFolder = join(root, "case");
});
afterEach(() => rm(root, { recursive: true }));

function tenantPath(name: string): string {
  return join(artifactsDir, tenantId, name);
}

async function leave(name: string, content: string | Uint8Array): Promise<string> {
  const path = tenantPath(name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

function snapshot() {
  return snapshotArtifacts({ artifactsDir, tenantId });
}

async function take({
  before = new Set<string>(),
  ...limits
}: Partial<ArtifactLimits> & { before?: ReadonlySet<string> } = {}) {
  const { artifacts, leftOut } = await takeArtifacts({ artifactsDir, tenantId, before, caseFolder }, limits);
  return { artifacts, leftOut, names: artifacts.map((artifact) => artifact.name) };
}

// No mkfifo, modes or names with colons there, and links need rights that not everyone has.
const onWindows = process.platform === "win32";

describe("which files are taken", () => {
  test("new ones, in folders as well, with size and hash of the copy", async () => {
    const before = await snapshot();
    await leave("raw/rules.json", '{"value":[]}');
    const { artifacts, leftOut } = await take({ before });

    const sha256 = createHash("sha256").update('{"value":[]}').digest("hex");
    const path = join(caseFolder, "artifacts", "raw", "rules.json");
    expect(artifacts).toEqual([{ name: "raw/rules.json", path, sizeBytes: 12, sha256 }]);
    expect(await readFile(path, "utf8")).toBe('{"value":[]}');
    expect(leftOut).toEqual([]);
  });

  test("changed ones, but none that lay there before", async () => {
    await leave("old.json", "{}");
    const changed = await leave("changed.json", "{}");
    const before = await snapshot();
    await appendFile(changed, " ");
    expect((await take({ before })).names).toEqual(["changed.json"]);
  });

  test("one written again with the same content is evidence of this run", async () => {
    const path = await leave("rules.json", "{}");
    await utimes(path, 1, 1);
    const before = await snapshot();
    await leave("rules.json", "{}");
    expect((await take({ before })).names).toEqual(["rules.json"]);
  });

  test("an old file stays old under another name and with other rights", async () => {
    const path = await leave("yesterday.json", "{}");
    await leave("kept.json", "{}");
    const before = await snapshot();
    await rename(path, tenantPath("today.json"));
    await chmod(tenantPath("kept.json"), 0o600);
    expect((await take({ before })).names).toEqual([]);
  });

  test("the tenant's folder may be in upper case, and another tenant's is not looked at", async () => {
    await mkdir(join(artifactsDir, tenantId.toUpperCase()), { recursive: true });
    await writeFile(join(artifactsDir, tenantId.toUpperCase(), "mine.json"), "{}");
    await mkdir(join(artifactsDir, "99999999-aaaa-4bbb-8ccc-222222222222"));
    await writeFile(join(artifactsDir, "99999999-aaaa-4bbb-8ccc-222222222222", "theirs.json"), "{}");
    expect((await take()).names).toEqual(["mine.json"]);
  });

  test("half a JSON file is taken as it is", async () => {
    const path = await leave("half.json", '{"value":[{"id":"1","displ');
    const [half] = (await take()).artifacts;
    expect(await readFile(half?.path ?? "")).toEqual(await readFile(path));
  });

  test("nothing, where there is no folder", async () => {
    expect(await take()).toEqual({ artifacts: [], leftOut: [], names: [] });
  });

  test("copies of an attempt that crashed are not among them", async () => {
    await mkdir(join(caseFolder, "artifacts"), { recursive: true });
    await writeFile(join(caseFolder, "artifacts", "rules.json"), "of the first attempt");
    await leave("rules.json", "of the second");
    const [rules] = (await take()).artifacts;
    expect(await readFile(rules?.path ?? "", "utf8")).toBe("of the second");
  });
});

describe("what is left out, and said to be", () => {
  test("tokens and secrets, by content or by name", async () => {
    const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl";
    await leave("a.json", `{"auth":"${jwt}"}`);
    await leave("across-pieces.json", `${"x".repeat(1024 * 1024 - 20)} ${jwt}`);
    await leave("utf16.json", Buffer.from(`"${jwt}"`, "utf16le"));
    await leave("answer.json", '{ "refresh_token" : "0.AXoAnotherKind" }');
    await leave("graph-token.txt", "opaque");
    await leave("key.json", "-----BEGIN PRIVATE KEY-----");
    await leave(
      "rules.json",
      '{"value":[{"incomingTokenType":"primaryRefreshToken","note":"eyJust a word"}]}',
    );

    const { names, leftOut } = await take();
    expect(names).toEqual(["rules.json"]);
    expect(leftOut.map(({ name }) => name).toSorted()).toEqual([
      "a.json",
      "across-pieces.json",
      "answer.json",
      "graph-token.txt",
      "key.json",
      "utf16.json",
    ]);
    const copied = await stat(join(caseFolder, "artifacts", "a.json")).catch(() => "gone");
    expect(copied).toBe("gone");
  });

  test("what looks like a token in a name does not take the evidence around it away", async () => {
    const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl";
    const keys = [
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----",
      "PuTTY-User-Key-File-3:",
    ];
    const names = [jwt, ...keys.map((head) => `${head}\nMIIE`), `"access_token":"${jwt}"`];
    const rules = names.map((displayName) => ({ displayName, actions: { delete: true } }));
    await leave("rules.json", JSON.stringify({ value: rules }));

    const { artifacts, leftOut } = await take();
    const content = await readFile(artifacts[0]?.path ?? "");
    const removed = "(removed: looks like a token)";
    expect(JSON.parse(content.toString())).toEqual({
      value: [removed, ...keys.map(() => removed), `"access_token":"${removed}"`].map((displayName) => ({
        displayName,
        actions: { delete: true },
      })),
    });
    expect(artifacts[0]?.sha256).toBe(createHash("sha256").update(content).digest("hex"));
    const reason = expect.stringContaining("taken out of it");
    expect(leftOut).toEqual([{ name: "rules.json", reason, isEvidence: false }]);
  });

  test.skipIf(onWindows)("links of both kinds, and a FIFO, which nobody waits for", async () => {
    const secret = join(root, "secret.json");
    await writeFile(secret, "{}");
    await leave("plain.json", "{}");
    await symlink(secret, tenantPath("link.json"));
    await symlink(root, tenantPath("folder"));
    await link(secret, tenantPath("hard.json"));
    execFileSync("bash", [MAKES_FIFO, tenantPath("pipe.json")]);

    const { names, leftOut } = await take();
    expect(names).toEqual(["plain.json"]);
    expect(leftOut.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "folder", reason: "a link", isEvidence: false },
      { name: "hard.json", reason: "the file has a second name elsewhere (hard link)", isEvidence: true },
      { name: "link.json", reason: "a link", isEvidence: true },
      { name: "pipe.json", reason: "not a plain file", isEvidence: true },
    ]);
  });

  test.skipIf(onWindows)("a whole tenant folder that is a link", async () => {
    await mkdir(artifactsDir, { recursive: true });
    await mkdir(join(root, "elsewhere"));
    await writeFile(join(root, "elsewhere", "x.json"), "{}");
    await symlink(join(root, "elsewhere"), join(artifactsDir, tenantId));
    expect(await take()).toMatchObject({ names: [], leftOut: [{ reason: "not a folder but a link" }] });
  });

  test("what is too large by itself, and the largest when all is too much", async () => {
    await leave("huge.json", "x".repeat(101));
    await leave("large.json", "x".repeat(100));
    await leave("middle.json", "x".repeat(50));
    await leave("small.json", "x");
    const { names, leftOut } = await take({ maxFileBytes: 100, maxTotalBytes: 120 });
    expect(names).toEqual(["middle.json", "small.json"]);
    expect(leftOut.map(({ name, isEvidence }) => [name, isEvidence])).toEqual([
      ["large.json", true],
      ["huge.json", true],
    ]);
  });

  test("files beyond a number", async () => {
    for (const name of ["a.json", "b.json", "c.json"]) await leave(name, "{}");
    expect(await take({ maxFiles: 2 })).toMatchObject({
      names: ["a.json", "b.json"],
      leftOut: [{ name: "c.json", reason: "more than 2 new files" }],
    });
  });

  test("the rest of a folder without end", async () => {
    for (const name of ["a.json", "b.json", "c.json", "d.json"]) await leave(name, "{}");
    const { names, leftOut } = await take({ maxEntries: 2 });
    expect(names).toHaveLength(2);
    expect(leftOut).toHaveLength(1);
  });
});

describe("how copies are written", () => {
  test.skipIf(onWindows)("only their owner can read them", async () => {
    await leave("raw/rules.json", "{}");
    const [rules] = (await take()).artifacts;
    expect((await stat(rules?.path ?? "")).mode & 0o777).toBe(0o600);
    expect((await stat(join(caseFolder, "artifacts"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(caseFolder, "artifacts", "raw"))).mode & 0o777).toBe(0o700);
  });

  test.skipIf(onWindows)("names are made harmless and stay different", async () => {
    for (const name of ["a b.json", "a:b.json", "A_B.json", "CON.json", "x\u202egnp.exe", "line\nbreak.json"])
      await leave(name, "{}");
    expect((await take()).names.toSorted()).toEqual(
      ["A_B.json", "_CON.json", "a_b-2.json", "a_b-3.json", "line_break.json", "x_gnp.exe"].toSorted(),
    );
  });

  test("the manifest lists name, size and hash, what was left out, and how the script ended", async () => {
    await leave("rules.json", "{}");
    await leave("token", "x");
    const { artifacts, leftOut } = await take();
    await writeManifest({
      caseFolder,
      tenantId,
      entry: "user-breach-check",
      ending: { kind: "exited", code: 1 },
      artifacts,
      leftOut,
      now: () => 0,
    });
    const manifest: unknown = JSON.parse(await readFile(join(caseFolder, "manifest.json"), "utf8"));
    expect(manifest).toEqual({
      schema: "breach-check/manifest@1",
      created: "1970-01-01T00:00:00.000Z",
      tenantId,
      entry: "user-breach-check",
      ending: { kind: "exited", code: 1 },
      files: [
        {
          name: "rules.json",
          size_bytes: 2,
          sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        },
      ],
      leftOut: [{ name: "token", reason: "its name is that of a token file" }],
    });
  });
});
