import { createHash } from "node:crypto";
import { constants } from "node:fs";
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { createArtifactNames } from "./artifact-names.ts";
import { createTokenScanner, looksLikeTokenFile, type Suspicion, withoutLookAlikes } from "./token-files.ts";
import type { Artifact, Entry, LeftOut, ScriptEnding } from "./toolkit.ts";

/** What happens at each limit is the same: the file is left out, and said to be. */
export interface ArtifactLimits {
  maxFiles: number;
  maxFileBytes: number;
  maxTotalBytes: number;
  /** Files and folders that are looked at, old ones included. */
  maxEntries: number;
}

const MIB = 1024 * 1024;
const DEFAULT_LIMITS: ArtifactLimits = {
  maxFiles: 200,
  maxFileBytes: 25 * MIB,
  maxTotalBytes: 100 * MIB,
  maxEntries: 10_000,
};
const MAX_DEPTH = 8;

interface ArtifactFolder {
  /** Where toolkits leave artifacts: one folder per tenant below it. */
  artifactsDir: string;
  /** Lower case. The folder of that name may be in any case. */
  tenantId: string;
}

/** The files that are there already; whatever is the same file afterwards is not evidence of this run. */
export type Snapshot = ReadonlySet<string>;

export async function snapshotArtifacts(
  folder: ArtifactFolder,
  { maxEntries = DEFAULT_LIMITS.maxEntries }: Partial<ArtifactLimits> = {},
): Promise<Snapshot> {
  const { files } = await findFiles(folder, maxEntries);
  return new Set(files.map((file) => file.identity));
}

/**
 * Copies what is new or changed since the snapshot to `<caseFolder>/artifacts`. Someone else writes that folder,
 * so nothing in it is trusted: links are not followed, nothing but plain files is opened, and what holds tokens
 * stays behind, or in JSON that only has something like one in it, that alone. A file that changes or vanishes meanwhile is copied as far as it could be read.
 */
export async function takeArtifacts(
  folder: ArtifactFolder & { before: Snapshot; caseFolder: string },
  limits: Partial<ArtifactLimits> = {},
): Promise<{ artifacts: Artifact[]; leftOut: LeftOut[] }> {
  const { maxFiles, maxFileBytes, maxTotalBytes, maxEntries } = { ...DEFAULT_LIMITS, ...limits };
  const { files, leftOut } = await findFiles(folder, maxEntries);
  const names = createArtifactNames();
  const artifacts: Artifact[] = [];
  let totalBytes = 0;

  const copies = join(folder.caseFolder, "artifacts");
  // An attempt that crashed may have left some; they would be in no manifest.
  await rm(copies, { recursive: true, force: true });
  await mkdir(copies, { recursive: true, mode: 0o700 });

  // Small files first, so that one large one can't crowd them out.
  const fresh = files.filter((file) => !folder.before.has(file.identity)).sort(bySizeAndName);
  for (const file of fresh) {
    const name = names.next(file.name);
    const maxBytes = Math.min(maxFileBytes, maxTotalBytes - totalBytes);
    if (artifacts.length >= maxFiles) {
      leftOut.push({ name, reason: `more than ${maxFiles} new files`, isEvidence: true });
      continue;
    }
    const copy = await copyArtifact(file, { to: join(copies, ...name.split("/")), maxBytes });
    if (copy.kind === "left out") {
      leftOut.push({ name, reason: copy.reason, isEvidence: copy.isEvidence });
      continue;
    }
    if (copy.note !== undefined) leftOut.push({ name, reason: copy.note, isEvidence: false });
    totalBytes += copy.sizeBytes;
    artifacts.push({ name, path: copy.path, sizeBytes: copy.sizeBytes, sha256: copy.sha256 });
  }
  artifacts.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { artifacts, leftOut };
}

interface FoundFile {
  /** Relative to the tenant's folder, with forward slashes, as it is on the disk. */
  name: string;
  path: string;
  /** The real path of the tenant's folder. */
  root: string;
  size: bigint;
  /**
   * The same for the same content at the same place on the disk, whatever its name: an old file that was only
   * renamed, linked or given other rights is still an old file.
   */
  identity: string;
}

