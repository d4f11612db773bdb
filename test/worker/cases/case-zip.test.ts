import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCaseZip } from "../../../worker/cases/case-zip.ts";

let caseFolder: string;
let path: string;
beforeEach(async () => {
  caseFolder = await mkdtemp(join(tmpdir(), "case-zip-"));
  path = join(caseFolder, "case.zip");
});
afterEach(() => rm(caseFolder, { recursive: true }));

async function file(name: string, content: string | Uint8Array) {
  const source = join(caseFolder, name.replaceAll("/", "_"));
  await writeFile(source, content);
  return { name, path: source };
}

/** Without the manifest, which is in every zip. */
const namesIn = (zip: Uint8Array) => Object.keys(unzipSync(zip)).filter((name) => name !== "manifest.json");

/** Compresses to nothing less than itself. */
function noise(sizeBytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(sizeBytes));
}

test("what went in comes out, names in any language included", async () => {
  const contents: Record<string, string> = {
    "findings.json": '{"verdict":{}}',
    "report.html": "",
    "artifacts/überwachung/sign-ins.json": "x".repeat(500_000),
  };
  const files = await Promise.all(Object.entries(contents).map(([name, content]) => file(name, content)));
  const { sizeBytes, leftOut } = await createCaseZip({ caseId: "ix-1", path, files, maxBytes: 100_000 });

  const zip = await readFile(path);
  expect(zip.length).toBe(sizeBytes);
  expect(leftOut).toEqual([]);
  const { "manifest.json": _, ...out } = unzipSync(zip);
  const texts = Object.entries(out).map(([name, bytes]) => [name, strFromU8(bytes)]);
  expect(Object.fromEntries(texts)).toEqual(contents);
});

test("what doesn't fit is left out from the end of the list, smaller files after it still go in, and a list says so", async () => {
  const files = [
    await file("findings.json", noise(2_000)),
    await file("artifacts/large.json", noise(30_000)),
    await file("artifacts/small.json", noise(1_000)),
  ];
  const { sizeBytes, leftOut } = await createCaseZip({ caseId: "ix-1", path, files, maxBytes: 20_000 });

  expect(sizeBytes).toBeLessThanOrEqual(20_000);
  expect(leftOut).toEqual([{ name: "artifacts/large.json", reason: "no room in a zip of 20000 bytes" }]);
  const out = unzipSync(await readFile(path));
  expect(namesIn(await readFile(path))).toEqual(["findings.json", "artifacts/small.json", "left-out.txt"]);
  expect(strFromU8(out["left-out.txt"] ?? noise(0))).toContain("artifacts/large.json");
});

test("the limit holds with any number of files left out", async () => {
  const large = await file("x", noise(9_000));
  const files = Array.from({ length: 500 }, (_, index) => ({ ...large, name: `artifacts/${index}.json` }));
  const { sizeBytes, leftOut } = await createCaseZip({ caseId: "ix-1", path, files, maxBytes: 10_000 });

  expect(leftOut).toHaveLength(500);
  expect(sizeBytes).toBeLessThanOrEqual(10_000);
  expect(strFromU8(unzipSync(await readFile(path))["left-out.txt"] ?? noise(0))).toMatch(/and \d+ more\n$/);
});

test("the manifest has the hash of every other file in the zip, the list of what was left out included", async () => {
  const files = [
    await file("findings.json", "{}"),
    await file('artifacts/zoë "quoted".json', noise(3_000)),
    { name: "gone.json", path: join(caseFolder, "gone.json") },
  ];
  await createCaseZip({ caseId: "ix-1", path, files, maxBytes: 100_000 });

  const { "manifest.json": manifest = noise(0), ...others } = unzipSync(await readFile(path));
  const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  expect(JSON.parse(strFromU8(manifest))).toEqual({
    schema: "breach-check/case-file@1",
    case: "ix-1",
    files: Object.entries(others).map(([name, bytes]) => ({
      name,
      size_bytes: bytes.length,
      sha256: hash(bytes),
    })),
  });
  expect(Object.keys(others)).toHaveLength(3);
});

test("a file that is gone is listed, and the others are packed", async () => {
  const files = [{ name: "gone.json", path: join(caseFolder, "gone.json") }, await file("here.json", "{}")];
  const { leftOut } = await createCaseZip({ caseId: "ix-1", path, files, maxBytes: 100_000 });

  expect(leftOut).toEqual([{ name: "gone.json", reason: "could not be read" }]);
  expect(namesIn(await readFile(path))).toEqual(["here.json", "left-out.txt"]);
});

test.skipIf(process.platform === "win32")("only its owner may read the zip", async () => {
  await createCaseZip({ caseId: "ix-1", path, files: [], maxBytes: 10_000 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
