import {
  appendFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { canonicalJson, sha256 } from "../../../worker/audit/canonical-json.ts";
import { inspectChain } from "../../../worker/audit/inspect-chain.ts";
import { type ChainItem, readChain } from "../../../worker/audit/read-chain.ts";
import { collectLog } from "../../log.ts";
import { entryOf, openWhole, temporaryFolder, writeChain } from "./chains.ts";

async function read(folder: string) {
  const items: ChainItem[] = [];
  for await (const item of readChain(folder)) items.push(item);
  return items.map((item) => (item.kind === "record" ? item.record.entry : item.problem));
}
const lines = async (file: string) => (await readFile(file, "utf8")).split("\n").slice(0, -1);
const put = (file: string, text: string[]) => writeFile(file, text.map((line) => `${line}\n`).join(""));

test("records are read in the order they were written, over restarts", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 3);
  const chain = await openWhole(folder);
  await chain.append(entryOf(4));
  await chain.close();
  expect(await read(folder)).toEqual([1, 2, 3, 4].map(entryOf));
  expect(await inspectChain(folder)).toMatchObject({ kind: "whole", records: 4, unfinished: undefined });
});

test("a hundred records at once keep the order they were asked for in", async () => {
  const folder = await temporaryFolder();
  const chain = await openWhole(folder);
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  await Promise.all(numbers.map((number) => chain.append(entryOf(number))));
  await chain.close();
  expect(await read(folder)).toEqual(numbers.map(entryOf));
});

test("a chain goes on over several files", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 20, { rotateAtBytes: 1_000 });
  await writeChain(folder, 20, { rotateAtBytes: 1_000 });
  const files = (await readdir(folder)).filter((name) => name.startsWith("audit-"));
  expect(files.length).toBeGreaterThan(5);
  expect(await inspectChain(folder)).toMatchObject({ kind: "whole", records: 40 });
});

test("any byte that is altered is found, and where", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 6, { rotateAtBytes: 900 });
  const original = await temporaryFolder();
  await cp(folder, original, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.startsWith("audit-"));

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (name, place, flip) => {
        const bytes = await readFile(join(original, name));
        const index = place % bytes.length;
        const line = bytes.subarray(0, index).filter((byte) => byte === 0x0a).length + 1;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        await writeFile(join(folder, name), bytes);
        const state = await inspectChain(folder);
        await cp(join(original, name), join(folder, name));
        expect(state).toMatchObject({ kind: "broken", problem: { file: name, line } });
      },
    ),
    { numRuns: 500 },
  );
});

test("every byte of a record is covered", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 2);
  const file = join(folder, "audit-1.jsonl");
  const original = await readFile(file);
  for (const index of original.keys()) {
    const bytes = Buffer.from(original);
    bytes[index] = (bytes[index] ?? 0) ^ (1 << (index % 8));
    await writeFile(file, bytes);
    expect(await inspectChain(folder), `byte ${index}`).toMatchObject({ kind: "broken" });
  }
});

test.for<[what: string, change: (folder: string) => Promise<void>, problem: object]>([
  [
    "a removed line",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      await put(file, (await lines(file)).toSpliced(2, 1));
    },
    { line: 3, seq: 3, problem: "expected seq 3, found seq 4" },
  ],
  [
    "a removed first line",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      await put(file, (await lines(file)).slice(1));
    },
    { line: 1, seq: 1 },
  ],
  [
    "swapped lines",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const [a = "", b = "", ...rest] = await lines(file);
      await put(file, [b, a, ...rest]);
    },
    { line: 1, seq: 1 },
  ],
  [
    "a line twice",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const [a = "", ...rest] = await lines(file);
      await put(file, [a, a, ...rest]);
    },
    { line: 2, seq: 2, problem: "expected seq 2, found seq 1" },
  ],
  [
    "a record written anew, with a hash that fits it,",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const text = await lines(file);
      const { hash: _, ...record } = z.looseObject({ hash: z.string() }).parse(JSON.parse(text[1] ?? ""));
      const forged = { ...record, entry: entryOf(7) };
      await put(file, text.with(1, canonicalJson({ ...forged, hash: sha256(canonicalJson(forged)) })));
    },
    { line: 3, seq: 3, problem: expect.stringContaining("expected its prev hash") },
  ],
  [
    "a record in another spelling",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const text = await lines(file);
      await put(file, text.with(1, (text[1] ?? "").replace('"seq":2', '"seq": 2')));
    },
    { line: 2, seq: 2, problem: "expected canonical JSON, found another spelling of it" },
  ],
  [
    "a key that is there twice",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const text = await lines(file);
      await put(file, text.with(1, (text[1] ?? "").replace('"seq":2', '"seq":9,"seq":2')));
    },
    { line: 2, seq: 2 },
  ],
  [
    "a byte that is no text in the place of a sign for such a byte",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      const bytes = await readFile(file);
      const sign = bytes.indexOf("\ufffd");
      await writeFile(
        file,
        Buffer.concat([bytes.subarray(0, sign), Buffer.of(0xff), bytes.subarray(sign + 3)]),
      );
    },
    { line: 1, seq: 1 },
  ],
  [
    "a cut last line",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      await put(file, (await lines(file)).slice(0, -1));
    },
    { line: 5, seq: 5, problem: "expected records up to seq 5 (head.json), found the end" },
  ],
  [
    "an end cut off within a line",
    async (folder) => {
      const file = join(folder, "audit-1.jsonl");
      await truncate(file, (await readFile(file)).length - 10);
    },
    { line: 5, seq: 5 },
  ],
  ["a removed file", (folder) => rm(join(folder, "audit-1.jsonl")), { seq: 1 }],
  [
    "a removed head",
    (folder) => rm(join(folder, "head.json")),
    { problem: "expected head.json, found none" },
  ],
  ["junk for a head", (folder) => writeFile(join(folder, "head.json"), "x"), { file: "head.json" }],
  [
    "records of another chain",
    async (folder) => {
      const other = await temporaryFolder();
      await writeChain(other, 5);
      await cp(join(other, "audit-1.jsonl"), join(folder, "audit-1.jsonl"));
    },
    { line: 5, problem: expect.stringContaining("(head.json)") },
  ],
])("%s is found", async ([, change, problem]) => {
  const folder = await temporaryFolder();
  await writeChain(folder, 5);
  await change(folder);
  expect(await inspectChain(folder)).toMatchObject({ kind: "broken", problem });
});