function bySizeAndName(a: FoundFile, b: FoundFile): number {
  if (a.size !== b.size) return a.size < b.size ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

async function findFiles({ artifactsDir, tenantId }: ArtifactFolder, maxEntries: number) {
  const files: FoundFile[] = [];
  const leftOut: LeftOut[] = [];
  const names = createArtifactNames();
  let entries = 0;

  const tenants = await readdir(artifactsDir).catch(() => []);
  for (const tenant of tenants.filter((name) => name.toLowerCase() === tenantId)) {
    const path = join(artifactsDir, tenant);
    if (!(await lstat(path)).isDirectory())
      leftOut.push({ name: tenant, reason: "not a folder but a link", isEvidence: true });
    else await walk({ root: await realpath(path), path: await realpath(path), prefix: "", depth: 0 });
  }
  return { files, leftOut };

  async function walk(at: { root: string; path: string; prefix: string; depth: number }): Promise<void> {
    const found = await readdir(at.path, { withFileTypes: true }).catch(() => undefined);
    if (found === undefined) {
      const name = names.next(at.prefix || ".");
      leftOut.push({ name, reason: "the folder could not be read", isEvidence: true });
      return;
    }
    for (const entry of found) {
      const name = at.prefix + entry.name;
      const path = join(at.path, entry.name);
      entries += 1;
      if (entries > maxEntries) {
        if (entries === maxEntries + 1)
          leftOut.push({
            name: names.next(name),
            reason: `more than ${maxEntries} files; the rest was not looked at`,
            isEvidence: true,
          });
        return;
      }
      if (entry.isDirectory() && at.depth === MAX_DEPTH) {
        const reason = `more than ${MAX_DEPTH} folders deep`;
        leftOut.push({ name: names.next(name), reason, isEvidence: true });
      } else if (entry.isDirectory()) {
        await walk({ root: at.root, path, prefix: `${name}/`, depth: at.depth + 1 });
      } else if (entry.isFile()) {
        const stats = await lstat(path, { bigint: true }).catch(() => undefined);
        if (stats === undefined) continue;
        const identity = [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(":");
        files.push({ name, path, root: at.root, size: stats.size, identity });
      } else {
        leftOut.push({
          name: names.next(name),
          reason: entry.isSymbolicLink() ? "a link" : "not a plain file",
          // Not a folder called "latest", for instance.
          isEvidence: /\.json$/i.test(entry.name),
        });
      }
    }
  }
}

type Copy =
  | {
      kind: "copied";
      path: string;
      sizeBytes: number;
      sha256: string /** What is not in it. */;
      note?: string;
    }
  | ({ kind: "left out" } & Omit<LeftOut, "name">);

async function copyArtifact(
  file: FoundFile,
  { to, maxBytes }: { to: string; maxBytes: number },
): Promise<Copy> {
  if (looksLikeTokenFile(file.name))
    return leaveOut("its name is that of a token file", { isEvidence: false });

  let source: FileHandle | undefined;
  try {
    // Not blocking: opening a FIFO, which may have taken the file's place, would wait for its writer for ever.
    // Windows has neither flag, nor FIFOs, and needs rights that scripts lack for making links.
    source = await open(
      file.path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const stats = await source.stat();
    if (!stats.isFile()) return leaveOut("not a plain file");
    if (stats.nlink > 1) return leaveOut("the file has a second name elsewhere (hard link)");
    // O_NOFOLLOW looks at the last part of the path only.
    if (!(await realpath(file.path)).startsWith(file.root + sep))
      return leaveOut("outside the tenant's folder");
    return await copyFrom(source, { to, maxBytes });
  } catch (error) {
    return leaveOut(`could not be read (${errorCode(error)})`);
  } finally {
    await source?.close();
  }
}

/** In pieces, so that neither memory nor the event loop notices a large file. */
async function copyFrom(
  source: FileHandle,
  { to, maxBytes }: { to: string; maxBytes: number },
): Promise<Copy> {
  const hash = createHash("sha256");
  const tokens = createTokenScanner();
  let sizeBytes = 0;
  let suspicion: Suspicion = "none";
  let refusal: string | undefined;

  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const target = await open(to, "wx", 0o600);
  try {
    const buffer = Buffer.allocUnsafe(MIB);
    while (refusal === undefined) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      sizeBytes += bytesRead;
      // Counted here and not before: somebody may still be writing.
      if (sizeBytes > maxBytes) refusal = `more than the ${maxBytes} bytes that were left for it`;
      else suspicion = tokens.scan(chunk);
      if (suspicion === "secret") refusal = HOLDS_SECRET;
      hash.update(chunk);
      await target.writeFile(chunk);
    }
  } finally {
    await target.close();
    if (refusal !== undefined) await rm(to, { force: true });
  }
  if (refusal !== undefined) return leaveOut(refusal, { isEvidence: refusal !== HOLDS_SECRET });
  if (suspicion === "look-alike") return cleanCopy(to);
  return { kind: "copied", path: to, sizeBytes, sha256: hash.digest("hex") };
}
const HOLDS_SECRET = "it holds a token or a secret";

/** Takes what looks like a token out of a copy that was made already. */
async function cleanCopy(path: string): Promise<Copy> {
  const cleaned = withoutLookAlikes(await readFile(path));
  if (cleaned === undefined) {
    await rm(path, { force: true });
    // Whoever can name an inbox rule can make it so.
    return leaveOut(HOLDS_SECRET, { isEvidence: true });
  }
  await writeFile(path, cleaned, { mode: 0o600 });
  const sha256 = createHash("sha256").update(cleaned).digest("hex");
  const note = "what looks like a token or a key was taken out of it; the rest is as it was";
  return { kind: "copied", path, sizeBytes: cleaned.length, sha256, note };
}

function leaveOut(reason: string, { isEvidence = true } = {}): Copy {
  return { kind: "left out", reason, isEvidence };
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

interface ManifestOptions {
  caseFolder: string;
  tenantId: string;
  entry: Entry;
  ending: ScriptEnding;
  artifacts: Artifact[];
  leftOut: LeftOut[];
  now?: () => number;
}

/** Writes `<caseFolder>/manifest.json`, whole or not at all. */
export async function writeManifest({
  caseFolder,
  tenantId,
  entry,
  ending,
  artifacts,
  leftOut,
  now = Date.now,
}: ManifestOptions): Promise<void> {
  const manifest = {
    schema: "breach-check/manifest@1",
    created: new Date(now()).toISOString(),
    tenantId,
    entry,
    ending,
    files: artifacts.map(({ name, sizeBytes, sha256 }) => ({ name, size_bytes: sizeBytes, sha256 })),
    leftOut: leftOut.map(({ name, reason }) => ({ name, reason })),
  };
  const path = join(caseFolder, "manifest.json");
  await writeFile(`${path}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
