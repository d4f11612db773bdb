import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createEmbeddedJobs } from "../src/jobs/embedded.ts";
import { collectLog } from "./log.ts";

/** Paths within it. A folder comes before what is in it; some stay empty, and PostgreSQL wants those too. */
interface Layout {
  folders: string[];
  files: { path: string; content: Buffer }[];
}

// Once in each process that runs tests: a database takes two seconds of a processor to make, and a third of one to copy.
let made: Promise<Layout> | undefined;

/**
 * Makes `folder` what `createEmbeddedJobs` leaves of it when it has made a database there and was closed. Not for tests of
 * what it does in an empty folder.
 */
export async function layOutQueue(folder: string): Promise<void> {
  made ??= makeLayout();
  const { folders, files } = await made;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const path of folders) mkdirSync(join(folder, path), { mode: 0o700 });
  for (const { path, content } of files) writeFileSync(join(folder, path), content, { mode: 0o600 });
}

async function makeLayout(): Promise<Layout> {
  const folder = mkdtempSync(join(tmpdir(), "queue-"));
  try {
    const jobs = await createEmbeddedJobs({ dataDir: folder, log: collectLog().log });
    await jobs.close();
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const pathOf = (entry: (typeof entries)[number]) => relative(folder, join(entry.parentPath, entry.name));
    return {
      folders: entries
        .filter((entry) => entry.isDirectory())
        .map(pathOf)
        .sort(),
      files: entries
        .filter((entry) => entry.isFile())
        .map((entry) => ({ path: pathOf(entry), content: readFileSync(join(folder, pathOf(entry))) })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