test("wherever a crash tore the last line, it is set aside, told, and writing goes on", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 2);
  const file = join(folder, "audit-1.jsonl");
  const whole = await readFile(file);
  const last = whole.subarray(whole.indexOf(0x0a) + 1);

  for (const torn of [
    last.subarray(0, 1),
    last.subarray(0, 100),
    last.subarray(0, -1),
    Buffer.alloc(300),
    Buffer.from("\n"),
  ]) {
    const crashed = await temporaryFolder();
    await cp(folder, crashed, { recursive: true });
    await appendFile(join(crashed, "audit-1.jsonl"), torn);
    expect(await inspectChain(crashed)).toMatchObject({ kind: "whole", unfinished: expect.any(String) });

    const chain = await openWhole(crashed);
    await chain.append(entryOf(9));
    await chain.close();
    const [name = ""] = (await readdir(crashed)).filter((entry) => entry.startsWith("torn-"));
    expect(await readFile(join(crashed, name))).toEqual(torn);
    expect(await read(crashed)).toEqual([
      entryOf(1),
      entryOf(2),
      { kind: "torn-end", files: [{ name, sizeBytes: torn.length, sha256: expect.any(String) }] },
      entryOf(9),
    ]);
    expect(await inspectChain(crashed)).toMatchObject({ kind: "whole", unfinished: undefined });
  }
});

test("a crash after a torn end was set aside and before it was told makes it be told by the next start", async () => {
  const folder = await temporaryFolder();
  await writeChain(folder, 2);
  await writeFile(join(folder, "torn-after-2-abc.bin"), "torn");
  const chain = await openWhole(folder);
  await chain.close();
  expect((await read(folder)).at(-1)).toMatchObject({
    files: [{ name: "torn-after-2-abc.bin", sizeBytes: 4 }],
  });
  await (await openWhole(folder)).close();
  expect(await read(folder)).toHaveLength(3);
});

test("while the disk cannot be written to, what is kept waits and the rest is refused", async () => {
  const folder = join(await temporaryFolder(), "chain");
  await mkdir(folder);
  const chain = await openWhole(folder);
  await chain.append(entryOf(1));

  await rename(folder, `${folder}-away`);
  await expect(chain.append(entryOf(2), { kept: true })).rejects.toMatchObject({ code: "AUDIT_NOT_WRITTEN" });
  await expect(chain.append(entryOf(3))).rejects.toMatchObject({ code: "AUDIT_NOT_WRITTEN" });
  expect(chain.kept()).toBe(1);

  await rename(`${folder}-away`, folder);
  await chain.append(entryOf(4));
  expect(chain.kept()).toBe(0);
  await chain.close();
  expect(await read(folder)).toEqual([1, 2, 4].map(entryOf));
});

test("what is being written is not taken for what the disk refused", async () => {
  const chain = await openWhole(await temporaryFolder());
  const written = chain.append(entryOf(1), { kept: true });
  expect(chain.kept()).toBe(0);
  await written;
  await chain.close();
});

test("what still waits is written when the chain is closed", async () => {
  const { log, lines: logged } = collectLog();
  const parent = await temporaryFolder();
  const folder = join(parent, "chain");
  await mkdir(folder);
  const chain = await openWhole(folder, { log });
  await rename(folder, `${folder}-away`);
  await chain.append(entryOf(1), { kept: true }).catch(() => undefined);
  await rename(`${folder}-away`, folder);
  await chain.close();
  expect(await read(folder)).toEqual([entryOf(1)]);
  expect(logged).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a full disk is an error that names the audit log", async () => {
  const folder = await temporaryFolder();
  await symlink("/dev/full", join(folder, "audit-1.jsonl"));
  const chain = await openWhole(folder);
  await expect(chain.append(entryOf(1))).rejects.toMatchObject({
    code: "AUDIT_NOT_WRITTEN",
    cause: { code: "ENOSPC" },
  });
  await chain.close();
});

test("a file that another program changed is not written to", async () => {
  const folder = await temporaryFolder();
  const chain = await openWhole(folder);
  await chain.append(entryOf(1));
  await truncate(join(folder, "audit-1.jsonl"), 10);
  await expect(chain.append(entryOf(2))).rejects.toMatchObject({ code: "AUDIT_NOT_WRITTEN" });
  await chain.close();
  expect((await readFile(join(folder, "audit-1.jsonl"))).length).toBe(10);
});
