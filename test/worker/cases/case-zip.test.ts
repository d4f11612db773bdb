import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCaseZip } from "../../../worker/cases/case-zip.ts";

let caseFolder: string;
beforeEach(async () => {
  caseFolder = await mkdtemp(join(tmpdir(), "case-zip-"));
});
afterEach(() => rm(caseFolder, { recursive: true }));

async function file(name: string, content: string | Uint8Array) {
  const path = join(caseFolder, name.replaceAll("/", "_"));
  await writeFile(path, content);
  return { name, path };
}

/** Compresses to nothing less than itself. */
function noise(sizeBytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(sizeBytes));
}

test("what went in comes out, names in any language included", async () => {
  const contents: Record<string, string> = {
    "findings.json": '{"verdict":{}}',
    "manifest.json": "",
    "artifacts/überwachung/sign-ins.json": "x".repeat(500_000),
  };
  const files = await Promise.all(Object.entries(contents).map(([name, content]) => file(name, content)));
  const { path, sizeBytes, leftOut } = await createCaseZip({ caseFolder, files, maxBytes: 100_000 });

  const zip = await readFile(path);
  expect(zip.length).toBe(sizeBytes);
  expect(leftOut).toEqual([]);
  const out = Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, strFromU8(bytes)]);
  expect(Object.fromEntries(out)).toEqual(contents);
});

test("what doesn't fit is left out from the end of the list, smaller files after it still go in, and a list says so", async () => {
  const files = [
    await file("findings.json", noise(2_000)),
    await file("artifacts/large.json", noise(30_000)),
    await file("artifacts/small.json", noise(1_000)),
  ];
  const { path, sizeBytes, leftOut } = await createCaseZip({ caseFolder, files, maxBytes: 20_000 });

  expect(sizeBytes).toBeLessThanOrEqual(20_000);
  expect(leftOut).toEqual([{ name: "artifacts/large.json", reason: "no room in a zip of 20000 bytes" }]);
  const out = unzipSync(await readFile(path));
  expect(Object.keys(out)).toEqual(["findings.json", "artifacts/small.json", "left-out.txt"]);
  expect(strFromU8(out["left-out.txt"] ?? noise(0))).toContain("artifacts/large.json");
});

test("the limit holds with any number of files left out", async () => {
  const large = await file("x", noise(9_000));
  const files = Array.from({ length: 500 }, (_, index) => ({ ...large, name: `artifacts/${index}.json` }));
  const { path, sizeBytes, leftOut } = await createCaseZip({ caseFolder, files, maxBytes: 10_000 });

  expect(leftOut).toHaveLength(500);
  expect(sizeBytes).toBeLessThanOrEqual(10_000);
  expect(strFromU8(unzipSync(await readFile(path))["left-out.txt"] ?? noise(0))).toMatch(/and \d+ more\n$/);
});

test("a file that is gone is listed, and the others are packed", async () => {
  const files = [{ name: "gone.json", path: join(caseFolder, "gone.json") }, await file("here.json", "{}")];
  const { path, leftOut } = await createCaseZip({ caseFolder, files, maxBytes: 100_000 });

  expect(leftOut).toEqual([{ name: "gone.json", reason: "could not be read" }]);
  expect(Object.keys(unzipSync(await readFile(path)))).toEqual(["here.json", "left-out.txt"]);
});

test.skipIf(process.platform === "win32")("only its owner may read the zip", async () => {
  const { path } = await createCaseZip({ caseFolder, files: [], maxBytes: 10_000 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
