import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepCase } from "../../../worker/cases/keep-case.ts";
import { FindingsDocument, type Timeline } from "../../../worker/findings/findings.ts";
import { collectLog } from "../../log.ts";
import { documentWith, hidesMail } from "../findings/documents.ts";

const END = Date.UTC(2026, 10, 22, 12);
const iso = (minutesAgo: number) => new Date(END - minutesAgo * 60_000).toISOString();
const timeline: Timeline = {
  start: iso(7 * 24 * 60),
  end: iso(0),
  events: Array.from({ length: 400 }, (_, index) => ({
    at: iso(index * 20),
    lane: index % 3 === 0 ? ("failed_sign_ins" as const) : ("sign_ins" as const),
    label: "From Lagos, NG",
    severity: index % 40 === 0 ? ("high" as const) : ("info" as const),
  })),
  omitted: 12,
};

let caseFolder: string;
beforeEach(async () => {
  caseFolder = await mkdtemp(join(tmpdir(), "keep-case-"));
  await writeFile(join(caseFolder, "manifest.json"), "{}");
});
afterEach(() => rm(caseFolder, { recursive: true }));

async function artifact(name: string, sizeBytes: number) {
  const path = join(caseFolder, name);
  await writeFile(path, crypto.getRandomValues(new Uint8Array(sizeBytes)));
  return { name, path, sizeBytes, sha256: "0".repeat(64) };
}

async function keep(
  document: FindingsDocument,
  { artifacts = [] as Awaited<ReturnType<typeof artifact>>[], maxBytes = 10_000_000 } = {},
) {
  const { log, lines } = collectLog();
  const kept = await keepCase(document, { caseId: "ix-1", caseFolder, artifacts, maxBytes, log });
  const namesIn = async (path = "") => Object.keys(unzipSync(await readFile(path)));
  return { ...kept, lines, namesIn };
}

test("a case is its report, its findings, what the toolkit did and left, and a manifest", async () => {
  const document = documentWith("likely", { findings: [hidesMail], timeline });
  const artifacts = [await artifact("sign-ins.json", 200), await artifact("inbox-rules.json", 300)];
  const { caseFile, namesIn } = await keep(document, { artifacts });

  expect(await namesIn(caseFile.path)).toEqual([
    "report.html",
    "findings.json",
    "toolkit-run.json",
    // Findings rest on it.
    "artifacts/inbox-rules.json",
    "artifacts/sign-ins.json",
    "manifest.json",
  ]);
  expect(await namesIn(caseFile.smaller?.path)).toEqual([
    "report.html",
    "findings.json",
    "toolkit-run.json",
    "manifest.json",
  ]);
  expect(caseFile).toMatchObject({
    name: "case-ix-1.zip",
    description: expect.not.stringContaining("left-out"),
  });
  const { "findings.json": findings } = unzipSync(await readFile(caseFile.path));
  expect(FindingsDocument.parse(JSON.parse(strFromU8(findings ?? new Uint8Array())))).toEqual(document);
});

test("over the limit the least valuable artifacts stay out, and the message says how many", async () => {
  const artifacts = [
    await artifact("large.json", 60_000),
    await artifact("inbox-rules.json", 30_000),
    await artifact("small.json", 1_000),
  ];
  const document = documentWith("likely", { findings: [hidesMail] });
  const { caseFile, namesIn } = await keep(document, { artifacts, maxBytes: 50_000 });
  expect(await namesIn(caseFile.path)).toEqual(
    expect.arrayContaining(["artifacts/inbox-rules.json", "artifacts/small.json", "left-out.txt"]),
  );
  expect(caseFile.description).toContain("One file is not in it for want of room; see left-out.txt.");
  expect((await stat(caseFile.path)).size).toBeLessThanOrEqual(50_000);
});

test("the picture is a PNG that is legible on a phone, with the same in words", async () => {
  const { picture } = await keep(documentWith("likely", { timeline }));
  const png = await readFile(picture?.path ?? "");
  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  // Width and height, from the first chunk.
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 360]);
  expect(png.length).toBeLessThan(200_000);
  expect(picture?.alt).toBe(
    "Timeline from 2026-11-15 12:00 UTC to 2026-11-22 12:00 UTC. Failed sign-ins: 134 (4 high). Sign-ins: 266 (6 high). 12 more are not drawn.",
  );
});

test("evidence without a time has no picture, and that is nothing to complain about", async () => {
  const { picture, lines } = await keep(documentWith("likely", { timeline: { ...timeline, events: [] } }));
  expect([picture, lines]).toEqual([undefined, []]);
});

test("a picture that cannot be written costs the picture alone, and is on record", async () => {
  await mkdir(join(caseFolder, "timeline.png", "in the way"), { recursive: true });
  const { picture, caseFile, lines } = await keep(documentWith("likely", { timeline }));
  expect(picture).toBeUndefined();
  const { "report.html": page = new Uint8Array() } = unzipSync(await readFile(caseFile.path));
  expect(strFromU8(page)).toContain("<svg");
  expect(lines).toMatchObject([{ level: "error", message: "timeline not drawn" }]);
});

test("a full timeline and a hundred findings are drawn, written and packed within a second, and nobody waits long meanwhile", async () => {
  const findings = Array.from({ length: 100 }, (_, index) => ({ ...hidesMail, id: `f${index}` }));
  const document = documentWith("likely", { findings, timeline });
  // The first time loads the libraries.
  await keep(document);

  let longestMs = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  }, 1);
  const startedAt = performance.now();
  await keep(document);
  clearInterval(beat);
  // Generous, for machines that have other things to do.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(longestMs).toBeLessThan(1_000);
});
