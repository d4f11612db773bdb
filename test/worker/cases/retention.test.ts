import { access, lutimes, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Cases, createCases } from "../../../worker/cases/cases.ts";
import { startRetention } from "../../../worker/cases/retention.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { snowflake, TECH_USER } from "../../interactions.ts";
import { collectLog } from "../../log.ts";

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 10, 22, 12);
const jobs = useEmbeddedJobs();

let dataDir: string;
let cases: Cases;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "retention-"));
  cases = createCases({ store: jobs().store, dataDir, keepDays: 30 });
});
afterEach(() => rm(dataDir, { recursive: true }));

/** A case whose files were last written so many days ago. */
async function caseOf(ageDays: number, name = `ix-${snowflake()}`) {
  const folder = join(cases.root, name);
  await mkdir(join(folder, "artifacts"), { recursive: true });
  const paths = [join(folder, "artifacts", "rules.json"), join(folder, "case.zip")];
  for (const path of paths) await writeFile(path, "adele@contoso.com");
  await age([...paths, join(folder, "artifacts"), folder], ageDays);
  await cases.save(name, {
    requesterId: TECH_USER,
    ephemeral: false,
    work: { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" },
  });
  return { name, folder };
}

async function age(paths: string[], ageDays: number) {
  const at = new Date(NOW - ageDays * DAY_MS);
  for (const path of paths) await utimes(path, at, at);
}

async function sweep(now = NOW) {
  const { log, lines } = collectLog();
  const retention = startRetention({ cases, log, now: () => now });
  await retention.first;
  await retention.close();
  return lines;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test.for<[title: string, ageDays: number, kept: boolean]>([
  ["29 days is kept", 29, true],
  ["just under 30 days is kept", 29.99, true],
  ["30 days is deleted", 30, false],
  ["a year is deleted", 365, false],
])("a case of %s, of what the store knows of it too", async ([, ageDays, kept]) => {
  const { name, folder } = await caseOf(ageDays);
  await sweep();
  expect([await exists(folder), (await cases.read(name)) !== undefined]).toEqual([kept, kept]);
});

test("a deletion is logged with the case and its age, and without a word about whose it was", async () => {
  const { name } = await caseOf(31.5);
  const lines = await sweep();
  expect(lines).toEqual([{ level: "info", message: "case deleted", caseId: name, ageDays: 31 }]);
});

test("a case that was written to lately is kept, however old its folder is", async () => {
  const { folder } = await caseOf(90);
  await age([join(folder, "case.zip")], 1);
  await sweep();
  expect(await exists(folder)).toBe(true);
});

test("a case that is being worked on is kept", async () => {
  const { name, folder } = await caseOf(0);
  await cases.withFolder(name, async () => {
    await sweep(NOW + 400 * DAY_MS);
    expect(await exists(folder)).toBe(true);
  });
  await sweep(NOW + 400 * DAY_MS);
  expect(await exists(folder)).toBe(false);
});

test("what is no case is not touched, wherever it came from", async () => {
  const foreign = await caseOf(90, "backup-of-cases");
  const file = join(cases.root, `ix-${snowflake()}`);
  await writeFile(file, "a file that is called like a case");
  await age([file], 90);
  expect(await sweep()).toEqual([]);
  expect([await exists(foreign.folder), await exists(file)]).toEqual([true, true]);
});

// Windows needs rights for links that tests lack.
test.skipIf(process.platform === "win32")("nothing is deleted through a link", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "elsewhere-"));
  const treasure = join(elsewhere, "treasure.txt");
  await writeFile(treasure, "not ours");
  const { folder } = await caseOf(90);
  const link = join(cases.root, `ix-${snowflake()}`);
  await symlink(elsewhere, link);
  await symlink(elsewhere, join(folder, "artifacts", "link"));
  await age([treasure, elsewhere, join(folder, "artifacts"), folder], 90);
  await lutimes(link, new Date(0), new Date(0));

  await sweep();
  expect([await exists(treasure), await exists(link), await exists(folder)]).toEqual([true, true, false]);
  await rm(elsewhere, { recursive: true });
});

test("a worker that has had no case yet has nothing to delete and says nothing", async () => {
  expect(await sweep()).toEqual([]);
});

test("it looks again and again", async () => {
  const { log, lines } = collectLog();
  const retention = startRetention({ cases, log, now: () => NOW, everyMs: 5 });
  await retention.first;
  await caseOf(31);
  await vi.waitFor(() => expect(lines).toMatchObject([{ message: "case deleted" }]), { timeout: 10_000 });
  await retention.close();
});
